/** The entries of one listing, by their place in it: fetched a page at a time, and renewed when somebody decides. */

import { signal } from "@preact/signals";
import type { Chip, Entry, LabelState } from "../messages";
import type { Place } from "../worklist/card";

export const PAGE = 40;

export class Entries {
  private readonly places = new Map<number, Place>();
  private readonly pages = new Map<number, Promise<void>>();
  /** Pages that were in sight: somebody else's decisions are shown there. */
  readonly seen = new Set<number>();

  constructor(private readonly load: (start: number) => Promise<void>) {}

  at(index: number): Entry | undefined {
    return this.places.get(index)?.entry.value;
  }

  place(index: number): Place | undefined {
    return this.places.get(index);
  }

  /** Take over a page. */
  take(start: number, entries: Entry[]): void {
    this.pages.set(start, Promise.resolve());
    entries.forEach((entry, i) => this.put(start + i, entry));
  }

  put(index: number, entry: Entry): void {
    const place = this.places.get(index);
    if (place) place.entry.value = entry;
    else this.places.set(index, { entry: signal(entry), busy: signal(false) });
  }

  /** A place that is about an entry, and the chips of other places of the same item, are as this one is now. */
  settle(index: number, fresh: Entry): void {
    const ask = this.at(index)?.ask; // belongs to the place: what is decided on the item does not change it
    if (index >= 0) this.put(index, { ...fresh, ...(ask && { ask }) });
    for (const [other, { entry }] of this.places)
      if (other !== index && entry.value.row === fresh.row)
        entry.value = { ...entry.value, chips: merge(entry.value, fresh) };
  }

  busy(index: number, busy: boolean): void {
    const place = this.places.get(index);
    if (place) place.busy.value = busy;
  }

  /** The first place whose entry is such a one, or -1. */
  find(holds: (entry: Entry) => boolean): number {
    for (const [index, { entry }] of this.places) if (holds(entry.value)) return index;
    return -1;
  }

  /** Fetch the page of a place, once. */
  async fetch(index: number): Promise<void> {
    const start = pageOf(index);
    if (!this.pages.has(start)) this.pages.set(start, this.load(start));
    await this.pages.get(start);
  }

  /** A page could not be fetched: the next look asks again. */
  lose(start: number): void {
    this.pages.delete(start);
  }

  clear(): void {
    for (const of of [this.places, this.pages, this.seen]) of.clear();
  }
}

export function pageOf(index: number): number {
  return index - (index % PAGE);
}

/** The chips of another entry of the same item, in the states that are new. */
function merge(entry: Entry, fresh: Entry): Chip[] {
  const states = new Map<number, LabelState>(fresh.chips.map(chip => [chip.label, chip.state]));
  return entry.chips.map(chip => ({ ...chip, state: states.get(chip.label) ?? chip.state }));
}
