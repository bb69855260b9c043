/** The app: what the parts of it tell one another. */

import { Dock } from "./dock";
import { h } from "./dom";
import { Hover } from "./hover";
import { guard } from "./keys";
import { Layout } from "./layout";
import { MapView } from "./map";
import type { FilterAsked, Opened, Selected, State } from "./messages";
import { openColourControl } from "./page/colour_control";
import { showExport, showReviewer } from "./page/field_dialog";
import { openFilterBar } from "./page/filter_bar";
import { openHeader } from "./page/header";
import { showHelp } from "./page/help";
import { openKeyboard } from "./page/keyboard";
import { Overlay } from "./page/overlay";
import { onTheme } from "./page/theme";
import { evidencePanel } from "./panels/evidence";
import { labelsPanel } from "./panels/labels";
import { pairsPanel } from "./panels/pairs";
import { progressPanel } from "./panels/progress";
import { relationsPanel } from "./panels/relations";
import { onPreferences } from "./preferences";
import { Selection } from "./selection";
import { openMapFeed } from "./state/map_feed";
import { openPictures } from "./state/pictures";
import { Status } from "./status";
import { still } from "./still";
import { recall, remember } from "./store";
import { Wire, type Model } from "./wire";
import { showBulkReview } from "./worklist/bulk_review";
import { openWorklist } from "./worklist/worklist";

const LOST_MS = 6000;
const N_SIMILAR = 50;
const REVIEWER = "reviewer";
const ASKED = "reviewer.asked";
const LOOKING = "Looking for labels that look wrong";
const LAYING = "Laying out the items";
const ON_THE_WAY = ["predictions", "findings", "suggestions"]; // to the worklist
const OVER = ["failed", "cancelled", "skipped"];
/**
 * Events between the app and the front end around it, where that hears them: see names.ts of the JupyterLab extension.
 */
const STILL = "labelscope:still";
const GONE = "labelscope:gone";
const AGAIN = "labelscope:again";

