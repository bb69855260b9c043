/** The app: what the parts of it tell one another. */

import { signal } from "@preact/signals";
import { TabPanel, type View } from "./tab_panel";
import { h } from "./dom";
import { showNewLabel } from "./growing/new_label";
import { Hover } from "./hover";
import { guard } from "./keys";
import { Layout } from "./layout";
import { MapView } from "./map";
import type { Place } from "./map_places";
import type {
  Bulk,
  Entry,
  FilterAsked,
  GroupShown,
  HealthFix,
  Opened,
  RuleRow,
  Selected,
  StageReport,
  State,
} from "./messages";
import { openColourControl } from "./page/colour_control";
import { showCommandBar } from "./page/command_bar";
import { commands } from "./page/commands";
import { showGroupName, showReviewer } from "./page/field_dialog";
import { openFiles } from "./page/files";
import { openFilterBar } from "./page/filter_bar";
import { openHeader } from "./page/header";
import { showHelp } from "./page/help";
import { showJoin } from "./page/join_dialog";
import { openKeyboard } from "./page/keyboard";
import { Overlay } from "./page/overlay";
import { showRule } from "./page/rule_dialog";
import { onTheme } from "./page/theme";
import { evidencePanel } from "./panels/evidence";
import { showLabelPage } from "./panels/label_page";
import { groupsPanel } from "./panels/groups";
import { healthPanel } from "./panels/health";
import { labelsPanel } from "./panels/labels";
import { pairsPanel } from "./panels/pairs";
import { progressPanel } from "./panels/progress";
import { modelsPanel } from "./panels/models";
import { ratersPanel } from "./panels/raters";
import { relationsPanel } from "./panels/relations";
import { rulesPanel } from "./panels/rules";
import { sourcesPanel } from "./panels/sources";
import { onPreferences, visited } from "./preferences";
import { Selection } from "./selection";
import { openMapFeed } from "./state/map_feed";
import { openPictures } from "./state/pictures";
import { Status } from "./status";
import { offlineView } from "./offline_view";
import { recall, remember } from "./store";
import { Wire, type Model } from "./wire";
import { showAskJudge } from "./worklist/ask_dialog";
import { BULK, showBulkChange } from "./worklist/bulk_change";
import { showBulkReview } from "./worklist/bulk_review";
import { openFocusMode } from "./worklist/focus_mode";
import { openGridMode } from "./worklist/grid_mode";
import { showReasons } from "./worklist/reasons_dialog";
import { openWorklist } from "./worklist/worklist";

const LOST_MS = 6000;
const N_SIMILAR = 50;
const REVIEWER = "reviewer";
const LABEL_PAGE = "Label page";
const LOOKING = "Looking for labels that look wrong";
const LAYING = "Laying out the items";
const ON_THE_WAY = ["predictions", "findings", "suggestions"]; // to the worklist
const OVER = ["failed", "cancelled", "skipped"];
/**
 * Events between the app and the front end around it, where that hears them: see names.ts of the JupyterLab extension.
 */
const STATIC_VIEW = "labelscope:static-view";
const GONE = "labelscope:gone";
const AGAIN = "labelscope:again";

