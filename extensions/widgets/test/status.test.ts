import { expect, test } from "vitest";
import { Status } from "../src/status";
import type { State } from "../src/messages";

const ready = { stages: [], running: false } as unknown as State;

test("what happened stays said while the kernel lets wait, and after that", () => {
  const status = new Status();
  status.stages(ready);
  status.waiting(true);
  expect(status.element.textContent).toContain("Waiting for the kernel");
  expect(status.element.textContent).not.toContain("Ready");
  status.say("Not saved: the disk is full", "error");
  status.waiting(false);
  expect(status.element.textContent).toBe("Not saved: the disk is fullReady");
});
