/**
 * Co-occurrence as a triangle: each name is written once, at the end of its row and at the top of its column. Blue
 * pairs meet more often than independent labels would, orange ones less often; grey ones may be chance.
 */

import { useMemo, useRef, useState } from "preact/hooks";
import type { FilterAsked, NamedLabel } from "../messages";
import { count } from "../numbers";

const SIGNIFICANT = 0.05;
const CELL = { least: 13, most: 30 };
const NAME = 118; // pixels for the last name
const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

type Cell = [row: number, column: number];

export interface Matrix {
  labels: NamedLabel[];
  n: Int32Array;
  lift: Float32Array;
  q: Float32Array;
}

interface TriangleProps {
  of: Matrix;
  /** Width and height, in pixels. */
  room: [number, number];
  /** Say what a pair is; "" for none. */
  say: (words: string) => void;
  put: (asked: FilterAsked) => void;
}

export function Triangle({ of, room: [width, height], say, put }: TriangleProps) {
  const { labels } = of;
  const svg = useRef<SVGSVGElement>(null);
  const [known, setAt] = useState<Cell>([1, 0]);
  const [named, setNamed] = useState<Cell | null>(null);
  const room = Math.max(60, Math.min(height - 4, width - NAME));
  const n = Math.min(labels.length, Math.floor(room / CELL.least));
  const size = Math.min(CELL.most, room / n);
  const at: Cell = [Math.min(known[0], n - 1), Math.min(known[1], n - 1)];
  const point = (cell: Cell | null) => {
    setNamed(cell);
    say(cell ? words(of, ...cell) : "");
  };
  const choose = ([i, j]: Cell) => {
    const [a, b] = [labels[i]!.label, labels[j]!.label];
    put(i === j ? { by: "label", label: a, state: 1 } : { by: "pair", a, b });
  };
  const press = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (!move && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (!move) return choose(at);
    const i = Math.max(0, Math.min(n - 1, at[0] + move[0]));
    const j = Math.max(0, Math.min(i, at[1] + move[1]));
    setAt([i, j]);
    svg.current!.querySelector<SVGElement>(`[data-cell="${i}.${j}"]`)?.focus();
  };
  const cells = useMemo(
    // hundreds: made anew only when they are others
    () =>
      Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (__, j): Cell => [i, j]))
        .flat()
        .map(([i, j]) => (
          <rect
            key={`${i}.${j}`}
            x={j * size + 0.5}
            y={i * size + 0.5}
            width={size - 1}
            height={size - 1}
            rx={Math.min(3, size / 5)}
            role="button"
            tabIndex={at[0] === i && at[1] === j ? 0 : -1}
            class={i === j ? "ls-diagonal" : ""}
            style={i === j ? "" : { fill: colour(of, i, j) }}
            aria-label={words(of, i, j)}
            data-cell={`${i}.${j}`}
            onPointerEnter={() => point([i, j])}
            onFocus={() => point([i, j])}
            onClick={() => choose([i, j])}
          />
        )),
    [of, n, size, ...at],
  );
  return (
    <svg
      ref={svg}
      width={n * size + NAME}
      height={n * size + 2}
      role="group"
      aria-label={`Co-occurrence of ${n} labels`}
      onKeyDown={press}
      onPointerLeave={() => point(null)}
    >
      {cells}
      {labels.slice(0, n).map(({ label, name }, i) => (
        <text
          key={label}
          x={(i + 1) * size + 5}
          y={(i + 0.5) * size}
          font-size={Math.min(12, Math.max(9.5, size * 0.78))}
          dominant-baseline="central"
          class={named?.includes(i) ? "ls-named" : ""}
        >
          {name}
        </text>
      ))}
    </svg>
  );
}

function colour({ labels, lift, q }: Matrix, i: number, j: number): string {
  const at = i * labels.length + j;
  const log = Math.log2(Math.max(lift[at]!, 1 / 64));
  if (!Number.isFinite(lift[at]!) || !(q[at]! <= SIGNIFICANT)) return "var(--ls-cell)";
  const strength = Math.round(18 + 82 * Math.min(1, Math.abs(log) / 4));
  return `color-mix(in srgb, var(${log > 0 ? "--ls-more" : "--ls-less"}) ${strength}%, var(--ls-cell))`;
}

function words({ labels, n, lift, q }: Matrix, i: number, j: number): string {
  const at = i * labels.length + j;
  const [together, factor] = [count(n[at]!), lift[at]!];
  if (i === j) return `${labels[i]!.name}: ${together} items`;
  const rounded = factor >= 10 ? Math.round(factor) : factor.toFixed(factor < 1 ? 2 : 1);
  const times = Number.isFinite(factor) ? `, ${rounded}× what chance would give` : "";
  const doubt = q[at]! <= SIGNIFICANT ? "" : " (may be chance)";
  return `${labels[i]!.name} and ${labels[j]!.name}: ${together} together${times}${doubt}`;
}
