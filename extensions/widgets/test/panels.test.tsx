import { beforeEach, expect, test, vi } from "vitest";
import "../src/theme.css";
import type { View } from "../src/tab_panel";
import { healthPanel } from "../src/panels/health";
import { labelsPanel } from "../src/panels/labels";
import { progressPanel } from "../src/panels/progress";
import { relationsPanel } from "../src/panels/relations";
import type { HealthReport, Kinds, LabelRow, ProgressReport, RelationRow, StageReport } from "../src/messages";
import { fakeWire } from "./wire";

const HOSTILE = `<img src=x onerror="document.title='run'">`;

function shown(view: View): HTMLElement {
  const root = document.createElement("div");
  root.className = "ls-root";
  root.style.height = "300px";
  root.append(view.element);
  document.body.replaceChildren(root);
  return view.element;
}

beforeEach(() => document.body.replaceChildren());

const label = (at: number): LabelRow => ({
  label: at,
  name: at ? `label ${at}` : HOSTILE,
  tier: "head",
  positive: 2000 - at,
  unknown: 0,
  selected: 1,
  add: 0,
  remove: 2,
});
const table = ({ offset, limit }: Kinds["label_table"][0]): Kinds["label_table"][1] => ({
  total: 1000,
  offset,
  most: 2000,
  n_selected: null,
  rows: Array.from({ length: limit }, (_, i) => label(offset + i)),
  curve: Array.from({ length: 10 }, (_, i) => [i * 100, 1000 - i]),
  tiers: { head: 27, medium: 1, tail: 0 },
});

test("of a thousand labels those in sight exist, and names are never markup", async () => {
  const { wire, asked } = fakeWire({ label_table: table });
  const put = vi.fn();
  const view = labelsPanel(wire, { put, colour: vi.fn(), suggested: vi.fn() });
  const element = shown(view);
  await view.refresh();
  await expect.poll(() => element.querySelectorAll(".ls-lline").length).toBeGreaterThan(3);
  expect(element.querySelectorAll(".ls-lline").length).toBeLessThan(60);
  expect(element.querySelector("img")).toBeNull();
  expect(element.querySelector(".ls-lname")!.textContent).toBe(HOSTILE);
  expect(element.querySelector(".ls-curve")!.textContent).toBe("27 labels > 100 items, 1 with 20 to 100, 0 < 20");
  const rows = element.querySelector<HTMLElement>(".ls-rows")!;
  rows.scrollTop = 600 * 27;
  await expect.poll(() => element.textContent).toContain("label 600");
  expect(asked.length).toBeLessThan(5);
  element.querySelector<HTMLElement>(".ls-lrow")!.click();
  expect(put).toHaveBeenCalledOnce();
  view.close!();
});

test("a list that is narrowed begins at its top, and says why nothing came", async () => {
  const { wire, asked } = fakeWire({
    label_table: body => {
      if (body.query === "nothing") throw new Error("the kernel is busy");
      return table(body);
    },
  });
  const view = labelsPanel(wire, { put: vi.fn(), colour: vi.fn(), suggested: vi.fn() });
  const element = shown(view);
  await view.refresh();
  const field = element.querySelector("input")!;
  field.value = "joy";
  field.dispatchEvent(new Event("input"));
  expect(asked[asked.length - 1]![1]).toMatchObject({ query: "joy", offset: 0 });
  field.value = "nothing";
  field.dispatchEvent(new Event("input"));
  await expect.poll(() => element.textContent).toContain("the kernel is busy");
});

const relation: RelationRow = {
  label_a: "lynx",
  label_b: "cat",
  relation: "implies",
  n_a: 20304,
  n_b: 90,
  n_ab: 20260,
  expected: 1,
  counter_examples: 44,
  q_value: 0,
  source: "data",
  supported: null,
  direct: true,
  verdict: "pending",
};

test("a relation says how many items break it, and takes a verdict back at the second click", async () => {
  let verdict: NonNullable<RelationRow["verdict"]> = "pending";
  const { wire, asked } = fakeWire({
    relation_table: () => ({ ready: true, total: 1, kinds: { implies: 1 }, rows: [{ ...relation, verdict }] }),
    rule: ({ verdict: said }) => {
      verdict = said === "confirm" ? "confirmed" : "pending";
      return {};
    },
  });
  const view = relationsPanel(wire, vi.fn(), vi.fn());
  const element = shown(view);
  await view.refresh();
  await expect.poll(() => element.textContent).toContain("44 of 20,304 items break this rule");
  const confirm = () => element.querySelector<HTMLElement>('[aria-label="Confirm: lynx implies cat"]')!;
  confirm().click();
  await view.refresh();
  await expect.poll(() => confirm().getAttribute("aria-pressed")).toBe("true");
  confirm().click();
  expect(asked.filter(([kind]) => kind === "rule").map(([, body]) => (body as { verdict: string }).verdict)).toEqual([
    "confirm",
    "withdraw",
  ]);
});

