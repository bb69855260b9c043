/** How good models are on the labels and on the truth, and which of two is better. */

import { signal } from "@preact/signals";
import type { Averaged, FilterAsked, ModelLabel, ModelPair, ModelRow, ModelTable } from "../messages";
import { count, plural } from "../numbers";
import type { View } from "../tab_panel";
import type { Wire } from "../wire";
import { NameLink } from "./name_link";
import { panel, type Shown } from "./panel";
import { Range } from "./range";

const NAMES: Record<string, string> = { f1: "F1", precision: "Precision", recall: "Recall", accuracy: "Accuracy" };
const AVERAGES: Record<Averaged, [name: string, title: string]> = {
  micro: ["all cells together", "Each cell counts once"],
  macro: ["mean of the labels", "Mean over the labels with at least ten audited positives"],
  hierarchical: ["with ancestors", "All cells together; each predicted label brings its ancestors in the taxonomy"],
};

export function modelsPanel(wire: Wire, list: (asked: FilterAsked) => void): View {
  const average = signal<Averaged>("micro");
  const Content = ({ got, again }: Shown<ModelTable>) =>
    got && (
      <div class="ls-rows ls-models">
        {got.why ? (
          <p class="ls-note">{got.why}</p>
        ) : (
          <p class="ls-note">
            {`On the truth by ${plural(got.n_audited, "audited cell")}, with `}
            {`${Math.round(100 * got.confidence)}% intervals; `}
            {got.averages.length > 1 ? (
              <select
                class="ls-select ls-small"
                aria-label="Average"
                title={AVERAGES[average.value][1]}
                value={average.value}
                onChange={event => {
                  average.value = event.currentTarget.value as Averaged;
                  again();
                }}
              >
                {got.averages.map(name => (
                  <option key={name} value={name}>
                    {AVERAGES[name][0]}
                  </option>
                ))}
              </select>
            ) : (
              AVERAGES[got.average][0]
            )}
          </p>
        )}
        {first(got.pairs).length === 1 && <Pairs of={first(got.pairs)} />}
        {got.rows.length > 0 && <Scores of={got.rows} />}
        {first(got.pairs).length > 1 && <Pairs of={first(got.pairs)} />}
        {got.labels.length > 0 && <ByLabel of={got.labels} more={got.n_more_labels} list={list} />}
      </div>
    );
  return panel<ModelTable>({
    name: "Models",
    needs: ["decisions"],
    fetch: async () => (await wire.request("models", { average: average.value })).body,
    Content,
  });
}

/** The pairs by F1. */
function first(pairs: ModelPair[]): ModelPair[] {
  return pairs.filter(({ metric }) => metric === "f1");
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function signed([value, low, high]: [number, number, number]): string {
  const one = (number: number) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(3)}`;
  return `F1 differs by ${one(value)} (${one(low)} to ${one(high)})`;
}

function Pairs({ of }: { of: ModelPair[] }) {
  return (
    <ul class="ls-models-pairs" aria-label="Pairs of models">
      {of.map(({ model, other, says, difference, better }) => (
        <li key={`${model} ${other}`}>
          {better ? <b dir="auto">{sentence(says)}</b> : <span dir="auto">{sentence(says)}</span>}
          {difference && <small class="ls-soft">{` ${signed(difference)}`}</small>}
        </li>
      ))}
    </ul>
  );
}

function Truth({ of }: { of: ModelRow["truth"] }) {
  if (!of) return <span class="ls-soft">not known</span>;
  const [value, low, high] = of;
  return (
    <span class="ls-models-truth" title={`${value.toFixed(3)}, from ${low.toFixed(3)} to ${high.toFixed(3)}`}>
      <b>{value.toFixed(3)}</b>
      <Range low={low} value={value} high={high} />
      <small class="ls-soft">{`${low.toFixed(2)} to ${high.toFixed(2)}`}</small>
    </span>
  );
}

function Scores({ of }: { of: ModelRow[] }) {
  const shown = (value: number | null) => (value === null ? "" : value.toFixed(3));
  return (
    <table aria-label="Models">
      <thead>
        <tr>
          <th>Metric</th>
          <th>Model</th>
          <th title="Counted on the labels as they came">As given</th>
          <th title="Counted on the labels as they stand here">As corrected</th>
          <th title="Estimated from the audited cells, with its interval">On the truth</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ metric, model, given, corrected, truth }, k) => (
          <tr key={`${metric} ${model}`} class={of[k + 1]?.metric === metric ? "" : "ls-models-last"}>
            <td>{(!k || of[k - 1]!.metric !== metric) && NAMES[metric]}</td>
            <td dir="auto">{model}</td>
            <td>{shown(given)}</td>
            <td>{shown(corrected)}</td>
            <td>
              <Truth of={truth} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ByLabel({ of, more, list }: { of: ModelLabel[]; more: number; list: (asked: FilterAsked) => void }) {
  return (
    <>
      <table aria-label="F1 by label">
        <thead>
          <tr>
            <th>Label</th>
            <th title="Audited cells of the label">Audited</th>
            <th>Model</th>
            <th title="Counted on the labels as they came">F1 as given</th>
            <th title="Estimated from the audited cells of the label, with its interval">F1 on the truth</th>
          </tr>
        </thead>
        <tbody>
          {of.flatMap(({ label, name, n_audited, rows }) =>
            rows.map(({ model, given, truth }, k) => (
              <tr key={`${label} ${model}`} class={k === rows.length - 1 ? "ls-models-last" : ""}>
                <td>
                  {!k && (
                    <NameLink title={`List the items with ${name}`} use={() => list({ by: "label", label, state: 1 })}>
                      {name}
                    </NameLink>
                  )}
                </td>
                <td>{!k && count(n_audited)}</td>
                <td dir="auto">{model}</td>
                <td>{given !== null && given.toFixed(3)}</td>
                <td>
                  <Truth of={truth} />
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      {more > 0 && <p class="ls-note">{`${count(more)} more labels have fewer audited cells.`}</p>}
    </>
  );
}
