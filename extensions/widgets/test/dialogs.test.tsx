import { beforeEach, expect, test, vi } from "vitest";
import { keyName, resetKeys } from "../src/keys";
import { showReviewer } from "../src/page/field_dialog";
import { showHelp } from "../src/page/help";
import { Overlay } from "../src/page/overlay";
import { showAskJudge } from "../src/worklist/ask_dialog";
import { showBulkReview } from "../src/worklist/bulk_review";
import type { BatchShown } from "../src/messages";
import { fakeWire } from "./wire";

let overlay: Overlay;
let closed: () => void;
const button = (name: string) => [...document.querySelectorAll("button")].find(of => of.textContent === name)!;
const submit = () => document.querySelector("form")!.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));

beforeEach(() => {
  resetKeys();
  document.body.replaceChildren();
  closed = vi.fn<() => void>();
  overlay = new Overlay(document.body, closed);
});

test("a dialog has the focus, keeps Tab inside, and says when it is closed", () => {
  showReviewer(overlay, "Ann", () => Promise.resolve(true));
  const field = document.querySelector("input")!;
  expect([document.activeElement, field.value, overlay.open]).toEqual([field, "Ann", true]);
  button("Save").focus();
  button("Save").dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true }));
  expect(document.activeElement).toBe(field);
  button("Cancel").click();
  expect([overlay.open, document.querySelector("form")]).toEqual([false, null]);
  expect(closed).toHaveBeenCalledOnce();
});

test("a name that is refused stays in its field", async () => {
  const rename = vi.fn((name: string) => Promise.resolve(name === "Bo"));
  showReviewer(overlay, "Ann", rename);
  const field = document.querySelector("input")!;
  submit();
  await expect.poll(() => button("Save").disabled).toBe(false);
  expect([overlay.open, document.querySelector("input")]).toEqual([true, field]);
  field.value = "Bo";
  submit();
  await expect.poll(() => overlay.open).toBe(false);
  expect(rename.mock.calls).toEqual([["Ann"], ["Bo"]]);
});

test("a key is changed by a click and another key, and Escape leaves it as it is", async () => {
  const changed = vi.fn();
  showHelp(overlay, { readOnly: false, changed });
  const cap = () => document.querySelector<HTMLElement>('[data-action="accept"]')!;
  for (const [key, now] of [
    ["Escape", "A"],
    ["x", "X"],
  ] as const) {
    cap().click();
    await expect.poll(() => cap().textContent).toBe("…");
    cap().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await expect.poll(() => cap().textContent).toBe(now);
    expect([keyName("accept"), document.activeElement]).toEqual([now, cap()]);
  }
  button("Reset keys").click();
  await expect.poll(() => cap().textContent).toBe("A");
  expect(changed).toHaveBeenCalledTimes(3);
});

test("where nothing can be changed, the help names the keys that look and move, and no other", () => {
  showHelp(overlay, { readOnly: true, changed: vi.fn() });
  const named = [...document.querySelectorAll("[data-action]")].map(cap => cap.getAttribute("data-action"));
  expect(named).toEqual(["next", "previous", "similar", "page", "focus", "search", "help"]);
});

const shown: BatchShown = { total: 3, companions: 0, items: 2, n_groups: 1, groups: [], sample: [] };

test("bulk review decides what it shows, for the list and confidence that are set", async () => {
  const done = vi.fn();
  const counts = {} as never;
  const { wire, asked } = fakeWire({
    batch: ({ above }) => ({ ...shown, total: above > 0.5 ? 1 : 3 }),
    batch_apply: ({ total }) => ({ total, decisions: 7, counts }),
  });
  showBulkReview(overlay, wire, { listing: "l", current: null, done });
  await expect.poll(() => document.body.textContent).toContain("Apply to 3 suggestions");
  const range = document.querySelector<HTMLInputElement>("input[type=range]")!;
  range.value = "0.75";
  range.dispatchEvent(new Event("input"));
  await expect.poll(() => document.body.textContent).toContain("Apply to 1 suggestion");
  submit();
  await expect.poll(() => overlay.open).toBe(false);
  expect(asked[asked.length - 1]).toEqual([
    "batch_apply",
    { listing: "l", like: "", above: 0.75, total: 1, verdict: "accept" },
  ]);
  expect(done).toHaveBeenCalledWith("Accepted: 1 suggestion", 7);
});

test("the number of cells to ask about is typed over, also where the list turns out to be shorter", async () => {
  const { wire } = fakeWire({
    ask_preview: ({ n }) => ({ judges: [], total: 20, cells: Math.min(n, 20), known: 0, text: "", tokens: null }),
  });
  showAskJudge(overlay, wire, "l");
  await expect.poll(() => document.body.textContent).toContain("of 20 cells");
  const field = document.querySelector("input")!;
  expect([document.activeElement, field.value]).toEqual([field, "20"]);
  document.execCommand("insertText", false, "7");
  expect(field.value).toBe("7");
  await expect.poll(() => document.body.textContent).toContain("Ask about 7 cells");
});
