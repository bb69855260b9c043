/** What is written on the map and where: names of regions, hot spots and novel groups, none over another. */

import type { FilterAsked, RegionsShown } from "./messages";
import type { Pixel } from "./gestures";
import { count } from "./numbers";

/** One thing to write. */
export interface Place {
  key: string;
  kind: "region" | "spot" | "group";
  /** From which level on it is written: 0 is the whole map; a region is written on its level only. */
  level: number;
  x: number;
  y: number;
  text: string;
  /** Suspicious cells of a hot spot, written behind its text. */
  cells?: number;
  /** What else to know, told beside the pointer and to screen readers. */
  title: string;
  /** The most typical item, where items have pictures; else -1. */
  row: number;
  asked: FilterAsked;
}

/** A place and the pixel of its upper left corner. */
export interface Written {
  place: Place;
  left: number;
  top: number;
  width: number;
}

const NEARER = [1.8, 4.5]; // zooms from which the next level is written
const MOST_SPOTS = [6, 14, 40];
const GAP = 4;
const HEIGHT = { region: 20, spot: 24, group: 24 };
const PADDING = { region: 8, spot: 34, group: 20 };
const WIDEST = 190;
export const PICTURE = 36; // pixels of the most typical item

/** Everything there is to write, what matters most first. */
export function places({ made, images, regions, spots, groups }: RegionsShown): Place[] {
  const at = (what: "region" | "spot", of: number): FilterAsked => ({ by: "place", what, made, at: of });
  return [
    ...spots.map((of): Place => {
      const words = of.kind === "missing" ? `${of.label} missing?` : `${of.label} wrong?`;
      const even = of.expected < 1 ? "less than one" : `about ${count(Math.round(of.expected))}`;
      return {
        ...of,
        key: `spot${of.at}`,
        kind: "spot",
        text: words,
        title: `${words} ${count(of.cells)} suspicious cells here, ${even} if spread evenly. Click to list them.`,
        row: -1,
        asked: at("spot", of.at),
      };
    }),
    ...groups.map((of): Place => ({
      ...of,
      kind: "group",
      level: 0,
      text: of.name,
      title: `Novel group: ${of.name}, ${count(of.items)} items that no label explains. Click to select them.`,
      row: -1,
      asked: { by: "group", key: of.key },
    })),
    ...regions.map((of): Place => ({
      ...of,
      key: `region${of.at}`,
      kind: "region",
      text: of.name,
      title: `Region: ${of.name}, ${count(of.items)} items. Click to select them.`,
      row: images ? of.row : -1,
      asked: at("region", of.at),
    })),
  ];
}

/** The level that is written at a zoom. */
export function levelOf(zoom: number): number {
  return NEARER.filter(from => zoom >= from).length;
}

/**
 * Which of the places are written, and where.
 *
 * `pixel`: where a place is; `measure`: how wide a text is; `size`: of the map in pixels, without what lies over it.
 */
export function layOut(
  all: Place[],
  level: number,
  pixel: (place: Place) => Pixel,
  measure: (text: string) => number,
  size: { width: number; height: number },
): Written[] {
  const written: Written[] = [];
  const taken: [number, number, number, number][] = [];
  let spots = 0;
  for (const place of all) {
    if (place.kind === "region" ? place.level !== level : place.level > level) continue;
    if (place.kind === "spot" && spots >= MOST_SPOTS[level]!) continue;
    const [x, y] = pixel(place);
    if (!(x >= 0 && y >= 0 && x <= size.width && y <= size.height)) continue;
    const behind = place.cells ? measure(` ${count(place.cells)}`) : 0;
    const text = Math.min(WIDEST, measure(place.text)) + behind;
    const pictured = place.row >= 0;
    const width = Math.ceil(pictured ? Math.max(text, PICTURE) : text) + PADDING[place.kind];
    const height = HEIGHT[place.kind] + (pictured ? PICTURE : 0);
    const left = Math.max(GAP, Math.min(size.width - width - GAP, x - width / 2));
    const top = Math.max(GAP, Math.min(size.height - height - GAP, y - height / 2));
    const box: (typeof taken)[number] = [left - GAP, top - GAP, left + width + GAP, top + height + GAP];
    if (taken.some(([l, t, r, b]) => box[0] < r && box[2] > l && box[1] < b && box[3] > t)) continue;
    taken.push(box);
    written.push({ place, left, top, width });
    if (place.kind === "spot") spots++;
  }
  return written;
}
