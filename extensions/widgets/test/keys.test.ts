import { beforeEach, describe, expect, test } from "vitest";
import { bindings, keyName, meaning, rebind, resetKeys, theirs } from "../src/keys";

const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key, ...more });

beforeEach(resetKeys);

describe("keys", () => {
  test("a key means what the table of bindings says, in the review and in the audit", () => {
    expect(meaning(press("a"))?.action).toBe("accept");
    expect(meaning(press("m"))?.action).toBe("similar");
    expect(meaning(press("b"))?.action).toBe("batch");
    expect(meaning(press("c"))?.action).toBe("confirm");
    expect(meaning(press("n"), true)?.action).toBe("wrong");
    expect(meaning(press("7"))).toEqual({ action: "digit", digit: 7 });
    expect(meaning(press("a", { altKey: true }))).toBeNull();
  });

  test("undo and redo are told apart by Shift, and saving is left to JupyterLab", () => {
    expect(meaning(press("z", { ctrlKey: true }))?.action).toBe("undo");
    expect(meaning(press("z", { ctrlKey: true, shiftKey: true }))?.action).toBe("redo");
    expect(theirs(press("s", { ctrlKey: true }))).toBe(true);
    expect(theirs(press("d"))).toBe(false);
  });

  test("an action that takes the key of another gives its own in return", () => {
    expect(rebind("accept", "r")).toBe(true);
    expect([keyName("accept"), keyName("reject")]).toEqual(["R", "A"]);
    expect(rebind("accept", "3")).toBe(false);
  });

  test("a key that a person chose before another action came with it stays theirs", () => {
    localStorage.setItem("labelscope.keys", JSON.stringify({ accept: "c", filter: "f" }));
    expect([keyName("accept"), keyName("filter")]).toEqual(["C", "F"]);
    expect(meaning(press("c"))?.action).toBe("accept");
    const letter = keyName("confirm").toLowerCase();
    expect(meaning(press(letter))?.action).toBe("confirm");
    expect(rebind("reject", letter)).toBe(true);
    expect(meaning(press("c"))?.action).toBe("accept");
  });

  test("no key has two meanings at the same time", () => {
    rebind("search", "y"); // the key of the audit for right
    const keys = bindings().filter(({ action }) => ["search", "right"].includes(action));
    expect(new Set(keys.map(({ key }) => key)).size).toBe(2);
  });
});
