/** What would be opened, in one line, and the button that does it. */

import { useEffect, useRef } from "preact/hooks";

import type { ImportModel } from "./model";
import { counted } from "./reading_card";

export function TopBar({ model }: { model: ImportModel }) {
  const button = useRef<HTMLButtonElement>(null);
  const { name, n_rows } = model.look.value;
  const clear = model.isClear.value;
  // Enter opens a table that is clear, unless the person is somewhere else on the page
  useEffect(() => {
    if (clear && isNobodys(document.activeElement)) button.current?.focus();
  }, [clear]);
  return (
    <header class="lsx-top">
      <div>
        <h2>{name}</h2>
        <p role="status" class="lsx-summary">
          {model.busy.value && <span class="lsx-spinner" aria-hidden="true" />}
          {summary(model, n_rows)}
        </p>
      </div>
      <button ref={button} type="submit" class="jp-mod-styled jp-mod-accept" disabled={!clear}>
        Open <kbd aria-hidden="true">⏎</kbd>
      </button>
    </header>
  );
}

function summary(model: ImportModel, n_rows: number): string {
  const rows = counted(n_rows, "row");
  if (model.busy.value) return `${rows}. Looking how the labels can be read…`;
  const reading = model.chosenReading.value;
  if (!reading) return `${rows}. It is not clear yet how the labels are written.`;
  const unknown = reading.n_unknown ? `, ${counted(reading.n_unknown, "unknown cell")}` : "";
  const counts = `${counted(reading.n_labels, "label")}, ${counted(reading.n_positive, "positive")}${unknown}`;
  const held = model.isClear.value ? "" : " Something below does not fit yet.";
  return `${rows}. ${counts}${model.inspected.value?.one_label_each ? "; one label each" : ""}.${held}`;
}

/** Whether nobody would miss the focus: it is nowhere, on a panel, or in the list of files that was just clicked. */
function isNobodys(element: Element | null): boolean {
  return (
    !element || element === document.body || !element.closest(".lsx-import input, .lsx-import select, input, textarea")
  );
}
