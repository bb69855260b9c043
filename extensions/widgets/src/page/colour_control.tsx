/** The control "colour by": the commonest labels, suspicion, review, a column, or the state of one label. */

import { signal } from "@preact/signals";
import { render } from "preact";
import type { Colour, ColoursAsked, Label, NamedLabel, Way } from "../messages";
import { recall, remember } from "../store";
import { Finder } from "./finder";

const FIND = "find";

export interface ColourControl {
  element: HTMLElement;
  /** What is shown. */
  wanted(): ColoursAsked;
  /** Offer these ways and labels, and a search for the rest. */
  offer(ways: Way[], labels: Label[], nLabels: number): void;
  /** Colour by the state of a label. */
  byLabel(label: number, name: string): void;
}

/** `changed`: other colours are wanted; `store`: where the choice is remembered. */
export function openColourControl(
  find: (query: string) => Promise<Label[]>,
  changed: () => void,
  store: string,
): ColourControl {
  const ways = signal<Way[]>([{ by: "labels", column: "", name: "Common labels" }]);
  const labels = signal<NamedLabel[]>([]);
  const more = signal(false); // whether there are labels that are not offered
  const chosen = signal("labels");
  let wanted: ColoursAsked = { by: "labels", label: 0, column: "" };
  const choose = (value: string) => {
    chosen.value = value;
    if (value === FIND) return;
    const cut = value.indexOf(":");
    const [by, rest] = cut < 0 ? [value, ""] : [value.slice(0, cut), value.slice(cut + 1)];
    wanted = { by: by as Colour, label: by === "label" ? Number(rest) : 0, column: by === "column" ? rest : "" };
    const name = by === "label" ? labels.value.find(({ label }) => label === wanted.label)?.name : "";
    remember(store, { value, name });
    changed();
  };
  const byLabel = (label: number, name: string) => {
    if (!labels.value.some(one => one.label === label)) labels.value = [{ label, name }, ...labels.value];
    choose(`label:${label}`);
  };
  /** What was chosen before a reload, where there still is such a thing. */
  const again = async () => {
    const { value, name } = recall<{ value?: string; name?: string }>(store, {});
    if (!value || value === chosen.value) return;
    if (!value.startsWith("label:"))
      return (
        ways.value.some(({ by, column }) => value === (by === "column" ? `column:${column}` : by)) && choose(value)
      );
    const found = (await find(name ?? "")).find(of => of.name === name && value === `label:${of.label}`);
    if (found && chosen.value === "labels") byLabel(found.label, found.name);
  };
  const columns = (are: boolean) =>
    ways.value
      .filter(({ by }) => (by === "column") === are)
      .map(({ by, column, name }) => (
        <option key={name} value={are ? `column:${column}` : by}>
          {name}
        </option>
      ));
  const Content = () => {
    const named = columns(true);
    return (
      <>
        <span class="ls-soft">Colour</span>
        <select
          class="ls-select"
          aria-label="Colour by"
          value={chosen.value}
          onChange={event => choose(event.currentTarget.value)}
        >
          {columns(false)}
          {named.length > 0 && <optgroup label="Columns">{named}</optgroup>}
          {labels.value.length > 0 && (
            <optgroup label="State of one label">
              {labels.value.map(({ label, name }) => (
                <option key={label} value={`label:${label}`}>
                  {name}
                </option>
              ))}
              {more.value && <option value={FIND}>Find a label…</option>}
            </optgroup>
          )}
        </select>
        {chosen.value === FIND && (
          <Finder name="Find a label…" find={find} choose={({ label, name }) => byLabel(label, name)} focused />
        )}
      </>
    );
  };
  const element = document.createElement("label");
  element.className = "ls-colouring";
  render(<Content />, element);
  return {
    element,
    wanted: () => wanted,
    offer(known, common, nLabels) {
      [ways.value, labels.value, more.value] = [known, common, common.length < nLabels];
      void again();
    },
    byLabel,
  };
}
