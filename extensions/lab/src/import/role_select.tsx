/** What a column is: chosen in its head. */

import type { ImportModel } from "./model";
import { ROLES, Role, roleOf } from "./roles";

interface RoleSelectProps {
  model: ImportModel;
  column: string;
}

export function RoleSelect({ model, column }: RoleSelectProps) {
  const role = roleOf(model.choices.value, column);
  return (
    <select
      class="jp-mod-styled lsx-role"
      data-role={role}
      aria-label={`Role of ${column}`}
      aria-invalid={role !== "" && model.problems([role]).length > 0}
      title={ROLES.find(one => one.role === role)?.hint}
      value={role}
      onChange={event => model.role(column, event.currentTarget.value as Role)}
    >
      {ROLES.map(({ role, words, hint }) => (
        <option key={role} value={role} title={hint}>
          {words}
        </option>
      ))}
    </select>
  );
}
