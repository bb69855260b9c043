/** Decide on many suggestions at once: what would change is shown first, and one undo takes it back. */

import type { Overlay } from "./dialogs";
import { fill, h, set } from "./dom";
import { count, percent, plural } from "./numbers";
import type { BatchShown, Suggestion, Wire } from "./wire";

export interface BatchAsked {
  listing: string;
  /** The current suggestion: "only ones like it" is about it. */
  current: Suggestion | null;
  done(words: string, decisions: number): void;
}

/** Open the dialog. */
export function showBatch(overlay: Overlay, wire: Wire, asking: BatchAsked): void {
  const { listing, current } = asking;
  let shown: BatchShown | null = null;
  let turn = 0;
  const only = current && h("option", { value: current.id }, `Only “${current.action} ${current.name}”`);
  const like = h(
    "select",
    { class: "ls-select", "aria-label": "Which suggestions" },
    h("option", { value: "" }, "The whole list"),
    only,
  );
  const verdict = h(
    "select",
    { class: "ls-select", "aria-label": "Decision" },
    h("option", { value: "accept" }, "Accept"),
    h("option", { value: "reject" }, "Reject"),
    h("option", { value: "skip" }, "Skip"),
  );
  const above = h("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0, "aria-label": "Least confidence" });
  const level = h("output", {}, "any");
  const body = h("div", { class: "ls-batch" });
  const apply = h("button", { type: "submit", class: "ls-button ls-primary" }, "Apply");
  const cancel = h("button", { type: "button", class: "ls-button", onclick: () => overlay.hide() }, "Cancel");
  const asked = () => ({ listing, like: like.value, above: Number(above.value) });

  const look = async () => {
    const now = ++turn;
    apply.disabled = true;
    level.textContent = Number(above.value) ? `at least ${Number(above.value).toFixed(2)}` : "any";
    try {
      const answer = (await wire.request("batch", asked())).body;
      if (now !== turn) return;
      shown = answer;
      draw(body, answer);
      apply.disabled = !answer.total;
      apply.textContent = answer.total ? `Apply to ${plural(answer.total, "suggestion")}` : "Nothing to apply";
    } catch (error) {
      fill(body, h("p", { class: "ls-note ls-error" }, (error as Error).message));
    }
  };
  const form = h(
    "form",
    {},
    h("div", { class: "ls-batch-ask" }, verdict, like, h("label", {}, "Confidence", above, level)),
    body,
    h(
      "div",
      { class: "ls-dialog-actions" },
      h("span", { class: "ls-soft ls-gap" }, "Decided ones are left alone. One undo takes all back."),
      cancel,
      apply,
    ),
  );
  like.addEventListener("change", () => void look());
  above.addEventListener("input", () => void look());
  const decide = async (event: Event) => {
    event.preventDefault();
    if (!shown?.total) return;
    set(apply, { disabled: true });
    try {
      const { body: answer } = await wire.request("batch_apply", {
        ...asked(),
        total: shown.total,
        verdict: verdict.value,
      });
      overlay.hide();
      const past = { accept: "Accepted", reject: "Rejected", skip: "Skipped" }[verdict.value];
      asking.done(`${past}: ${plural(answer.total, "suggestion")}`, answer.decisions);
    } catch (error) {
      fill(body, h("p", { class: "ls-note ls-error" }, (error as Error).message));
    }
  };
  form.addEventListener("submit", event => void decide(event));
  overlay.show("Decide on many", verdict, form);
  void look();
}

function draw(body: HTMLElement, { total, companions, items, groups, n_groups, sample }: BatchShown): void {
  if (!total) return fill(body, h("p", { class: "ls-note" }, "No undecided suggestion is that confident."));
  const along = companions
    ? `, and accepting takes ${plural(companions, "change")} along that they make necessary`
    : "";
  const most = Math.max(...groups.map(group => group.n));
  const rows = groups.map(({ action, label, n, least }) =>
    h(
      "div",
      { class: "ls-brow" },
      h("span", { class: `ls-bsign ls-${action}` }, action === "add" ? "+" : "−"),
      h("span", { class: "ls-bname", dir: "auto" }, label),
      h("span", { class: "ls-track" }, h("i", { style: `width:${(100 * n) / most}%` })),
      h("b", {}, count(n)),
      h("small", {}, `from ${percent(least)}`),
    ),
  );
  const examples = sample.map(one =>
    h(
      "div",
      { class: "ls-bexample" },
      h("span", { class: `ls-bsign ls-${one.action}` }, one.action === "add" ? "+" : "−"),
      h("span", { class: "ls-bname", dir: "auto" }, one.label),
      h("span", { class: "ls-btext", dir: "auto" }, one.text || `item ${one.item}`),
    ),
  );
  fill(
    body,
    h("p", {}, h("strong", {}, plural(total, "cell")), ` of ${plural(items, "item")} would be decided${along}:`),
    h(
      "div",
      { class: "ls-bgroups" },
      ...rows,
      n_groups > groups.length && h("p", { class: "ls-soft" }, `and ${count(n_groups - groups.length)} smaller groups`),
    ),
    h("p", { class: "ls-soft" }, "For example"),
    h("div", {}, ...examples),
  );
}
