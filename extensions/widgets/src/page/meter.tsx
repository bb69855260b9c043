/** A share as a line that is filled so far. */

export function Meter({ share }: { share: number }) {
  return (
    <span class="ls-track" aria-hidden="true">
      <i style={{ width: `${Math.round(100 * share)}%` }} />
    </span>
  );
}

/** The same of something that goes on, which a screen reader tells. */
export function Progress({ name, done, of }: { name: string; done: number; of: number }) {
  return (
    <span
      class="ls-track"
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={of}
      aria-valuenow={done}
    >
      <i style={{ width: `${(100 * done) / Math.max(1, of)}%` }} />
    </span>
  );
}
