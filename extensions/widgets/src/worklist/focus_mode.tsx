/**
 * Focus mode: one large item, one question, and what speaks for and against it beside it; the next ones are on
 * their way.
 */

import { signal } from "@preact/signals";
import { render } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { typing } from "../keys";
import type { Entry } from "../messages";
import { count } from "../numbers";
import { Icon } from "../page/icon";
import { Marked } from "../page/marked";
import { usePicture } from "../page/picture";
import type { Pictures } from "../state/pictures";
import { Actions } from "./actions";
import { Chips, Heading, Reasons, type CardEvents, type Place } from "./card";
import { fittedTo, Viewer } from "./viewer";
import type { Worklist } from "./worklist";

interface FocusParts {
  work: Worklist;
  /** What a card tells. */
  card: CardEvents;
  /** An item's picture at its real resolution. */
  picture: Pictures["large"];
  /** Where the evidence is shown; null gives it back. */
  lend: (place: HTMLElement | null) => void;
  /** It was closed. */
  closed: () => void;
}

const AHEAD = 3; // items that are fetched before somebody comes to them
const HELD = AHEAD + 2; // pictures as they fill the place, with the one before and the one that is shown

export type FocusMode = ReturnType<typeof openFocusMode>;

export function openFocusMode(parts: FocusParts) {
  const { work, card, picture, lend, closed } = parts;
  const open = signal(false);
  const shown = signal<Place | undefined>(undefined);
  const texts = new Map<number, Promise<string>>();
  const fitted = new Map<number, ImageBitmap>();
  const whole = (entry: Entry) => {
    if (!entry.more) return Promise.resolve(entry.text);
    const known = texts.get(entry.row) ?? card.text(entry.row);
    texts.set(entry.row, known);
    return known;
  };
  /** What the worklist is at now; the next ones are fetched. */
  function follow(): void {
    if (!open.value) return;
    const at = work.current.value;
    shown.value = work.entries.place(at);
    const now = shown.value?.entry.value;
    if (now?.image) void picture(now.row).catch(() => {}); // before the next ones
    for (let index = at + 1; index <= at + AHEAD; index++) {
      const entry = work.entries.at(index);
      if (!entry) continue;
      void whole(entry).catch(() => {});
      if (entry.image) void fit(entry.row).catch(() => {});
    }
  }
  /** Bring a large picture to the size at which it fills the place: decoding takes longer than a look at the next. */
  async function fit(row: number): Promise<void> {
    if (fitted.has(row)) return;
    const { blob } = await picture(row);
    const shown = await fittedTo(element.querySelector(".ls-viewer"), blob);
    if (!shown) return;
    fitted.set(row, shown);
    if (fitted.size > HELD) forget(fitted.keys().next().value!);
  }
  function forget(row: number): void {
    fitted.get(row)?.close();
    fitted.delete(row);
  }
  function toggle(on = !open.value): void {
    if (on === open.value) return;
    open.value = on;
    if (on) follow();
    else {
      lend(null);
      [...fitted.keys()].forEach(forget);
    }
  }
  const Content = () => {
    const layer = useRef<HTMLElement>(null);
    const place = shown.value;
    const row = place?.entry.value.row;
    useLayoutEffect(() => {
      const active = document.activeElement;
      // the list is hidden, and what had the focus may be gone with the item before; a field or a dialog keeps it
      const kept = typing(active) || layer.current?.contains(active) || active?.closest("[role=dialog]");
      if (!kept) layer.current?.focus({ preventScroll: true });
    }, [row, open.value]);
    const was = useRef(false);
    useLayoutEffect(() => {
      if (was.current && !open.value) closed(); // once the list can take the focus
      was.current = open.value;
    }, [open.value]);
    if (!open.value) return null;
    return (
      <section ref={layer} role="region" aria-label="Focus" tabIndex={-1} class="ls-focus">
        {place ? (
          <One key={row} place={place} parts={parts} whole={whole} fitted={fitted.get(row!)} />
        ) : (
          <p class="ls-note">This list is empty.</p>
        )}
        <aside class="ls-focus-side">
          <div class="ls-focus-head">
            <span class="ls-soft">{`${count(work.current.value + 1)} of ${count(work.total.value)}`}</span>
            <span class="ls-gap" />
            <button
              type="button"
              class="ls-button ls-small"
              aria-label="Leave focus mode"
              onClick={() => toggle(false)}
            >
              <Icon name="cross" />
              <span>Close</span>
              <kbd aria-hidden="true">{work.keyOf("focus")}</kbd>
            </button>
          </div>
          {place && <Question place={place} card={card} />}
          <Evidence lend={lend} />
          <Actions review={work} />
        </aside>
      </section>
    );
  };
  const element = document.createElement("div");
  element.className = "ls-focus-place";
  render(<Content />, element);
  return { element, open, toggle, follow, close: () => render(null, element) };
}

interface OneProps {
  place: Place;
  parts: FocusParts;
  whole: (entry: Entry) => Promise<string>;
  /** Its picture at the size of the place, where that is there. */
  fitted: ImageBitmap | undefined;
}

/** The item itself. */
function One({ place, parts, whole, fitted }: OneProps) {
  const entry = place.entry.value;
  const [text, setText] = useState(entry.text);
  useEffect(() => {
    let wanted = true;
    whole(entry).then(
      now => wanted && setText(now),
      () => {},
    );
    return () => void (wanted = false);
  }, [entry.row]);
  return (
    <div class="ls-focus-item">
      {entry.image && <Picture entry={entry} parts={parts} fitted={fitted} />}
      {text && (
        <p class={`ls-focus-text ${entry.image ? "ls-caption" : ""}`} dir="auto">
          <Marked text={text} words={parts.card.searched()} />
        </p>
      )}
    </div>
  );
}

/** The small picture until the large one is there. */
function Picture({ entry, parts, fitted }: { entry: Entry; parts: FocusParts; fitted: ImageBitmap | undefined }) {
  const { row, item } = entry;
  const address = useCallback((of: number) => parts.picture(of).then(({ source }) => source), [parts]);
  const large = usePicture(row, address);
  const first = usePicture(row, parts.card.image);
  const source = large.source || (fitted ? "" : first.source);
  if (source || fitted) return <Viewer source={source} fitted={fitted} name={`Item ${item}`} />;
  return <p class="ls-note">{large.trouble || "Opening the picture…"}</p>;
}

function Question({ place, card }: { place: Place; card: CardEvents }) {
  const entry = place.entry.value;
  return (
    <div class="ls-focus-question">
      <Heading entry={entry} />
      {!entry.audit && <Chips entry={entry} events={card} />}
      <Reasons entry={entry} />
    </div>
  );
}

/** The place where the evidence is shown. */
function Evidence({ lend }: { lend: FocusParts["lend"] }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => lend(place.current), [lend]);
  return <div ref={place} class="ls-focus-evidence" />;
}
