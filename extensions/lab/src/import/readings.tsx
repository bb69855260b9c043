/** How the labels are written: the ways that are possible, and what an unlisted label means. */

import type { Choices } from "./messages";
import type { ImportModel } from "./model";
import { Problems } from "./problems";
import { ReadingCard } from "./reading_card";
import { TextField } from "./text_field";

const ABOUT = [
  "labels",
  "labels_delimiter",
  "labels_format",
  "missing",
  "empty",
  "unlisted",
  "values",
  "labels_per_item",
];

function perItem(value: string): Choices["labels_per_item"] {
  return value === "one" || value === "several" ? value : undefined;
}

export function Readings({ model }: { model: ImportModel }) {
  const found = model.inspected.value;
  const readings = found?.readings ?? [];
  const { labels } = model.choices.value;
  const isText = model.look.value.columns.some(({ name, type }) => name === labels && type === "text");
  const open = readings.length > 0 && !readings.some(({ chosen }) => chosen);
  return (
    <section class="lsx-section" aria-labelledby="lsx-readings">
      <h3 id="lsx-readings">How are the labels written?</h3>
      <Problems model={model} about={ABOUT} withWarnings />
      {open && <p class="lsx-ask">Choose the reading that is right for these rows.</p>}
      <div role="radiogroup" aria-labelledby="lsx-readings">
        {readings.map(reading => (
          <ReadingCard
            key={reading.argument?.code ?? reading.title}
            reading={reading}
            choose={() => reading.argument && model.apply(reading.argument)}
          />
        ))}
      </div>
      {found?.one_label_each && (
        <p class="lsx-line lsx-fact">
          <strong>One label each.</strong>{" "}
          {found.keeps_one
            ? "A correction replaces the label by another; no item is left without one."
            : "Suggestions replace a label by another; the cells could hold several."}
        </p>
      )}
      <label class="lsx-field">
        <span>A label that is not listed is</span>
        <select
          class="jp-mod-styled"
          value={model.choices.value.unlisted ?? "negative"}
          onChange={event => model.set({ unlisted: event.currentTarget.value === "unknown" ? "unknown" : undefined })}
        >
          <option value="negative">negative: the item does not have it</option>
          <option value="unknown">unknown: nobody said</option>
        </select>
      </label>
      <label class="lsx-field">
        <span>An item has</span>
        <select
          class="jp-mod-styled"
          value={model.choices.value.labels_per_item ?? ""}
          onChange={event => model.set({ labels_per_item: perItem(event.currentTarget.value) })}
        >
          <option value="">as many labels as the table shows</option>
          <option value="one">one label: a correction replaces it</option>
          <option value="several">several labels, or none</option>
        </select>
      </label>
      {isText && (
        <TextField
          model={model}
          name="labels_delimiter"
          words="Another delimiter"
          hint="What stands between the labels of a cell, as typed"
        />
      )}
    </section>
  );
}
