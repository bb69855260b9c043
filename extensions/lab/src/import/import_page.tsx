/** How a table is to be read, chosen with its rows in sight; then it is opened. */

import { render } from "preact";

import { Call } from "./call";
import { CarryOver } from "./carry_over";
import { Decisions } from "./decisions";
import { Files } from "./files";
import type { ImportModel } from "./model";
import { Preview } from "./preview";
import { Problems } from "./problems";
import { Readings } from "./readings";
import { TopBar } from "./top_bar";

function ImportPage({ model }: { model: ImportModel }) {
  return (
    <form
      class="lsx-import"
      aria-label={`How to read ${model.look.value.name}`}
      onSubmit={event => {
        event.preventDefault();
        void model.open();
      }}
    >
      <TopBar model={model} />
      {!model.carry.value && <Problems model={model} about={["", "label_descriptions"]} withWarnings />}
      <CarryOver model={model} />
      <Preview model={model} />
      <div class="lsx-columns">
        <Readings model={model} />
        <div>
          <Decisions model={model} />
          <Files model={model} />
        </div>
      </div>
      <Call model={model} />
    </form>
  );
}

/** Show the page in an element; the result takes it away. */
export function showImport(element: HTMLElement, model: ImportModel): () => void {
  render(<ImportPage model={model} />, element);
  return () => {
    model.dispose();
    render(null, element);
  };
}
