/** What is written on the map, as buttons over it: a click selects what one is about. */

import { signal, useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { count } from "./numbers";
import { PICTURE, type Place, type Written } from "./map_places";

interface Uses {
  choose: (place: Place) => void;
  image: (row: number) => Promise<string>;
}

export type MapNames = ReturnType<typeof openMapNames>;

export function openMapNames({ choose, image }: Uses) {
  const written = signal<Written[]>([]);
  const element = document.createElement("div");
  element.className = "ls-places";
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Names on the map");

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
    /** Write these. */
    write: (of: Written[]) => void (written.value = of),
    close: () => render(null, element),
  };
}
