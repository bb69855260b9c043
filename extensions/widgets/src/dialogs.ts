/**
 * What is laid over the app: the help and the export. One at a time; Esc closes it, and the focus goes to the current
 * card.
 */

import { fill, h } from "./dom";
import { plural } from "./numbers";
import { bindings, rebind, resetKeys, type Binding } from "./keys";

export class Overlay {
  private readonly element = h("div", { class: "ls-overlay-back ls-hidden" });

  constructor(
    host: HTMLElement,
    private readonly closed: () => void,
  ) {
    this.element.addEventListener("pointerdown", event => event.target === this.element && this.hide());
    this.element.addEventListener("keydown", event => event.key === "Tab" && this.keep(event));
    host.append(this.element);
  }

  get open(): boolean {
    return !this.element.classList.contains("ls-hidden");
  }

  /** Show a panel and put the focus on `first`. */
  show(name: string, first: HTMLElement, ...content: Node[]): void {
    fill(
      this.element,
      h(
        "div",
        { role: "dialog", "aria-modal": "true", "aria-label": name, class: "ls-dialog" },
        h("h2", {}, name),
        ...content,
      ),
    );
    this.element.classList.remove("ls-hidden");
    first.focus({ preventScroll: true });
  }

  hide(): void {
    this.element.classList.add("ls-hidden");
    fill(this.element);
    this.closed();
  }

  /** Tab stays inside. */
  private keep(event: KeyboardEvent): void {
    const stops = [...this.element.querySelectorAll<HTMLElement>("button:not(:disabled), input, select")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length];
    event.preventDefault();
    next?.focus();
  }
}

/** The keys, as a table; those on a button can be changed by clicking it and pressing another. */
export function showHelp(overlay: Overlay, changed: () => void): void {
  const close = h("button", { type: "button", class: "ls-button", onclick: () => overlay.hide() }, "Close");
  const table = h("div", { class: "ls-shortcuts" });
  const draw = () =>
    fill(
      table,
      ...bindings().map(binding =>
        h(
          "div",
          { class: "ls-shortcut" },
          keysOf(binding, () => {
            draw();
            changed();
            table.querySelector<HTMLElement>(`[data-action="${binding.action}"]`)?.focus();
          }),
          h("span", {}, binding.words),
        ),
      ),
    );
  draw();
  const reset = h(
    "button",
    {
      type: "button",
      class: "ls-link",
      onclick: () => {
        resetKeys();
        draw();
        changed();
      },
    },
    "Reset keys",
  );
  const mouse = h(
    "p",
    { class: "ls-soft" },
    "To change a key, click it and press another. On the map: drag moves, the wheel zooms, a double click resets, " +
      "a click picks an item. With lasso, box or brush (or with Shift to add and Alt to remove), drag over items. " +
      "Click a label to change it, Alt+click to say unknown.",
  );
  const query = h(
    "p",
    { class: "ls-soft" },
    "Filters: ",
    ...[
      "anger AND NOT annoyance",
      "joy:? (unknown)",
      "joy:no",
      'text:"not sure"',
      "is:pending",
      "split:test",
      "joy>0.8",
      "suspicion>0.5",
      "labels>=3",
      "id:42",
    ].flatMap((example, i) => [i ? " · " : "", h("code", {}, example)]),
  );
  overlay.show(
    "Keys",
    close,
    table,
    mouse,
    query,
    h("div", { class: "ls-dialog-actions" }, reset, h("span", { class: "ls-gap" }), close),
  );
}

function keysOf(binding: Binding, changed: () => void): HTMLElement {
  const shown =
    binding.key &&
    h(
      "button",
      {
        type: "button",
        class: "ls-keycap",
        "data-action": binding.action,
        "aria-label": `Key for ${binding.words}: ${binding.key.toUpperCase()}`,
        title: "Click and press another key",
      },
      binding.key.toUpperCase(),
    );
  if (shown) {
    shown.addEventListener("click", () => {
      shown.classList.add("ls-waiting");
      shown.textContent = "…";
    });
    shown.addEventListener("keydown", event => {
      if (!shown.classList.contains("ls-waiting") || ["Tab", "Shift", "Alt", "Control", "Meta"].includes(event.key))
        return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key !== "Escape") rebind(binding.action, event.key.toLowerCase());
      changed();
    });
    shown.addEventListener("blur", () => shown.classList.contains("ls-waiting") && changed());
  }
  return h(
    "span",
    {},
    ...[shown || null, ...binding.fixed.map(key => h("kbd", {}, key))].flatMap((key, i) =>
      key ? [i && (shown || i > 1) ? " or " : "", key] : [],
    ),
  );
}

/** Where to write the corrected labels. `write` gives words about what was written. */
export function showExport(
  overlay: Overlay,
  path: string,
  changed: number,
  write: (path: string) => Promise<boolean>,
): void {
  const field = h("input", { type: "text", class: "ls-field", "aria-label": "File", spellcheck: "false" });
  field.value = path;
  const save = h("button", { type: "submit", class: "ls-button ls-primary" }, "Save file");
  const cancel = h("button", { type: "button", class: "ls-button", onclick: () => overlay.hide() }, "Cancel");
  const form = h(
    "form",
    {},
    h(
      "p",
      { class: "ls-soft" },
      `The table as it came, with ${plural(changed, "changed cell")}. ` +
        "The ending says the format; the list of changes is written beside it.",
    ),
    field,
    h("div", { class: "ls-dialog-actions" }, cancel, save),
  );
  form.addEventListener("submit", event => {
    event.preventDefault();
    save.disabled = true;
    void write(field.value).then(written => (written ? overlay.hide() : (save.disabled = false)));
  });
  overlay.show("Save corrected labels", field, form);
  field.select();
}

/** Whose decisions these are. `rename` says whether the name was taken. */
export function showReviewer(overlay: Overlay, name: string, rename: (name: string) => Promise<boolean>): void {
  const field = h("input", {
    type: "text",
    class: "ls-field",
    "aria-label": "Your name",
    maxlength: 80,
    spellcheck: "false",
  });
  field.value = name;
  const save = h("button", { type: "submit", class: "ls-button ls-primary" }, "Sign with it");
  const cancel = h("button", { type: "button", class: "ls-button", onclick: () => overlay.hide() }, "Cancel");
  const form = h(
    "form",
    {},
    h(
      "p",
      { class: "ls-soft" },
      "Decisions from now on are signed with this name, and undo takes back those of this name.",
    ),
    field,
    h("div", { class: "ls-dialog-actions" }, cancel, save),
  );
  form.addEventListener("submit", event => {
    event.preventDefault();
    save.disabled = true;
    void rename(field.value).then(taken => (taken ? overlay.hide() : (save.disabled = false)));
  });
  overlay.show("Who reviews?", field, form);
  field.select();
}