const progress = {
  counts: { pending: 3827, skipped: 0, changed: 1 },
  review: {
    reviewed: 0,
    accepted: 0,
    rate: null,
    per_minute: null,
    seconds: null,
    repairs_per_hour: null,
    confirmed: 0,
    recent: { n: 0, accepted: 0 },
    curve: [],
    reviewers: [],
    reasons: [],
  },
  remaining: { text: "It takes a sample.", count: null, low: null, high: null, n_judged: 0 },
  audit: null,
  searched: true,
  expected: null,
  unlike: 0,
  agreement: [],
} as unknown as ProgressReport;

test("progress says what stopping leaves, and an audit needs a whole number of cells", async () => {
  const say = vi.fn();
  const judge = vi.fn();
  const { wire, asked } = fakeWire({ progress: () => progress, audit: ({ n }) => ({ n }) });
  const view = progressPanel(wire, { say, judge, unlike: vi.fn() });
  const element = shown(view);
  await view.refresh();
  await expect.poll(() => element.textContent).toContain("Stopping now leaves 3,827 suggestions unreviewed.");
  const [field, form] = [element.querySelector("input")!, element.querySelector("form")!];
  expect(field.value).toBe("200");
  field.value = "1.5";
  form.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
  expect(say).toHaveBeenCalledWith("An audit needs a whole number of cells, 1 or more", "error");
  field.value = "50";
  form.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
  await expect.poll(() => judge.mock.calls.length).toBe(1);
  expect(asked[asked.length - 1]).toEqual(["audit", { n: 50 }]);
});

const health = (measured: boolean, more: HealthReport["rows"] = []): HealthReport => ({
  measured,
  summary: "",
  rows: more,
});

test("health says why not everything is measured, and that nothing is wrong where nothing is", async () => {
  let measured = false;
  let stage: StageReport = { name: "health", title: "Health", status: "running", done: 0, error: "" };
  const { wire } = fakeWire({ health: () => health(measured) });
  const view = healthPanel(wire, { list: vi.fn(), label: vi.fn(), mend: () => null, stage: () => stage });
  const element = shown(view);
  const says = async (words: string) => {
    await view.refresh();
    await expect.poll(() => element.textContent).toContain(words);
  };
  await says("Still measuring");
  stage = { ...stage, status: "failed", error: "The disk is full" };
  await says("The disk is full");
  stage = { ...stage, status: "cancelled" };
  await says("Measuring was cancelled");
  measured = true;
  await says("Nothing to mend was found.");
  view.close!();
});

test("a finding lists what it is about, its labels open, and a fix that cannot be done is not offered", async () => {
  const [list, open] = [vi.fn(), vi.fn()];
  const fix = { words: "Look at proposed states", queue: "unknown" as const, tab: "" };
  const row = { check: "unknown", severity: "warning" as const, says: HOSTILE, n_labels: 3, column: "", fix };
  const named = { ...row, labels: [{ label: 7, name: HOSTILE, words: "9%" }], items: 2, cells: 5 };
  const { wire } = fakeWire({ health: () => health(true, [named]) });
  let mend: (() => void) | null = vi.fn();
  const view = healthPanel(wire, { list, label: open, mend: () => mend, stage: () => undefined });
  const element = shown(view);
  await view.refresh();
  await expect.poll(() => element.querySelectorAll("button").length).toBe(3);
  const [says, offered, name] = [...element.querySelectorAll("button")];
  expect(says!.title).toBe("List 5 cells");
  says!.click();
  expect(list).toHaveBeenCalledWith({ by: "health", check: "unknown" });
  name!.click();
  expect(open).toHaveBeenCalledWith(7, HOSTILE);
  offered!.click();
  expect(mend).toHaveBeenCalledOnce();
  expect(element.textContent).toContain("and 2 more");
  expect(element.querySelector("img")).toBeNull();
  mend = null;
  await view.refresh();
  view.close!();
});
