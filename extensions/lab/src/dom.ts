/** Elements without HTML: every string that comes from data becomes text. */

type Child = Node | string | null;
type Properties = Record<string, string | boolean | ((event: Event) => void)>;

/** An element; properties that start with "on" are listeners, true is an attribute without a value. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

export function button(words: string, onclick: () => void, primary = false): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: `jp-mod-styled ${primary ? "jp-mod-accept" : "jp-mod-reject"}`, onclick },
    words,
  );
}