/** Show the app; returns the function that closes it. */
export function openApp(model: Model, host: HTMLElement): () => void {
  const title = (model.get("_title") as string) || "Data set";
  const readOnly = (model.get("_read_only") as string | undefined) ?? ""; // why nothing can be changed here
  const absent = (model.get("_absent") as string[] | undefined) ?? []; // tabs and dialogs that a copy has nothing for
  const known = { worklist: 0, decisions: 0, pairs: 0, voters: 0, health: 0, groups: 0 };
  let state: State | null = null;
  let facts: Opened | null = null;
  const grouping = signal<StageReport | undefined>(undefined); // how far the search for novel groups is
  let row = -1;
  let current: Entry | null = null;
  let slow = false;
  let dead = false; // whether the kernel is gone
  let ready = false;
  let pictured = ""; // what the saved picture shows, or will soon
  let fetched = "";

  const status = new Status();
  const say = (text: string, kind: "" | "good" | "error" = "") => status.say(text, kind);
  const fail = (error: Error) => say(error.message, "error");
  const wire = new Wire(model);
  const pictures = openPictures(wire);
  const hover = new Hover(wire, pictures.image);
  const selection = new Selection(wire, { say, changed: selected });
  const put = (asked: FilterAsked) => void selection.put(asked).then(() => back());
  const find = async (query: string) => (await wire.request("labels", { query, row: -1 })).body.labels;
  const filters = openFilterBar({
    query: ask,
    find,
    drop: key => void selection.drop(key).then(() => back()),
    negate: key => void selection.negate(key).then(() => back()),
    clear: () => void selection.clear().then(() => back()),
    bulk,
    ...(!readOnly && { rule: query => writeRule(null, query), label: () => newLabel() }),
    done: () => back(true),
  });
  const colour = openColourControl(find, () => void feed.recolour(), `colour.${title}`);
  const map = new MapView(
    {
      lasso: (polygon, mode) => void selection.lasso(polygon, mode).then(() => back()),
      brush: (stroke, radius, mode) => void selection.brush(stroke, radius, mode).then(() => back()),
      pick: of => put({ by: "item", row: of }),
      query: text => put({ by: "query", text }),
      hover: of => hover.describe(of),
      look: bounds => void feed.look(bounds),
      choose,
      image: pictures.image,
    },
    colour.element,
    `names.${title}`,
  );
  const feed = openMapFeed(wire, map, colour, fail);
  const work = openWorklist(
    wire,
    {
      say,
      searched: words => void feed.find(words),
      at(entry, blind) {
        focusMode.follow();
        row = entry?.row ?? -1;
        current = entry;
        map.point(row);
        evidence.about(entry, blind);
        tabPanel.markStale("entry");
      },
      estimate: () => tabPanel.show(progress),
      grid: () => gridMode.toggle(),
      large: () => focusMode.toggle(true),
      decided,
      batch: (listing, current) =>
        showBulkReview(overlay, wire, {
          listing,
          current,
          done(words, decisions) {
            say(words, "good");
            void work.batched(decisions);
          },
        }),
      votersFile: what => files.voters(what),
      ask: listing => showAskJudge(overlay, wire, listing),
    },
    { readOnly: readOnly !== "", image: pictures.image, store: `place.${title}` },
  );
  const evidence = evidencePanel(wire, {
    images: () => Boolean(facts?.image),
    votes: readOnly === "",
    put,
    image: pictures.image,
  });
  const progress = progressPanel(wire, {
    say,
    unlike() {
      work.show("unlike");
      back(true);
    },
    judge() {
      work.show("audit");
      back(true);
    },
  });
  const groups = absent.includes("Novel groups")
    ? undefined
    : groupsPanel(wire, {
        image: pictures.image,
        say,
        list: asked => void listAlone(asked),
        stage: grouping,
        ...(!readOnly && {
          change: {
            find: () => findGroups(),
            cancel: () => asks.cancel(),
            accept: group => void acceptGroup(group).catch(fail),
            name: ({ name }, take) =>
              showGroupName(overlay, name, async words => {
                const taken = await take(words);
                if (taken) setTimeout(() => groups!.focus());
                return taken;
              }),
          },
        }),
      });
  const panels = [
    evidence,
    labelsPanel(wire, {
      put,
      suggested(label, action) {
        work.begin();
        put({ by: "suggested", label, action });
      },
      colour: (label, name) => colour.byLabel(label, name),
      ...(!absent.includes(LABEL_PAGE) && { page: labelPage }),
      ...(!readOnly && { create: () => newLabel() }),
      groups: groups && (() => tabPanel.show(groups)),
    }),
    pairsPanel(wire, put),
    relationsPanel(wire, put, text => say(text, "error")),
    progress, // before the tabs of health, models, sources and voters: what does not fit goes into More
    ...(absent.includes("Health")
      ? []
      : [
          healthPanel(wire, {
            list,
            label: absent.includes(LABEL_PAGE) ? label => put({ by: "label", label, state: 1 }) : labelPage,
            mend,
            stage: () => state?.stages.find(of => of.name === "health"),
          }),
        ]),
    ...(groups ? [groups] : []),
    ...(absent.includes("Models") ? [] : [modelsPanel(wire, list)]),
    sourcesPanel(wire, { list, redact: readOnly ? null : () => exporting(true) }),
    ...(absent.includes("Raters")
      ? []
      : [
          ratersPanel(
            wire,
            readOnly ? null : { list, queue: name => work.show(name), file: what => files.voters(what) },
          ),
        ]),
    ...(absent.includes("Rules")
      ? []
      : [
          rulesPanel(
            wire,
            readOnly ? null : { put: list, say, write: writeRule, file: (way, path) => files.rules(way, path) },
          ),
        ]),
  ];
  const tabPanel = new TabPanel(panels, `layout.${title}`);
  const root = h("div", {
    role: "application",
    "aria-label": "Labelscope explorer",
    class: "ls-root",
    tabindex: 0,
    style: `height:${Number(model.get("_height")) || 720}px`,
  });
  const overlay = new Overlay(root, () => back(true));
  const files = openFiles(wire, overlay, say);
  const layout = new Layout(
    root,
    { map: map.element, tabPanel: tabPanel.element, work: work.element, evidence: evidence.element },
    `layout.${title}`,
    wide => tabPanel.setApart(wide ? evidence : null),
  );
  const lend = (place: HTMLElement | null) => {
    tabPanel.setApart(place ? evidence : null);
    if (place) place.append(evidence.element);
    else layout.refit();
  };
  const focusMode = openFocusMode({ work, card: work.card, picture: pictures.large, lend, closed: () => back(true) });
  const gridMode = openGridMode({ wire, work, say, closed: () => back(true) });
  layout.element.append(focusMode.element, gridMode.element);
  const asks = {
    exporting: () => exporting(),
    help,
    command,
    cancel: () => void wire.request("cancel", {}).catch(fail),
    run: () => void wire.request("run", {}).catch(fail),
    reviewer: () => facts && showReviewer(overlay, state?.reviewer ?? facts.reviewer, rename),
  };
  const header = openHeader(title, asks, filters, layout.full);
  const { back, listen, act } = openKeyboard({
    work,
    selection,
    filters,
    map,
    overlay,
    focusMode,
    gridMode,
    readOnly,
    say,
    help,
    command,
    page() {
      const of = current?.chips.find(({ label }) => label === current!.label) ?? current?.chips[0];
      if (of && !absent.includes(LABEL_PAGE)) labelPage(of.label, of.name);
    },
    reasons: () => work.after(() => showReasons(overlay, wire, reasoned)),
    similar: () => row >= 0 && put({ by: "similar", row, k: N_SIMILAR }),
    isDead: () => dead,
  });
  listen(root);
  root.prepend(header.element, layout.element, status.element);
  host.append(root);
  root.addEventListener(GONE, gone);
  const closing = [
    guard(root),
    onTheme(() => root.classList.toggle("ls-dark", map.restyle())),
    onPreferences(() => {
      work.rename();
      map.restyle();
    }),
  ];
  wire.onstate = take;
  wire.onwait = waited;
  void start().catch(fail);

  async function start(): Promise<void> {
    map.say(LAYING, "loading");
    work.expect(LOOKING, "");
    const { body, buffers } = await wire.request("open", { view: wire.prefix });
    facts = body;
    hover.images = body.image;
    selection.describe(body.n_items);
    header.size.value = [body.n_items, body.n_labels];
    header.reviewer.value = body.reviewer;
    work.oracle.value = body.judge;
    if (body.guessed) void introduce(body.reviewer);
    if (feed.open(body, buffers)) await drawn(); // first the points, then everything else
    ready = true;
    if (state) follow(state);
    await wire.refresh();
    const why = noSuggestions();
    if (why) {
      say(why);
      work.show("all");
    } else await work.reload();
    const active = document.activeElement;
    if (root.offsetParent && (!active || active === document.body)) back(); // the table was just opened by a click
    tabPanel.begin();
  }

  /** Why there will be no suggestions, where the list of them would be the first that a person sees; or "". */
  function noSuggestions(): string {
    if (!state || state.versions.worklist || work.queue.value !== "pending") return "";
    return stopped(state, ["skipped"])?.error ?? "";
  }

  /** A state was pushed. */
  function take(now: State): void {
    if (measuring(now) !== measuring(state)) tabPanel.markStale("health");
    grouping.value = now.stages.find(of => of.name === "novel_labels");
    state = now;
    header.state.value = now;
    if (now.reviewer) header.reviewer.value = now.reviewer;
    if (facts) header.size.value = [facts.n_items, now.n_labels];
    status.stages(now);
    work.counts.value = now.counts;
    work.changes.value = {
      since: now.since_suggestions,
      status: now.stages.find(of => of.name === "suggestions")?.status,
    };
    work.asking.value = now.asking;
    explain(now);
    if (ready) follow(now);
  }

  /** Fetch what is newer than what is shown. */
  function follow({ versions, running }: State): void {
    void feed.follow(versions.map);
    if (!running) void feed.name([versions.map, versions.worklist, versions.groups].join()).catch(fail);
    if (versions.selection > selection.version) void selection.fetch();
    const newer = (what: keyof typeof known) => {
      const before = known[what];
      known[what] = Math.max(before, versions[what]);
      return versions[what] > before;
    };
    if (newer("pairs")) tabPanel.markStale("pairs");
    if (newer("voters")) tabPanel.markStale("voters");
    if (newer("health")) tabPanel.markStale("health");
    if (newer("groups")) tabPanel.markStale("groups");
    if (newer("worklist")) {
      feed.decided();
      tabPanel.markStale("worklist");
      if (work.turn()) void work.reload(); // else it is on its way
    } else if (versions.decisions > work.known()) {
      hover.forget();
      void work.follow(versions.decisions);
    }
    if (newer("decisions")) {
      tabPanel.markStale("decisions");
      feed.decided();
    }
    const shown = drawing();
    if (shown === pictured) return;
    pictured = shown;
    root.dispatchEvent(new CustomEvent(STATIC_VIEW, { detail: picture, bubbles: true }));
  }

  /** What a picture of the app would show. */
  function drawing(): string {
    const { map: placed, worklist, decisions } = state!.versions;
    return [placed, worklist, Math.max(decisions, work.known())].join();
  }

  /** What is saved with a notebook, with the decisions under way; null where it was fetched before. */
  async function picture(): Promise<Record<string, unknown> | null> {
    await work.written();
    const shown = drawing();
    if (shown === fetched) return null;
    const { body } = await wire.request("static_view", {});
    fetched = shown;
    return body.data;
  }

  /** What the empty parts of the app say. */
  function explain(now: State): void {
    const { stages, versions, running } = now;
    const first = stages.find(of => of.name === "first_map");
    if (!versions.map) {
      if (first?.status === "failed") map.say(first.error, "error");
      else if (first?.status === "cancelled") map.say("The map was cancelled.");
      else if (first?.status === "skipped") map.say(first.error);
      else map.say(LAYING, "loading");
    }
    const problem = stopped(now, OVER);
    const coming = !versions.worklist && !problem && running;
    work.expect(coming ? LOOKING : "", problem ? problem.error || "The search for wrong labels was cancelled." : "");
  }

  function selected(body: Selected, mask: Uint8Array | null): void {
    map.select(mask);
    filters.filters.value = body.filters;
    filters.selected.value = body.count;
    tabPanel.markStale("selection");
    void work.select(
      body.count,
      body.counts,
      body.filters.some(filter => filter.cells),
    );
  }

  function decided(): void {
    hover.forget();
    feed.decided();
  }

  function help(): void {
    showHelp(overlay, { readOnly: readOnly !== "", changed: work.rename });
  }

  async function ask(query: string): Promise<void> {
    await selection.ask({ by: "query", text: query });
    visited(title, { name: query, query });
  }

  function command(): void {
    const views = panels.map(view => ({ name: view.name, show: () => open(view) }));
    const votersFiles: [string, () => void][] = [
      ["Export votes wanted", () => files.voters("wanted")],
      ["Export soft labels", () => files.voters("soft")],
    ];
    const others: [string, () => void][] = readOnly
      ? []
      : [
          ["Accept the rest of this list, by a sample", () => work.unseen.draw(null)],
          ["Export the corrected labels", () => exporting()],
          ["Export without personal data", () => exporting(true)],
          ["New label", () => newLabel()],
          ["Join another data set", () => showJoin(overlay, wire, say)],
          ["Find novel groups", findGroups],
          ["New rule", () => writeRule(null)],
          ...(work.counts.value?.ask_next === 0 ? [] : votersFiles),
          ["Your name", asks.reviewer],
          ["Update suggestions", () => void work.reconsider()],
          ...BULK.map(([what, name]): [string, () => void] => [`Selection: ${name}`, () => bulk(what)]),
        ];
    const clear = async () => void (selection.active && (await selection.clear()));
    const onMap = [
      { name: "Show or hide the names on the map", run: map.names.toggle },
      ...map.names.all().map(place => ({ name: place.title.replace(/ Click .*/, ""), run: () => choose(place) })),
    ];
    const parts = { wire, work, onMap, title, readOnly: readOnly !== "", find, ask, clear, act, others, views };
    showCommandBar(overlay, commands({ ...parts, filters: () => filters.filters.value }));
  }

  function bulk(what: Bulk): void {
    const done = (words: string, decisions: number) => {
      say(words, "good");
      void work.batched(decisions);
    };
    showBulkChange(overlay, wire, { do: what, find, done });
  }

  /** What a rule votes on, as a list of all its cells. */
  function list(asked: FilterAsked): void {
    work.show("all");
    put(asked);
  }

  /** The same, of all items: what was selected before is not meant. */
  async function listAlone(asked: FilterAsked): Promise<void> {
    if (selection.active) await selection.clear();
    list(asked);
  }

  /** A name on the map: the cells of a hot spot are listed, the items of a region or a group selected. */
  function choose({ kind, asked }: Place): void {
    if (kind === "spot") void listAlone(asked);
    else put(asked);
  }

  function labelPage(label: number, name: string): void {
    showLabelPage(overlay, wire, {
      label,
      name,
      put: asked => void listAlone(asked),
      image: pictures.image,
      say,
      readOnly: readOnly !== "",
    });
  }

  /** Show a tab to somebody who came by keys. */
  function open(view: View): void {
    tabPanel.show(view);
    view.focus?.();
  }

  function findGroups(): void {
    open(groups!);
    void wire.request("groups_find", {}).catch(fail);
  }

  /** A new label out of a group: its items are selected, and what is known of it is a proposal. */
  async function acceptGroup({ key, name, words }: GroupShown): Promise<void> {
    if (selection.active) await selection.clear();
    await selection.put({ by: "group", key });
    newLabel("", words.join(", "), name);
  }

  /** Make a label; one that is there already goes on growing. */
  function newLabel(name = "", description = "", proposed = ""): void {
    const selected = filters.selected.value ?? 0;
    const texts = Boolean(facts?.text);
    showNewLabel(overlay, wire, { name, proposed, description, selected, texts, image: pictures.image, say });
  }

  /** What mends a finding of the tab Health, where it can be done here. */
  function mend({ queue, tab }: HealthFix): (() => void) | null {
    if (readOnly && (queue || tab === "Progress")) return null; // nobody works through a queue, or audits, in a copy
    const view = panels.find(({ name }) => name === tab);
    if (view) return () => tabPanel.show(view);
    if (!queue) return null;
    return () => {
      work.show(queue);
      back(true);
    };
  }

  function writeRule(rule: RuleRow | null, query = ""): void {
    showRule(overlay, wire, { rule, query, find, say });
  }

  function reasoned(reason: string): void {
    say(`Reason: ${reason}`, "good");
    void work.refresh(work.known());
    decided();
    tabPanel.markStale("decisions");
  }

  function exporting(redact = false): void {
    if (facts) files.labels(facts, state?.counts.changed ?? 0, redact);
  }

  /** The name is that of the account: take the one that was given here before, if there is one. */
  async function introduce(account: string): Promise<void> {
    const before = recall(REVIEWER, "");
    if (before && before !== account) await rename(before);
  }

  async function rename(name: string): Promise<boolean> {
    return files.tried(async () => {
      const { reviewer } = (await wire.request("rename", { name })).body;
      remember(REVIEWER, reviewer);
      header.reviewer.value = reviewer;
      return `Decisions are recorded under “${reviewer}”`;
    });
  }

  /** The kernel is gone: say so, and take the keys out of use. */
  function gone(): void {
    if (dead) return;
    dead = true;
    wire.close();
    root.classList.add("ls-gone");
    layout.element.inert = true;
    header.again.value = () => root.dispatchEvent(new CustomEvent(AGAIN, { bubbles: true }));
    say("The kernel has stopped", "error");
    status.idle();
  }

  function waited(ms: number): void {
    if (ms > LOST_MS && !facts) return lost();
    if (ms > 0 === slow) return;
    slow = ms > 0;
    root.classList.toggle("ls-slow", slow);
    status.waiting(slow);
  }

  /** Nobody answers (a saved notebook): show the picture that was saved. */
  function lost(): void {
    const { element, close } = offlineView(model);
    closing.push(close);
    wire.close();
    header.lost.value = true;
    layout.element.replaceWith(element);
    say("Not connected to a kernel");
  }

  return () => {
    for (const close of closing) close();
    if (facts) wire.request("leave", { view: wire.prefix }).catch(() => {});
    for (const part of [wire, feed, map, focusMode, gridMode, work, pictures, tabPanel, layout, header]) part.close();
    root.remove();
  };
}

/** The first of the stages on the way to the worklist that ended in one of these ways. */
function stopped({ stages }: State, ways: string[]) {
  return stages.find(of => ON_THE_WAY.includes(of.name) && ways.includes(of.status));
}

/** How far the stage of health is; a change of it is told in its tab. */
function measuring(state: State | null): string | undefined {
  return state?.stages.find(of => of.name === "health")?.status;
}

/** Once the next frame is painted (soon, where the page is not in sight and has no frames). */
function drawn(): Promise<void> {
  return new Promise(done => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 250);
  });
}
