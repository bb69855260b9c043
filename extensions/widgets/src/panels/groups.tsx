/** Groups of items that no label explains: what each is about, and what becomes of it: a label, or nothing. */

import { useState } from "preact/hooks";
import type { Signal } from "@preact/signals";
import { keyName, meaning } from "../keys";
import type { FilterAsked, GroupShown, GroupsShown, StageReport } from "../messages";
import { count, percent, plural } from "../numbers";
import { Icon } from "../page/icon";
import type { View } from "../tab_panel";
import type { Wire } from "../wire";
import { NearPicture } from "./evidence";
import { NameLink } from "./name_link";
import { panel, type Shown } from "./panel";

const ABOUT =
  "Groups of like items that the labels do not explain: each may be a label that is missing. Names are proposals.";
const NONE = "No stable group of items that the labels do not explain was found.";
const STALE = "Labels have changed since: look again to take that into account.";
const STABLE = "when a fifth of the items is left out and groups are looked for again, so much of the group comes back";
const WORKING = ["waiting", "running"];

interface GroupEvents {
  image: (row: number) => Promise<string>;
  say: (text: string, kind?: "" | "good" | "error") => void;
  /** List these, whatever was selected before. */
  list: (asked: FilterAsked) => void;
  /** How far the stage is. */
  stage: Signal<StageReport | undefined>;
  /** Absent where nothing can be changed. */
  change?: {
    find: () => void;
    cancel: () => void;
    /** Make a label of a group. */
    accept: (group: GroupShown) => void;
    /** Ask what a group is to be called, and tell. */
    name: (group: GroupShown, take: (name: string) => Promise<boolean>) => void;
  };
}

interface GroupsView extends View {
  /** The keys are for the list. */
  focus(): void;
}

type Say = (group: GroupShown, what: "dismiss" | "restore" | "name", name?: string) => Promise<boolean>;

export function groupsPanel(wire: Wire, events: GroupEvents): GroupsView {
  let wanted: "" | "panel" | "rows" = ""; // where the focus is to go once that is there
  const focus = () => {
    const find = (which: string) => view.element.querySelector<HTMLElement>(which);
    const row = find('[role="listitem"][tabindex="0"]');
    const first = row ?? find("button");
    if (!wanted || !first?.isConnected) return;
    if (wanted === "rows") {
      // the button that had the focus went with the search for groups, or somebody has gone elsewhere since
      const active = document.activeElement;
      if (active && active !== document.body && !view.element.contains(active)) wanted = "";
      if (!wanted || !row) return;
    }
    wanted = row ? "" : "rows";
    first.focus({ preventScroll: true });
  };
  const Content = ({ got, again }: Shown<GroupsShown>) => {
    const say: Say = async (group, what, name = "") => {
      try {
        await wire.request("group_say", { key: group.key, do: what, name });
        const words = { dismiss: "Dismissed", restore: "Taken up again", name: `Called ${name}` }[what];
        events.say(`${words}: ${group.name}`, "good");
        again();
        return true;
      } catch (error) {
        events.say((error as Error).message, "error");
        return false;
      }
    };
    if (!got) return <p class="ls-note">Loading…</p>;
    return <Groups of={got} events={events} say={say} />;
  };
  const view = panel<GroupsShown>({
    name: "Novel groups",
    needs: ["groups", "decisions"],
    fetch: async () => (await wire.request("groups", {})).body,
    Content,
  });
  return {
    ...view,
    refresh: () => view.refresh().then(focus),
    focus() {
      wanted = "panel";
      focus();
    },
  };
}

function Groups({ of, events, say }: { of: GroupsShown; events: GroupEvents; say: Say }) {
  const [all, showAll] = useState(false);
  const [current, setCurrent] = useState("");
  const dismissed = of.groups.filter(({ state }) => state === "dismissed").length;
  const shown = of.groups.filter(({ state }) => all || state !== "dismissed");
  const at = Math.max(
    0,
    shown.findIndex(({ key }) => key === current),
  );
  const { change } = events;
  const show = ({ key }: GroupShown) => events.list({ by: "group", key });
  const name = (group: GroupShown) => change?.name(group, words => say(group, "name", words));
  const turn = (group: GroupShown) => {
    void say(group, group.state === "dismissed" ? "restore" : "dismiss");
  };
  const press = (event: KeyboardEvent) => {
    const list = event.currentTarget as HTMLElement;
    const group = shown[at];
    const go = (step: number) => {
      const to = shown[at + step];
      if (!to) return false;
      setCurrent(to.key);
      list.querySelectorAll<HTMLElement>('[role="listitem"]')[at + step]!.focus();
      return true;
    };
    const leave = () => {
      // the row will be gone, and its keys with it
      if (!all && group!.state !== "dismissed" && !go(1) && !go(-1)) list.focus();
      turn(group!);
    };
    const acts: Partial<Record<string, () => void>> = {
      next: () => go(1),
      previous: () => go(-1),
      ...(change &&
        group && {
          accept: () => group.state === "open" && change.accept(group),
          reject: leave,
          edit: () => name(group),
        }),
    };
    const onRow = (event.target as Element).matches('[role="listitem"]');
    const act = event.key === "Enter" ? onRow && group && (() => show(group)) : acts[meaning(event)?.action ?? ""];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <>
      <Head of={of} events={events} />
      <div class="ls-rows ls-novel-list" role="list" aria-label="Novel groups" tabIndex={-1} onKeyDown={press}>
        <Notes of={of} events={events} />
        {shown.map((group, i) => (
          <Group
            key={group.key}
            of={group}
            images={of.images}
            current={i === at}
            events={events}
            acts={{ choose: () => setCurrent(group.key), show, name, turn }}
          />
        ))}
        {dismissed > 0 && (
          <button type="button" class="ls-link" aria-expanded={all} onClick={() => showAll(!all)}>
            {all ? "Hide the dismissed ones" : `${count(dismissed)} dismissed: show`}
          </button>
        )}
      </div>
    </>
  );
}

