/**
 * Colours of the map, for light and dark themes. The kernel names roles; what they look like is decided here. States
 * are in Okabe and Ito's colours, as in the charts of labelscope/views.
 */

import { palette, type Palette } from "./preferences";

export interface Theme {
  dark: boolean;
  background: string;
  ink: string;
  accent: string;
}

const HUES: Record<Palette, string[]> = {
  standard: [
    "#4269d0",
    "#efb118",
    "#ff725c",
    "#6cc5b0",
    "#3ca951",
    "#ff8ab7",
    "#a463f2",
    "#97bbf5",
    "#9c6b4e",
    "#d24b8f",
  ],
  // M. Okabe and K. Ito, Color Universal Design (2008), black left out; filled up with Paul Tol's wine, indigo and sand
  "okabe-ito": [
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#882255",
    "#6a5acd",
    "#b8a96a",
  ],
  // P. Tol, Colour Schemes (2021), "muted", and a grey
  "tol-muted": [
    "#332288",
    "#cc6677",
    "#117733",
    "#ddcc77",
    "#88ccee",
    "#882255",
    "#44aa99",
    "#aa4499",
    "#999933",
    "#8a8f98",
  ],
};
const LIGHT: Record<string, string> = {
  negative: "#cfd3da",
  other: "#9aa0ab",
  positive: "#0072b2",
  unknown: "#ecc06a",
  unchecked: "#eadfc6",
  missing: "#a3bfe6",
  add: "#00a67a",
  remove: "#d55e00",
  pending: "#e69f00",
  accepted: "#009e73",
  rejected: "#d55e00",
  skipped: "#7b8494",
};
const DARK: Record<string, string> = {
  negative: "#4a505c",
  other: "#767e8c",
  positive: "#56b4e9",
  unknown: "#8d7440",
  unchecked: "#57503f",
  missing: "#4a6990",
  add: "#2fd6a3",
  remove: "#ff8a4c",
  pending: "#f5b83d",
  accepted: "#2fd6a3",
  rejected: "#ff8a4c",
  skipped: "#98a2b3",
};
const RAMP_LIGHT = ["#d5d9e0", "#e9cf8a", "#f2a24a", "#e2543f", "#8e1646"];
const RAMP_DARK = ["#3f4550", "#6b5a3c", "#c98a2b", "#f2694f", "#ffd0c2"];
const LEVELS = 16;

/** Roles that are drawn first, under everything that matters more. */
export const QUIET = new Set(["negative", "other", "unchecked", "missing", "level0", "level1", "level2", "level3"]);

/** CSS colour of a role. */
export function colourOf(role: string, theme: Theme): string {
  if (role.startsWith("hue")) return hue(Number(role.slice(3)));
  if (role.startsWith("level")) return ramp(Number(role.slice(5)) / (LEVELS - 1), theme);
  return (theme.dark ? DARK : LIGHT)[role] ?? "#9498a0";
}

function hue(place: number): string {
  const hues = HUES[palette()] ?? HUES.standard;
  return hues[place % hues.length]!;
}

/** The ramp of suspicion as a CSS gradient. */
export function gradient(theme: Theme): string {
  return `linear-gradient(90deg, ${(theme.dark ? RAMP_DARK : RAMP_LIGHT).join(", ")})`;
}

/** Points that are not selected. */
export function faded(theme: Theme): string {
  return theme.dark ? "#343943" : "#e3e6ea";
}

/** The theme that an element is in: by the brightness of what is behind it. */
export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  const background = hex(style.backgroundColor) || "#ffffff";
  return {
    dark: luminance(background) < 0.35,
    background,
    ink: hex(style.color) || "#1c2024",
    accent: style.getPropertyValue("--ls-accent").trim() || "#2f6fde",
  };
}

/** #rrggbb to [r, g, b]. */
export function rgb(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1, 7), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function ramp(at: number, theme: Theme): string {
  const stops = theme.dark ? RAMP_DARK : RAMP_LIGHT;
  const place = Math.min(at, 0.9999) * (stops.length - 1);
  const [low, high] = [rgb(stops[Math.floor(place)]!), rgb(stops[Math.floor(place) + 1]!)];
  const part = place - Math.floor(place);
  return `#${low
    .map((value, i) =>
      Math.round(value + (high[i]! - value) * part)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

function hex(colour: string): string {
  const parts = colour.match(/[\d.]+/g);
  if (!parts || parts.length < 3 || (parts.length > 3 && Number(parts[3]) === 0)) return "";
  return `#${parts
    .slice(0, 3)
    .map(part => Math.round(Number(part)).toString(16).padStart(2, "0"))
    .join("")}`;
}

function luminance(colour: string): number {
  const [r, g, b] = rgb(colour);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
