/** A name that may be longer than its place: it is cut in its middle, since names often differ at their ends. */

const PLAIN = 16; // letters that are never cut apart
const END = 7;
const JOINED = /[\u0590-\u08ff\ufb1d-\ufeff]/; // scripts whose letters would come apart

const letters = new Intl.Segmenter();

export function LongName({ name }: { name: string }) {
  if (name.length <= PLAIN || JOINED.test(name)) return <>{name}</>;
  const all = [...letters.segment(name)].map(({ segment }) => segment);
  return (
    <span class="ls-long-name">
      <span>{all.slice(0, -END).join("")}</span>
      <span>{all.slice(-END).join("")}</span>
    </span>
  );
}
