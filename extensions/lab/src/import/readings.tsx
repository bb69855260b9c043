/** How the labels are written: the ways that are possible, and what an unlisted label means. */

import type { ImportModel } from "./model";
import { Problems } from "./problems";
import { ReadingCard } from "./reading_card";
import { TextField } from "./text_field";

const ABOUT = ["labels", "labels_delimiter", "labels_format", "missing", "empty", "unlisted", "values"];

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