/** Show the app; returns the function that closes it. */
export function openApp(model: Model, host: HTMLElement): () => void {
  const title = (model.get("_title") as string) || "Data set";
  const readOnly = (model.get("_read_only") as string | undefined) ?? ""; // why nothing can be changed here
  const known = { worklist: 0, decisions: 0, pairs: 0 };
  let state: State | null = null;
  let facts: Opened | null = null;
  let row = -1;
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
    query: text => selection.put({ by: "query", text }),
    find,
    drop: key => void selection.drop(key).then(() => back()),
    negate: key => void selection.negate(key).then(() => back()),
    clear: () => void selection.clear().then(() => back()),
    done: () => back(true),
  });
  const colour = openColourControl(find, () => void feed.recolour());
  const map = new MapView(
    {
      lasso: (polygon, mode) => void selection.lasso(polygon, mode).then(() => back()),
      brush: (stroke, radius, mode) => void selection.brush(stroke, radius, mode).then(() => back()),
      pick: of => put({ by: "item", row: of }),
      query: text => put({ by: "query", text }),
      hover: of => hover.describe(of),
      look: bounds => void feed.look(bounds),
    },
    colour.element,
  );
  const feed = openMapFeed(wire, map, colour, fail);
  const work = openWorklist(
    wire,
    {
      say,
      searched: words => void feed.find(words),
      at(entry, blind) {
        row = entry?.row ?? -1;
        map.point(row);
        evidence.about(entry, blind);
        dock.hear("entry");
      },
      estimate: () => dock.show(progress),
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
    },
    { readOnly: readOnly !== "", image: pictures.image },
  );
  const evidence = evidencePanel(wire, { images: () => Boolean(facts?.image), put, image: pictures.image });
  const progress = progressPanel(wire, {
    say,
    judge() {
      work.show("audit");
      back(true);
    },
  });
  const panels = [
    evidence,
    labelsPanel(wire, { put, colour: (label, name) => colour.byLabel(label, name) }),
    pairsPanel(wire, put),
    relationsPanel(wire, put, text => say(text, "error")),
    progress,
  ];
  const dock = new Dock(panels, `layout.${title}`);
  const root = h("div", {
    role: "application",
    "aria-label": "Labelscope explorer",
    class: "ls-root",
    tabindex: 0,
    style: `height:${Number(model.get("_height")) || 720}px`,
  });
  const overlay = new Overlay(root, () => back(true));
  const layout = new Layout(
    root,
    { map: map.element, dock: dock.element, work: work.element, evidence: evidence.element },
    `layout.${title}`,
    wide => dock.setApart(wide ? evidence : null),
  );
  const asks = {
    exporting,
    help,
    cancel: () => void wire.request("cancel", {}).catch(fail),
    run: () => void wire.request("run", {}).catch(fail),
    reviewer: () => facts && showReviewer(overlay, state?.reviewer ?? facts.reviewer, rename),
    rename,
    answered: () => back(true),
  };
  const header = openHeader(title, asks, filters, layout.full);
  const { back, listen } = openKeyboard({
    work,
    selection,
    filters,
    map,
    overlay,
    readOnly,
    say,
    help,
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
    if (body.guessed) void introduce(body.reviewer);
    if (feed.open(body, buffers)) await drawn(); // first the points, then everything else
    ready = true;
    if (state) follow(state);
    await wire.refresh();
    await work.reload();
    const active = document.activeElement;
    if (root.offsetParent && (!active || active === document.body)) back(); // the table was just opened by a click
    dock.begin();
  }

  /** A state was pushed. */
  function take(now: State): void {
    state = now;
    header.state.value = now;
    if (now.reviewer) header.reviewer.value = now.reviewer;
    status.stages(now);
    work.counts.value = now.counts;
    work.changes.value = { news: now.news, status: now.stages.find(of => of.name === "suggestions")?.status };
    explain(now);
    if (ready) follow(now);
  }

  /** Fetch what is newer than what is shown. */
  function follow({ versions }: State): void {
    void feed.follow(versions.map);
    if (versions.selection > selection.version) void selection.fetch();
    const newer = (what: keyof typeof known) => {
      const before = known[what];
      known[what] = Math.max(before, versions[what]);
      return versions[what] > before;
    };
    if (newer("pairs")) dock.hear("pairs");
    if (newer("worklist")) {
      feed.decided();
      dock.hear("worklist");
      if (work.turn()) void work.reload(); // else it is on its way
    } else if (versions.decisions > work.known()) {
      hover.forget();
      void work.follow(versions.decisions);
    }
    if (newer("decisions")) {
      dock.hear("decisions");
      feed.decided();
    }
    const shown = drawing();
    if (shown === pictured) return;
    pictured = shown;
    root.dispatchEvent(new CustomEvent(STILL, { detail: picture, bubbles: true }));
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
    const { body } = await wire.request("still", {});
    fetched = shown;
    return body.data;
  }

  /** What the empty parts of the app say. */
  function explain({ stages, versions, running }: State): void {
    const first = stages.find(of => of.name === "first_map");
    if (!versions.map) {
      if (first?.status === "failed") map.say(first.error, "error");
      else if (first?.status === "cancelled") map.say("The map was cancelled.");
      else if (first?.status === "skipped") map.say(first.error);
      else map.say(LAYING, "loading");
    }
    const problem = stages.find(of => ON_THE_WAY.includes(of.name) && OVER.includes(of.status));
    const coming = !versions.worklist && !problem && running;
    work.expect(coming ? LOOKING : "", problem ? problem.error || "The search for wrong labels was cancelled." : "");
  }

  function selected(body: Selected, mask: Uint8Array | null): void {
    map.select(mask);
    filters.filters.value = body.filters;
    filters.selected.value = body.count;
    dock.hear("selection");
    void work.select(body.count, body.counts);
  }

  function decided(): void {
    hover.forget();
    feed.decided();
  }

  function help(): void {
    showHelp(overlay, { readOnly: readOnly !== "", changed: work.rename });
  }

  function exporting(): void {
    if (!facts) return;
    showExport(overlay, facts.export_path, state?.counts.changed ?? 0, async path => {
      try {
        const { body } = await wire.request("export", { path });
        facts!.export_path = path;
        say(body.summary, "good");
        return true;
      } catch (error) {
        fail(error as Error);
        return false;
      }
    });
  }

  /** The name was guessed: take the one that was given here before, or ask for it, once. */
  async function introduce(guess: string): Promise<void> {
    const before = recall(REVIEWER, "");
    if (before) return void (before !== guess && (await rename(before)));
    if (!recall(ASKED, false)) header.asked.value = { guess, over: () => remember(ASKED, true) };
  }

  async function rename(name: string): Promise<boolean> {
    try {
      const { reviewer } = (await wire.request("rename", { name })).body;
      remember(REVIEWER, reviewer);
      header.reviewer.value = reviewer;
      say(`Decisions are recorded under “${reviewer}”`, "good");
      return true;
    } catch (error) {
      fail(error as Error);
      return false;
    }
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
    const { element, close } = still(model);
    closing.push(close);
    wire.close();
    header.lost.value = true;
    layout.element.replaceWith(element);
    say("Not connected to a kernel");
  }

  return () => {
    for (const close of closing) close();
    if (facts) wire.request("leave", { view: wire.prefix }).catch(() => {});
    for (const part of [wire, feed, map, work, pictures, dock, layout, header]) part.close();
    root.remove();
  };
}

/** Once the next frame is painted (soon, where the page is not in sight and has no frames). */
function drawn(): Promise<void> {
  return new Promise(done => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 250);
  });
}
