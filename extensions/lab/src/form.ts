/** The columns of a table: which hold labels, text, images and ids. Opens with the guess; a person confirms it. */

import { h, button } from "./dom";
import { Columns, Look } from "./kernel";

const ROLES: { role: "text" | "image" | "id"; words: string; none: string }[] = [
  { role: "text", words: "Text", none: "No text" },
  { role: "image", words: "Image", none: "No image" },
  { role: "id", words: "Item id", none: "The number of the row" },
];

/** The form; `done` gets what was chosen, `changed` what is chosen so far. */
export function columnsForm(
  look: Look,
  start: Columns,
  done: (columns: Columns) => void,
  changed: (columns: Columns) => void,
): HTMLFormElement {
  const indicators = [look.guess.labels, start.labels].find(Array.isArray) ?? null;
  const labels = h("select", { name: "labels", class: "jp-mod-styled", required: true });
  labels.append(h("option", { value: "" }, "Choose a column…"));
  const together = indicators
    ? h("option", {}, `${indicators.length} columns of 0 and 1: ${shortened(indicators.join(", "))}`)
    : null;
  if (together) labels.append(together);
  labels.append(...options(look));
  if (together && Array.isArray(start.labels)) together.selected = true;
  else labels.value = typeof start.labels === "string" ? start.labels : "";
  const others = ROLES.map(({ role, words, none }) => {
    const select = h(
      "select",
      { name: role, class: "jp-mod-styled" },
      h("option", { value: "" }, none),
      ...options(look),
    );
    select.value = start[role] ?? "";
    return { role, words, select };
  });
  const chosen = (): Columns => {
    const [text, image, id] = others.map(({ select }) => select.value || null);
    const alone = labels.selectedOptions[0] !== together || !together;
    return { labels: alone ? labels.value || null : indicators, text, image, id };
  };
  const submit = button("Open", () => form.requestSubmit(), true);
  const form = h(
    "form",
    {
      class: "lsx-form",
      "aria-label": `Columns of ${look.name}`,
      onchange: () => changed(chosen()),
      onsubmit: event => {
        event.preventDefault();
        done(chosen());
      },
    },
    h("h2", {}, `What is in ${look.name}?`),
    field("Labels", labels, "Lists, text joined by a delimiter, or one label an item"),
    ...others.map(({ words, select }) => field(words, select)),
    h("div", { class: "lsx-buttons" }, submit),
    preview(look),
  );
  return form;
}

function options(look: Look): HTMLOptionElement[] {
  return look.columns.map(({ name, type }) => h("option", { value: name }, `${name} · ${type}`));
}

function field(words: string, control: HTMLSelectElement, hint = ""): HTMLLabelElement {
  return h("label", { class: "lsx-field" }, h("span", {}, words), control, hint ? h("small", {}, hint) : null);
}

function preview(look: Look): HTMLElement {
  const rows = look.columns.map(({ name, type, sample }) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, type), h("td", {}, sample)),
  );
  const head = h("tr", {}, ...["Column", "Type", "First value"].map(word => h("th", { scope: "col" }, word)));
  return h("div", { class: "lsx-preview" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
}

function shortened(text: string): string {
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}
