import { render } from "preact";
import { beforeEach, expect, test, vi } from "vitest";
import { roomFor, Tabs } from "../src/page/tabs";

const NAMES = ["One", "Two", "Three", "Four"];
const host = document.createElement("div");
const style = document.createElement("style");
const select = vi.fn<(name: string) => void>();
const tab = (name: string) => document.querySelector<HTMLElement>(`[role="tab"][aria-label="${name}"]`)!;
const more = () => document.querySelector<HTMLSelectElement>("select");
const seen = () => NAMES.filter(name => getComputedStyle(tab(name)).visibility !== "hidden");

function show(selected: string, width: number): void {
  host.style.width = `${width}px`;
  render(
    <Tabs
      label="Queues"
      look="tab"
      selected={selected}
      onSelect={select}
      tabs={NAMES.map(name => ({ name, content: <span style="display:inline-block;width:80px">{name}</span> }))}
    />,
    host,
  );
}

beforeEach(() => {
  select.mockClear();
  document.body.replaceChildren(host);
  style.textContent =
    ".ls-strip { display: flex } [role=tablist] { display: flex; flex: 1; min-width: 0 } " +
    ".ls-beyond { position: absolute; visibility: hidden }";
  document.head.replaceChildren(style);
});

test("the selected tab has room first, then the others in their order", () => {
  expect([...roomFor([50, 50, 50], 0, 150)]).toEqual([0, 1, 2]);
  expect([...roomFor([50, 50, 50], 2, 149)]).toEqual([2]);
  expect([...roomFor([50, 50, 50, 50], 3, 180)]).toEqual([3, 0]);
});

test("tabs without room are in a list, and come back with the room", async () => {
  show("One", 500);
  expect(more()).toBeNull();
  show("One", 280);
  await expect.poll(() => seen()).toEqual(["One", "Two"]);
  expect([...more()!.options].map(of => of.textContent)).toEqual(["More", "Three", "Four"]);
  more()!.value = "Four";
  more()!.dispatchEvent(new Event("change", { bubbles: true }));
  expect(select).toHaveBeenLastCalledWith("Four");
  show("Four", 280);
  await expect.poll(() => seen()).toEqual(["One", "Four"]);
  show("Four", 500);
  await expect.poll(() => more()).toBeNull();
});

test("arrow keys go to the next tab, also to one without room", () => {
  show("One", 500);
  tab("One").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true, cancelable: true }));
  expect(select).toHaveBeenLastCalledWith("Four");
  show("Four", 500);
  expect(document.activeElement).toBe(tab("Four"));
});
