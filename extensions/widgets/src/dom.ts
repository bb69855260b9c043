/**
 * Elements made of tags, attributes and text nodes. Text that came from data never becomes markup: there is no way to
 * say HTML here.
 */

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

const SHAPES = {
  lasso:
    "M8 2.5c3.3 0 6 1.7 6 4s-2.7 4-6 4-6-1.7-6-4 2.7-4 6-4Z" +
    "M5 10.3c.6.7.6 1.8-.3 2.3-.8.4-1.7 0-1.8-.9M4.7 12.6c.2.8.8 1.4 1.8 1.6",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  check: "M3 8.5l3.2 3.2L13 5",
  cross: "M4 4l8 8M12 4l-8 8",
  skip: "M4 4l5 4-5 4V4ZM12 4v8",
  undo: "M5.5 3L2.5 6l3 3M2.5 6h6.8a4 4 0 0 1 0 8H7",
  redo: "M10.5 3l3 3-3 3M13.5 6H6.7a4 4 0 0 0 0 8H9",
  export: "M8 2v7.5M4.8 5.2L8 2l3.2 3.2M2.5 9.5v4h11v-4",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.3 10.3l3.2 3.2",
  refresh: "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3",
  filter: "M2.5 3.5h11L9.3 8.6v4.2l-2.6-1.4V8.6L2.5 3.5Z",
  box: "M3 3h2M7 3h2M11 3h2v2M13 7v2M13 11v2h-2M9 13H7M5 13H3v-2M3 9V7M3 5V3",
  brush: "M13.5 2.5L7.4 8.6M7.4 8.6c-1.5-1-3.4-.3-3.6 1.5-.1 1.3-.8 2-1.8 2.4 2.2 1.3 5.2.9 5.9-1.3.3-1 .1-1.9-.5-2.6Z",
  target: "M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7Z",
  expand: "M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5L9 7M2.5 13.5L7 9",
  highlight: "M3 13.5h10M5.5 10.5l-1-1 6-6.5 2.5 2.5-6.5 6-1-1ZM4.5 9.5l-1 2 2-1",
  similar: "M5.5 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM10.5 7a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z",
  batch: "M2.5 4.5h7M2.5 8h5M2.5 11.5h4M9 10.5l2 2 3.5-4",
  drop: "M8 2.2s4.2 4.4 4.2 7.3a4.2 4.2 0 0 1-8.4 0C3.8 6.6 8 2.2 8 2.2Z",
  warning: "M8 2.5l6 11H2l6-11ZM8 6.5v3M8 11.4v.2",
} as const;

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

/** A line icon of 16 × 16, hidden from screen readers. */
export function icon(name: keyof typeof SHAPES): SVGSVGElement {
  return s(
    "svg",
    { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "ls-icon" },
    s("path", { d: SHAPES[name] }),
  );
}

/** 12345 as people read it. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 item", "2 items". */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** 0.1234 as "12 %", small shares with one digit more. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)} %`;
}
