/** A share as a line that is filled so far. */

export function Meter({ share }: { share: number }) {
  return (
    <span class="ls-track" aria-hidden="true">
      <i style={{ width: `${Math.round(100 * share)}%` }} />
    </span>
  );
}
