/** Tabs; those that there is no room for are in a list, "More". Arrow keys go from one to the next. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Tab {
  readonly name: string;
  readonly content: ComponentChildren;
  readonly description?: string | undefined;
}

interface Tabs {
  /** What they are tabs of: "Queues". */
  label: string;
  /** Class of each; that of the list has an s more. */
  look: string;
  tabs: Tab[];
  selected: string;
  onSelect: (name: string) => void;
}

const MORE = 76; // pixels of the list

/** How many tabs there is room for, of widths in their order, the selected one in any case. */
export function roomFor(widths: number[], selected: number, room: number): Set<number> {
  const order = [selected, ...widths.keys()];
  const total = widths.reduce((sum, width) => sum + width, 0);
  let left = total > room ? room - MORE : room;
  const kept = new Set<number>();
  for (const k of order) {
    if (kept.has(k)) continue;
    left -= widths[k] ?? 0;
    if (left < 0 && k !== selected) break;
    kept.add(k);
  }
  return kept;
}

export function Tabs({ label, look, tabs, selected, onSelect }: Tabs) {
  const list = useRef<HTMLDivElement>(null);
  const stepped = useRef(false);
  const [kept, keep] = useState(new Set(tabs.keys()));
  const at = tabs.findIndex(tab => tab.name === selected);
  const names = tabs.map(tab => tab.name + (tab.description ?? "")).join();
  const all = () => [...list.current!.querySelectorAll<HTMLElement>('[role="tab"]')];
  useLayoutEffect(() => {
    const strip = list.current!.parentElement!;
    const measure = () => {
      if (!list.current) return; // it has gone meanwhile
      const widths = all().map(tab => tab.offsetWidth);
      const room = list.current.clientWidth + (strip.querySelector("select")?.offsetWidth ?? 0);
      const fits = roomFor(widths, at, room);
      keep(now => (fits.size === now.size && [...fits].every(k => now.has(k)) ? now : fits));
    };
    const watch = new ResizeObserver(measure);
    watch.observe(strip);
    measure();
    return () => watch.disconnect();
  }, [names, at]);
  useLayoutEffect(() => {
    if (stepped.current) all()[at]?.focus({ preventScroll: true });
    stepped.current = false;
  }, [at, kept]);
  const step = (event: KeyboardEvent) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    stepped.current = true;
    const from = all().indexOf(event.target as HTMLElement);
    onSelect(tabs[(from + way + tabs.length) % tabs.length]!.name);
  };
  const beyond = tabs.filter((_, k) => !kept.has(k));
  return (
    <div class={`ls-strip ${look}s`}>
      <div ref={list} role="tablist" aria-label={label} onKeyDown={step}>
        {tabs.map((tab, k) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            class={kept.has(k) ? look : `${look} ls-beyond`}
            aria-label={tab.name}
            aria-selected={k === at}
            aria-description={tab.description}
            tabIndex={k === at ? 0 : -1}
            onClick={() => onSelect(tab.name)}
          >
            {tab.content}
          </button>
        ))}
      </div>
      {beyond.length > 0 && (
        <select
          class="ls-more"
          aria-label={`More ${label.toLowerCase()}`}
          value=""
          onChange={event => onSelect(event.currentTarget.value)}
        >
          <option value="" hidden>
            More
          </option>
          {beyond.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </div>
  );
}
