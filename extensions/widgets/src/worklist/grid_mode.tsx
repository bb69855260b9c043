/** Grid mode: many items about one question at once; the wrong ones are unticked, and one key decides on all. */

import { signal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { GridItem, GridShown } from "../messages";
import { count, plural } from "../numbers";
import { Icon } from "../page/icon";
import { Marked } from "../page/marked";
import { usePicture } from "../page/picture";
import type { SmallPicture } from "../state/pictures";
import type { Wire } from "../wire";
import type { Worklist } from "./worklist";

const SIDE = 240; // pixels of the page that a picture takes at most

interface GridParts {
  wire: Wire;
  work: Worklist;
  say: (text: string, kind?: "" | "good" | "error") => void;
  /** It was closed. */
  closed: () => void;
}

export type GridMode = ReturnType<typeof openGridMode>;

export function openGridMode({ wire, work, say, closed }: GridParts) {
  const open = signal(false);
  const shown = signal<GridShown | null>(null);
  const wrong = signal<ReadonlySet<number>>(new Set());
  const at = signal(0); // place of the item that the keys act on
  const ready = signal(false); // whether what is shown is what would be decided on

  /** Ask for the items that come next. */
  async function fetch(): Promise<void> {
    ready.value = false;
    const place = Math.max(0, work.current.value);
    const { body } = await wire.request("grid", { listing: work.listing.value, at: place });
    shown.value = body;
    wrong.value = new Set();
    at.value = 0;
    ready.value = true;
    if (body.items[0]?.image) void ahead(body);
  }

  /** Fetch the pictures that come after these, once these are there. */
  async function ahead(of: GridShown): Promise<void> {
    const fetched = (row: number) => work.card.image(row, SIDE).catch(() => {});
    await Promise.all(of.items.map(({ row }) => fetched(row)));
    if (shown.value === of) await Promise.all(of.ahead.map(fetched));
  }

  function toggle(on = !open.value): void {
    if (on === open.value) return;
    if (!on) {
      open.value = false;
      shown.value = null;
      return work.advance();
    }
    work.after(async () => {
      await fetch();
      open.value = true;
    });
  }

  function tick(row = shown.value?.items[at.value]?.row): void {
    if (row === undefined) return;
    const now = new Set(wrong.value);
    if (!now.delete(row)) now.add(row);
    wrong.value = now;
  }

  /** Decide on all that is shown, and go on to the next ones. */
  function apply(): void {
    work.after(async () => {
      const of = shown.value;
      if (!of?.items.length || !ready.value) return;
      ready.value = false;
      const rows = of.items.map(({ row }) => row);
      const asked = { label: of.label, state: of.state, rows, wrong: rows.filter(row => wrong.value.has(row)) };
      try {
        const { body } = await wire.request("grid_apply", asked);
        const [right, others] = of.state === 1 ? ["present", "absent"] : ["absent", "present"];
        const n = asked.wrong.length;
        say(`${of.name}: ${right} on ${plural(rows.length - n, "item")}, ${others} on ${count(n)}`, "good");
        await work.batched(body.decisions);
      } finally {
        ready.value = true;
      }
      await fetch();
    });
  }

  function undo(): void {
    work.step("undo");
    work.after(fetch);
  }

  /** Go to another item, in the directions of the arrows. */
  function move(key: string, columns: number): boolean {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
    if (!step || !shown.value) return false;
    const next = at.value + step;
    if (next >= 0 && next < shown.value.items.length) at.value = next;
    return true;
  }

  const Content = () => {
    const layer = useRef<HTMLElement>(null);
    const was = useRef(false);
    useLayoutEffect(() => {
      if (was.current && !open.value) closed(); // once the list can take the focus
      was.current = open.value;
    }, [open.value]);
    useLayoutEffect(() => {
      const tile = layer.current?.querySelectorAll<HTMLElement>(".ls-gtile")[at.value];
      (tile ?? layer.current)?.focus(); // where nothing is left, the keys go on all the same
    }, [open.value, shown.value, at.value]);
    if (!open.value || !shown.value) return null;
    const { name, state, left, items } = shown.value;
    const n = wrong.value.size;
    const press = (event: KeyboardEvent) => {
      const tiles = [...layer.current!.querySelectorAll<HTMLElement>(".ls-gtile")];
      const columns = tiles.filter(tile => tile.offsetTop === tiles[0]!.offsetTop).length;
      if (event.key === " " && event.target === tiles[at.value]) tick();
      else if (event.key === "Enter" && !(event.target as Element).closest("button")) apply();
      else if (!move(event.key, columns)) return;
      event.preventDefault();
    };
    return (
      <section ref={layer} class="ls-focus ls-gridmode" aria-label="Grid" tabIndex={-1} onKeyDown={press}>
        <header class="ls-grid-head">
          <h2>
            {state === 1 ? "All of these are " : "None of these is "}
            <strong dir="auto">{name}</strong>
            <span class="ls-soft">: untick the wrong ones</span>
          </h2>
          <span class="ls-gap" />
          <span class="ls-soft">{`${plural(left, "item")} left`}</span>
          <button type="button" class="ls-button ls-small" aria-label="Leave grid mode" onClick={() => toggle(false)}>
            <Icon name="cross" />
            <span>Close</span>
            <kbd aria-hidden="true">{work.keyOf("grid")}</kbd>
          </button>
        </header>
        {items.length ? (
          <div role="grid" aria-label="Items" class="ls-gtiles">
            <div role="row" class="ls-gtile-row">
              {items.map((item, i) => (
                <Tile
                  key={item.row}
                  item={item}
                  ticked={!wrong.value.has(item.row)}
                  current={i === at.value}
                  choose={() => {
                    at.value = i;
                    tick(item.row);
                  }}
                  image={work.card.image}
                  words={work.card.searched()}
                />
              ))}
            </div>
          </div>
        ) : (
          <p class="ls-note ls-gtiles">Nothing of this kind is left in the list.</p>
        )}
        <footer class="ls-actions ls-writes">
          <button
            type="button"
            class="ls-button ls-accept"
            aria-label={`Decide on these ${items.length}`}
            aria-keyshortcuts="Enter"
            disabled={!ready.value || !items.length}
            title="One batch with one undo (Enter)"
            onClick={apply}
          >
            <Icon name="check" />
            <span>{told(items.length - n, n, name, state === 1)}</span>
            <kbd aria-hidden="true">Enter</kbd>
          </button>
          <span class="ls-soft">Click or Space unticks one; the arrows move.</span>
          <span class="ls-gap" />
          <button type="button" class="ls-button ls-ghost" aria-label="Undo" onClick={undo}>
            <Icon name="undo" />
            <span>Undo</span>
            <kbd aria-hidden="true">{work.keyOf("undo")}</kbd>
          </button>
        </footer>
      </section>
    );
  };
  const element = document.createElement("div");
  element.className = "ls-focus-place";
  render(<Content />, element);
  return { element, open, toggle, tick: () => tick(), apply, undo, close: () => render(null, element) };
}

/** What would be decided. */
function told(right: number, wrong: number, name: string, present: boolean): string {
  const yes = `${count(right)} ${present ? "have" : "are without"} ${name}`;
  return wrong ? `${yes}, ${count(wrong)} ${present ? "do not" : "have it"}` : yes;
}

interface TileProps {
  item: GridItem;
  ticked: boolean;
  current: boolean;
  choose: () => void;
  image: SmallPicture;
  words: string;
}

function Tile({ item, ticked, current, choose, image, words }: TileProps) {
  return (
    <div
      role="gridcell"
      class={`ls-gtile ${ticked ? "" : "ls-off"} ${item.image ? "ls-pictured" : ""}`}
      aria-label={`Item ${item.item}`}
      aria-selected={ticked}
      tabIndex={current ? 0 : -1}
      onClick={choose}
    >
      {item.image && <Picture row={item.row} image={image} />}
      {item.text && (
        <span class="ls-gtile-text" dir="auto">
          <Marked text={item.text} words={words} />
        </span>
      )}
      <span class="ls-gtile-tick" aria-hidden="true">
        <Icon name={ticked ? "check" : "cross"} />
      </span>
    </div>
  );
}

function Picture({ row, image }: { row: number; image: SmallPicture }) {
  const { source, trouble } = usePicture(row, image, SIDE);
  return (
    <span class={`ls-gtile-picture ${source || trouble ? "" : "ls-skeleton"}`} title={trouble || undefined}>
      {source && <img src={source} alt="" draggable={false} />}
      {trouble && <Icon name="warning" />}
    </span>
  );
}
