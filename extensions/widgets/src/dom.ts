/**
 * Elements made of tags, attributes and text nodes. Text that came from data never becomes markup: there is no way to
 * say HTML here.
 */

import { SHAPES } from "./page/shapes";

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** Make an element. `on…` attributes are listeners; false, null and undefined leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...present(children));
  return element;
}

/** Set attributes of an element, in the way of `h`. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Replace what is in an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...present(children));
}

function present(children: Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false);
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element, in the way of `h`. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...present(children));
  return element;
}

/** A button that shows an icon alone. */
export function squareButton(name: string, shape: keyof typeof SHAPES, attributes: Attributes): HTMLButtonElement {
  const own = { type: "button", class: "ls-button ls-square", "aria-label": name };
  return h("button", { ...own, ...attributes }, icon(shape));
}

/** A line icon of 16 × 16, hidden from screen readers. */
export function icon(name: keyof typeof SHAPES): SVGSVGElement {
  return s(
    "svg",
    { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "ls-icon" },
    s("path", { d: SHAPES[name] }),
  );
}