/** Looking for groups: how far that is, or a button for it. */
function Head({ of: { found, blocked }, events }: { of: GroupsShown; events: GroupEvents }) {
  const { change, stage } = events;
  if (!change || blocked) return null;
  const now = stage.value;
  const working = now && WORKING.includes(now.status);
  return (
    <div class="ls-view-tools">
      {working ? (
        <>
          <span role="status">
            {now.status === "waiting" ? "Waiting for another stage…" : `Looking for groups… ${percent(now.done)}`}
          </span>
          <progress class="ls-novel-done" aria-label="Looking for groups" max={1} value={now.done} />
          <button type="button" class="ls-button ls-small" onClick={change.cancel}>
            Cancel
          </button>
        </>
      ) : (
        <button
          type="button"
          class={`ls-button ls-small ls-writes ${found ? "" : "ls-primary"}`}
          title="It takes from some seconds to a minute; the review goes on meanwhile"
          onClick={change.find}
        >
          {found ? "Look again" : "Find groups"}
        </button>
      )}
      <span class="ls-gap" />
      {found && (
        <span class="ls-soft ls-novel-keys">
          {`${keyName("accept")} accept · ${keyName("reject")} dismiss · ${keyName("edit")} name · Enter show`}
        </span>
      )}
    </div>
  );
}

/** What there is to say before the list, or in its place. */
function Notes({ of: { found, blocked, stale, alone, groups }, events }: { of: GroupsShown; events: GroupEvents }) {
  const now = events.stage.value;
  const left = groups.filter(({ state }) => state === "open").length;
  const said = !found
    ? blocked || ABOUT
    : groups.length
      ? `${plural(left, "group")} ${left === 1 ? "is" : "are"} open; ${plural(alone, "item")} ` +
        `${alone === 1 ? "is" : "are"} in no group. ${stale ? STALE : "Names are proposals."}`
      : `${NONE}${stale ? ` ${STALE}` : ""}`;
  return (
    <>
      {now?.status === "failed" && <p class="ls-note ls-error">{now.error}</p>}
      {now?.status === "cancelled" && <p class="ls-note">Looking for groups was cancelled.</p>}
      <p class="ls-note">{said}</p>
    </>
  );
}

interface GroupProps {
  of: GroupShown;
  images: boolean;
  current: boolean;
  events: GroupEvents;
  acts: {
    choose: () => void;
    show: (group: GroupShown) => void;
    name: (group: GroupShown) => void;
    turn: (group: GroupShown) => void;
  };
}

function Group({ of, images, current, events: { change, image, list }, acts }: GroupProps) {
  const { name, proposed, words, items, state, label, examples } = of;
  const named = words.filter(word => !name.split(", ").includes(word));
  const button = (words: string, kind: string, title: string, act: () => void) => (
    <button
      type="button"
      class={`ls-button ls-small ls-writes ${kind}`}
      aria-label={`${words}: ${name}`}
      title={title}
      onClick={act}
    >
      {words}
    </button>
  );
  return (
    <div
      class={`ls-novel ls-novel-${state}`}
      role="listitem"
      aria-label={`${name}, ${plural(items, "item")}${state === "open" ? "" : `, ${state}`}`}
      aria-current={current}
      tabIndex={current ? 0 : -1}
      onFocusCapture={acts.choose}
    >
      <div class="ls-novel-head">
        <NameLink title={`Show its ${plural(items, "item")} in the list and on the map`} use={() => acts.show(of)}>
          {name}
        </NameLink>
        <Facts of={of} />
        {change && (
          <span class="ls-novel-acts">
            {state === "open" &&
              button("Accept", "ls-accept", `Make a label of it (${keyName("accept")})`, () => change.accept(of))}
            {button("Name", "", `Call it otherwise (${keyName("edit")}); proposed: ${proposed}`, () => acts.name(of))}
            {state === "dismissed"
              ? button("Bring back", "", `It may deserve a label after all (${keyName("reject")})`, () => acts.turn(of))
              : button("Dismiss", "", `It deserves no label (${keyName("reject")}); remembered, for others too`, () =>
                  acts.turn(of),
                )}
          </span>
        )}
      </div>
      {state === "taken" && (
        <p class="ls-novel-taken">
          <Icon name="check" />
          <span dir="auto">{`Most of its items have the new label ${label}`}</span>
        </p>
      )}
      {named.length > 0 && (
        <p class="ls-soft" dir="auto">
          {`Words: ${named.join(", ")}`}
        </p>
      )}
      <div class="ls-novel-examples" aria-label="Most central items" role="group">
        {examples.map(({ row, item, text }) => (
          <button
            key={row}
            type="button"
            class="ls-near"
            aria-label={`Item ${item}`}
            title="Show this item"
            onClick={() => list({ by: "item", row })}
          >
            {images && <NearPicture row={row} image={image} />}
            <span class="ls-near-text" dir="auto">
              {text || `#${item}`}
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}

/** How many items, how sure the group is, and the label that is nearest. */
function Facts({ of: { items, stability, steady, nearest, share } }: { of: GroupShown }) {
  return (
    <span class="ls-soft ls-novel-facts">
      {plural(items, "item")}
      {" · "}
      <span title={`${percent(stability)}: ${STABLE}`}>{steady}</span>
      {" · "}
      {nearest ? (
        <span title="The label that most of its items have">
          {`${percent(share)} have `}
          <bdi>{nearest}</bdi>
        </span>
      ) : (
        "none has a label"
      )}
    </span>
  );
}
