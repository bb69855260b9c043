/** What is written on the map, as buttons over it: a click selects what one is about. And lines of equal density. */

import { signal, useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { set, squareButton } from "./dom";
import { layOut, levelOf, PICTURE, type Place, type Written } from "./map_places";
import { count } from "./numbers";
import { recall, remember } from "./store";
import type { Viewport } from "./viewport";

export type MapNames = ReturnType<typeof openMapNames>;

interface Uses {
  /** Where it is kept whether names are shown. */
  store: string;
  choose: (place: Place) => void;
  image: (row: number) => Promise<string>;
  /** They are shown now, or no longer. */
  changed: () => void;
}

const FACE = "600 12px system-ui, sans-serif"; // of the names: as wide as they may get
const LINES_UP_TO = 6; // zoom: nearer, points hide one another no more

export function openMapNames({ store, choose, image, changed }: Uses) {
  const written = signal<Written[]>([]);
  const widths = new Map<string, number>();
  const ruler = document.createElement("canvas").getContext("2d")!;
  ruler.font = FACE;
  let all: Place[] = [];
  let lines: Float32Array[] = [];
  let shown = recall(store, true);
  const button = squareButton("Names on the map", "names", {
    title: "Names of regions, places with many likely errors, and lines of equal density",
    "aria-pressed": String(shown),
    onclick: toggle,
  });
  const element = document.createElement("div");
  element.className = "ls-places";
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Names on the map");

  function toggle(): void {
    shown = !shown;
    remember(store, shown);
    set(button, { "aria-pressed": String(shown) });
    changed();
  }

  function widthOf(text: string): number {
    let width = widths.get(text);
    if (width === undefined) widths.set(text, (width = ruler.measureText(text).width));
    return width;
  }

  /** From one name to the next by arrow keys: the names are one stop of the Tab key. */
  function step(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation(); // arrows are for the list elsewhere
    const all = [...element.querySelectorAll<HTMLElement>("button")];
    const here = all.indexOf(document.activeElement as HTMLElement);
    all[(here + by + all.length) % all.length]?.focus();
  }

  function Picture({ row }: { row: number }) {
    const source = useSignal("");
    useEffect(() => {
      let there = true;
      image(row).then(
        found => there && (source.value = found),
        () => {},
      );
      return () => void (there = false);
    }, [row]);
    return source.value ? <img src={source.value} alt="" width={PICTURE} height={PICTURE} /> : null;
  }

  function Names() {
    return (
      <>
        {written.value.map(({ place, left, top, width }, at) => (
          <button
            key={place.key}
            type="button"
            tabIndex={at ? -1 : 0}
            class={`ls-place ls-place-${place.kind}`}
            style={{ transform: `translate(${left}px, ${top}px)`, width: `${width}px` }}
            title={place.title}
            aria-label={place.title}
            onClick={() => choose(place)}
            onKeyDown={step}
          >
            {place.row >= 0 && <Picture row={place.row} />}
            <span dir="auto">{place.text}</span>
            {place.cells && <b>{count(place.cells)}</b>}
          </button>
        ))}
      </>
    );
  }
  render(<Names />, element);
  return {
    element,
    button,
    toggle,
    /** Everything there is to write, for the command bar. */
    all: () => all,
    /** Take these places and lines, in the units of the view. */
    take: (places: Place[], along: Float32Array[]) => void ([all, lines] = [places, along]),
    /** Write the names that have room. */
    write: (view: Viewport, still: boolean) => {
      const size = { width: view.width, height: view.height - view.inset };
      const pixel = ({ x, y }: Place) => view.pixel(x, y);
      written.value = layOut(shown && still ? all : [], levelOf(view.zoom), pixel, widthOf, size);
    },
    /** Draw the lines; `ratio`: pixels of the screen in one of the page. */
    drawLines: (context: CanvasRenderingContext2D, view: Viewport, ratio: number, ink: string) => {
      if (!shown || view.zoom > LINES_UP_TO) return;
      context.save();
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.beginPath();
      for (const line of lines)
        for (let i = 0; i < line.length; i += 2) {
          const [x, y] = view.pixel(line[i]!, line[i + 1]!);
          if (i) context.lineTo(x, y);
          else context.moveTo(x, y);
        }
      context.strokeStyle = ink;
      context.globalAlpha = 0.25;
      context.lineWidth = 1;
      context.stroke();
      context.restore();
    },
    close: () => render(null, element),
  };
}
