/** Labels as chips; what is more than is shown, in a number. */

interface ChipsProps {
  names: readonly string[];
  /** How many there are. */
  total: number;
}

export function Chips({ names, total }: ChipsProps) {
  return (
    <span class="lsx-chips">
      {names.map(name => (
        <span key={name} class="lsx-chip" title={name}>
          {name}
        </span>
      ))}
      {total > names.length && <span class="lsx-soft">+{(total - names.length).toLocaleString()}</span>}
    </span>
  );
}
