import { expect, test } from "vitest";
import { layOut, levelOf, places, type Place } from "../src/map_places";
import type { RegionsShown } from "../src/messages";

const SIZE = { width: 600, height: 400 };
const wide = (text: string) => 7 * text.length;

const shown: RegionsShown = {
  made: 3,
  images: false,
  regions: [
    { at: 0, level: 0, name: "cats, dogs", x: 100, y: 100, items: 50, row: 4 },
    { at: 1, level: 0, name: "cars", x: 104, y: 102, items: 40, row: 9 },
    { at: 2, level: 1, name: "kittens", x: 400, y: 300, items: 20, row: 2 },
  ],
  spots: [
    { at: 0, level: 0, label: "cat", kind: "missing", region: "cars", x: 102, y: 101, cells: 12, expected: 0.4 },
    { at: 1, level: 2, label: "dog", kind: "spurious", region: "cars", x: 300, y: 200, cells: 9, expected: 3 },
  ],
  groups: [{ key: "k", name: "birds", x: 300, y: 50, items: 30 }],
  lines: [],
};

const at = ({ x, y }: Place): [number, number] => [x, y];
const texts = (level: number) => layOut(places(shown), level, at, wide, SIZE).map(({ place }) => place.text);

test("what matters more is written where two would overlap, and a region on its own level only", () => {
  expect(texts(0)).toEqual(["cat missing?", "birds"]);
  expect(texts(1)).toEqual(["cat missing?", "birds", "kittens"]);
  expect(texts(2)).toEqual(["cat missing?", "dog wrong?", "birds"]);
});

test("nothing is written beside the map or over its edge", () => {
  const edge = layOut(places(shown), 0, ({ x, y }) => [x - 101, y - 100], wide, SIZE);
  for (const { left, top } of edge) {
    expect(left).toBeGreaterThan(0);
    expect(top).toBeGreaterThan(0);
  }
  expect(layOut(places(shown), 0, () => [-5, 20], wide, SIZE)).toEqual([]);
});

test("a name says what it is about, and asks for it on the map that it was made for", () => {
  const [spot] = places(shown);
  expect(spot!.title).toBe(
    "cat missing? 12 suspicious cells here, less than one if spread evenly. Click to list them.",
  );
  expect(spot!.asked).toEqual({ by: "place", what: "spot", made: 3, at: 0 });
  expect(places(shown).find(({ kind }) => kind === "group")!.asked).toEqual({ by: "group", key: "k" });
});

test("the nearer somebody looks, the smaller the regions that are named", () => {
  expect([1, 2, 9].map(levelOf)).toEqual([0, 1, 2]);
});
