interface RangeProps {
  low: number;
  value: number;
  high: number;
  /** The number at the right end. */
  most?: number;
}

/** A number and its interval, as a dot on a line; the words beside it say the same. */
export function Range({ low, value, high, most = 1 }: RangeProps) {
  const at = (part: number) => `${((100 * part) / most).toFixed(1)}%`;
  return (
    <span class="ls-range" aria-hidden="true">
      <i style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
      <b style={{ left: at(value) }} />
    </span>
  );
}
