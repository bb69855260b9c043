/** One way in which the labels can be read, with what it gives on rows of the table. */

import { Chips } from "./chips";
import type { Example, Reading } from "./messages";

interface ReadingCardProps {
  reading: Reading;
  choose: () => void;
}

export function ReadingCard({ reading, choose }: ReadingCardProps) {
  return (
    <label class={`lsx-reading${reading.chosen ? " lsx-chosen" : ""}`}>
      <input type="radio" name="reading" checked={reading.chosen} onChange={choose} />
      <span class="lsx-reading-head">
        <strong>{reading.title}</strong>
        <span class="lsx-counts">
          {counted(reading.n_labels, "label")} · {counted(reading.n_positive, "positive")}
          {reading.n_unknown > 0 && ` · ${counted(reading.n_unknown, "unknown cell")}`}
        </span>
      </span>
      <span class="lsx-examples">
        {reading.examples.map(example => (
          <ExampleRow key={example.row} example={example} />
        ))}
      </span>
    </label>
  );
}

function ExampleRow({ example }: { example: Example }) {
  const { row, cell, labels, n_positive, n_unknown } = example;
  return (
    <span class="lsx-example">
      <span class="lsx-soft">Row {(row + 1).toLocaleString()}</span>
      <code title={cell}>{cell || "(blank)"}</code>
      {n_positive > 0 ? (
        <Chips names={labels} total={n_positive} />
      ) : (
        <span class="lsx-soft">{n_unknown ? "unknown" : "no label"}</span>
      )}
    </span>
  );
}

export function counted(n: number, word: string): string {
  return `${n.toLocaleString()} ${word}${n === 1 ? "" : "s"}`;
}
