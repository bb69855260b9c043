import { beforeEach, expect, test, vi } from "vitest";
import "../src/theme.css";
import type { Counts, Entry, Kinds } from "../src/messages";
import { openWorklist, type Worklist } from "../src/worklist/worklist";
import { fakeWire } from "./wire";

const HOSTILE = `<img src=x onerror="document.title='run'">`;
const N = 1000;
const counts: Counts = {
  pending: N,
  agreed: 0,
  label_next: 0,
  unlike: 0,
  ask_next: 0,
  ambiguous: 0,
  accepted: 0,
  rejected: 0,
  skipped: 0,
  all: N,
  conflicts: 0,
  audit: 0,
  judged: 0,
  changed: 0,
  unknown: 0,
  sample: 0,
};

const entry = (row: number): Entry => ({
  row,
  item: `i${row}`,
  text: `about cats, number ${row}`,
  more: 0,
  image: false,
  label: 0,
  suggestion: {
    id: `s${row}`,
    label: 0,
    name: HOSTILE,
    action: "add",
    confidence: 0.9,
    reason: "",
    verdict: "pending",
    companions: [],
    instead: "",
  },
  conflict: null,
  chips: [{ label: 0, name: HOSTILE, state: 0, suggested: "add" }],
});

const accepted = (row: number): Entry => {
  const { suggestion, ...rest } = entry(row);
  return {
    ...rest,
    suggestion: { ...suggestion!, verdict: "accepted" },
    chips: [{ label: 0, name: HOSTILE, state: 1 }],
  };
};

const listed = ({ offset, limit, query }: Kinds["worklist"][0]): Kinds["worklist"][1] => ({
  listing: "L1",
  total: query === "nothing" ? 0 : N,
  offset,
  entries: query === "nothing" ? [] : Array.from({ length: limit }, (_, i) => entry(offset + i)),
  counts,
  decisions: 0,
});

function shown(readOnly = false): { work: Worklist; asked: [string, unknown][]; say: ReturnType<typeof vi.fn> } {
  const { wire, asked } = fakeWire({
    worklist: listed,
    decide: ({ suggestion }) => ({ entry: accepted(Number(suggestion.slice(1))), n: 1, counts, decisions: 1 }),
  });
  const say = vi.fn();
  const events = {
    say,
    at: vi.fn(),
    estimate: vi.fn(),
    batch: vi.fn(),
    ask: vi.fn(),
    votersFile: vi.fn(),
    grid: vi.fn(),
    large: vi.fn(),
    decided: vi.fn(),
    searched: vi.fn(),
  };
  const work = openWorklist(wire, events, {
    readOnly,
    image: () => Promise.reject(new Error("no picture")),
    store: "place",
  });
  const root = document.createElement("div");
  root.className = "ls-root";
  root.style.height = "600px";
  root.append(work.element);
  document.body.replaceChildren(root);
  return { work, asked, say };
}

const cards = (work: Worklist) => [...work.element.querySelectorAll<HTMLElement>("[role=listitem]")];

beforeEach(() => {
  document.body.replaceChildren();
  localStorage.clear(); // where the list was left
});

test("of a thousand entries those in sight exist, and text of the data is never markup", async () => {
  const { work } = shown();
  await work.reload();
  await expect.poll(() => cards(work).length).toBeGreaterThan(1);
  expect(cards(work).length).toBeLessThan(40);
  expect(work.element.querySelector("img")).toBeNull();
  expect(work.element.querySelector(".ls-change")!.textContent).toBe(`Add ${HOSTILE}`);
  work.close();
});

test("a decision is sent, and the next entry is the current one", async () => {
  const { work, asked, say } = shown();
  await work.reload();
  work.decide("accept");
  await work.written();
  expect(asked.filter(([kind]) => kind === "decide").map(([, body]) => body)).toEqual([
    { suggestion: "s0", verdict: "accept" },
  ]);
  expect(say).toHaveBeenCalledWith(`Accepted: add ${HOSTILE}`, "good");
  await expect.poll(() => cards(work)[1]!.getAttribute("aria-current")).toBe("true");
  expect(cards(work)[0]!.querySelector("[role=checkbox]")!.getAttribute("aria-checked")).toBe("true");
  expect(cards(work)[0]!.className).toContain("ls-accepted");
  work.close();
});

test("a search that finds nothing says so, and what is found is marked", async () => {
  const { work } = shown();
  work.words.value = "CATS";
  await work.reload();
  await expect.poll(() => work.element.querySelector("mark")?.textContent).toBe("cats");
  work.words.value = "nothing";
  await work.reload();
  await expect.poll(() => work.element.textContent).toContain("No entry of this queue holds the search words.");
  expect(work.clearSearch()).toBe(true);
  expect(work.clearSearch()).toBe(false);
  work.close();
});

test("where nothing can be changed, labels are shown as they are", async () => {
  const { work } = shown(true);
  await work.reload();
  await expect.poll(() => cards(work).length).toBeGreaterThan(1);
  expect(work.element.querySelector<HTMLButtonElement>("[role=checkbox]")!.disabled).toBe(true);
  expect(work.element.querySelector("[role=combobox]")).toBeNull();
  work.close();
});
