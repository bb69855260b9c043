/** A line icon, hidden from screen readers. */

import { SHAPES } from "./shapes";

export function Icon({ name }: { name: keyof typeof SHAPES }) {
  return (
    <svg viewBox="0 0 16 16" width={16} height={16} aria-hidden="true" class="ls-icon">
      <path d={SHAPES[name]} />
    </svg>
  );
}
