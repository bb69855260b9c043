/** A line icon, hidden from screen readers. */

import { SHAPES } from "./shapes";

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" width={16} height={16} aria-hidden="true" class="ls-icon">
      <path d={SHAPES[name]} />
    </svg>
  );
}
