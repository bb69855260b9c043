/** The first rows of the table, with the role of each column in its head. */

import type { Cell } from "./messages";
import type { ImportModel } from "./model";
import { Problems } from "./problems";
import { RoleSelect } from "./role_select";
import { roleOf } from "./roles";

const ABOUT = ["text", "image", "id", "features", "groups", "split", "rater", "separator", "columns", "format"];
const DELIMITED = ["csv", "tsv"];

export function Preview({ model }: { model: ImportModel }) {
  const { name, columns, rows, n_rows, format } = model.look.value;
  const headless = model.choices.value.columns !== undefined;
  const numbered = columns.map((_, at) => `column_${at + 1}`);
  return (
    <section class="lsx-section" aria-labelledby="lsx-rows">
      <div class="lsx-between">
        <h3 id="lsx-rows">What is in each column?</h3>
        {DELIMITED.includes(format) && (
          <label class="lsx-check">
            <input
              type="checkbox"
              checked={headless}
              onChange={() => model.set({ columns: headless ? undefined : numbered })}
            />
            The first line is a record, not the names
          </label>
        )}
      </div>
      <Problems model={model} about={ABOUT} withWarnings />
      <div class="lsx-preview" tabIndex={0} role="region" aria-label={`First rows of ${name}`}>
        <table>
          <thead>
            <tr>
              {columns.map(({ name, type }) => (
                <th key={name} scope="col" data-role={roleOf(model.choices.value, name)}>
                  <RoleSelect model={model} column={name} />
                  <span class="lsx-name" title={name}>
                    {name}
                  </span>
                  <small>{type}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <CellView key={column} cell={cell} role={roleOf(model.choices.value, columns[column].name)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="lsx-soft">
        The first {rows.length.toLocaleString()} of {n_rows.toLocaleString()} rows.
      </p>
    </section>
  );
}

function CellView({ cell, role }: { cell: Cell; role: string }) {
  return (
    <td data-role={role} title={cell.full ?? cell.text ?? ""}>
      {cell.text === null ? <span class="lsx-null">null</span> : <span class="lsx-cell">{cell.text}</span>}
    </td>
  );
}
