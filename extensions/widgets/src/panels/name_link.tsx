import type { ComponentChildren } from "preact";

interface NameLinkProps {
  title: string;
  use: () => void;
  /** A name out of the data, in whatever script. */
  children: ComponentChildren;
}

/** A name that lists what it stands for. */
export function NameLink({ title, use, children }: NameLinkProps) {
  return (
    <button type="button" class="ls-link" dir="auto" title={title} onClick={use}>
      {children}
    </button>
  );
}
