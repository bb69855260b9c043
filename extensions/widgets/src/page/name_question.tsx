/** Asks who reviews, where the name was only guessed; beside the flow of work, so that nobody has to answer. */

import { useRef } from "preact/hooks";

interface NameQuestionProps {
  guess: string;
  rename: (name: string) => Promise<boolean>;
  close: () => void;
}

export function NameQuestion({ guess, rename, close }: NameQuestionProps) {
  const field = useRef<HTMLInputElement>(null);
  const answer = async (event: Event) => {
    event.preventDefault();
    if (await rename(field.current!.value)) close();
  };
  return (
    <div role="dialog" aria-label="Your name">
      <form class="ls-banner ls-who" onSubmit={event => void answer(event)}>
        <span>
          <strong>Your name </strong>
          (recorded with each decision)
        </span>
        <input
          ref={field}
          type="text"
          class="ls-field ls-small"
          aria-label="Your name"
          maxLength={80}
          spellcheck={false}
          defaultValue={guess}
        />
        <button type="submit" class="ls-button ls-small">
          Save
        </button>
        <button type="button" class="ls-link" aria-label="Not now" onClick={close}>
          Not now
        </button>
      </form>
    </div>
  );
}
