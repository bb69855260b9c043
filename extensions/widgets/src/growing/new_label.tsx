/** A new label: its name, what it means, and what to begin with; then it grows, round by round. */

import { useRef, useState } from "preact/hooks";
import type { GrowRound } from "../messages";
import { plural } from "../numbers";
import { Trouble, useAttempt } from "../page/attempt";
import { DialogActions } from "../page/dialog_actions";
import { useFocus } from "../page/focus";
import type { Overlay } from "../page/overlay";
import type { Wire } from "../wire";
import { Rounds } from "./rounds";

type Start = "selected" | "look" | "words";

export interface NewLabel {
  /** A label that is there already: it goes on growing. */
  name?: string;
  /** A name to begin with, for one that is not there yet. */
  proposed?: string;
  description?: string;
  /** How many items are selected. */
  selected: number;
  /** Whether the items have a text. */
  texts: boolean;
  image: (row: number) => Promise<string>;
  say: (text: string, kind?: "" | "good" | "error") => void;
}

/** The label has a name, and maybe items to judge. */
type Begun = (name: string, description: string, round?: GrowRound) => void;

/** Open the dialog. */
export function showNewLabel(overlay: Overlay, wire: Wire, of: NewLabel): void {
  const close = () => overlay.hide();
  const rounds: Begun = (name, description, begun) =>
    overlay.show(
      `Grow label: ${name}`,
      <Rounds key={name} wire={wire} of={{ ...of, name, description }} begun={begun ?? null} close={close} />,
    );
  if (of.name) return rounds(of.name, of.description ?? "");
  overlay.show("New label", <Begin wire={wire} of={of} close={close} begin={rounds} />);
}

interface BeginProps {
  wire: Wire;
  of: NewLabel;
  close: () => void;
  begin: Begun;
}

function Begin({ wire, of: { proposed = "", description = "", selected, texts, say }, close, begin }: BeginProps) {
  const first = useFocus<HTMLInputElement>();
  const words = useRef<HTMLTextAreaElement>(null);
  const [name, setName] = useState(proposed);
  const [start, setStart] = useState<Start>(selected ? "selected" : "words");
  const { busy, trouble, setTrouble, attempt } = useAttempt();
  const named = name.trim().replace(/\s+/g, " ");
  const ways: [Start, string][] = [
    ...(selected
      ? ([
          ["selected", `The ${plural(selected, "selected item")} ${selected === 1 ? "has" : "have"} it`],
          ["look", "Look at the selected items one by one"],
        ] as [Start, string][])
      : []),
    ["words", texts ? "Items whose text holds words of the name or description" : "Items at random"],
  ];
  const go = async () => {
    const description = words.current!.value.trim();
    if (start === "selected") {
      const { body } = await wire.request("grow_selected", { label: named, description });
      say(`New label ${body.name}: ${plural(body.positive, "item")}`, "good");
      return begin(body.name, description);
    }
    const of = start === "look" ? "selection" : "next";
    const { body } = await wire.request("grow", { label: named, description, of });
    begin(body.name, description, body);
  };
  return (
    <form
      class="ls-grow-begin"
      onSubmit={event => {
        event.preventDefault();
        if (named) attempt(go);
      }}
    >
      <label>
        Name
        <input
          ref={first}
          type="text"
          class="ls-field"
          aria-label="Name of the label"
          maxLength={120}
          spellcheck={false}
          autocomplete="off"
          value={name}
          onInput={event => {
            setName(event.currentTarget.value);
            setTrouble("");
          }}
        />
      </label>
      <label>
        <span>
          What it means <span class="ls-soft">(optional)</span>
        </span>
        <textarea
          ref={words}
          class="ls-field"
          aria-label="What it means"
          rows={2}
          maxLength={2000}
          defaultValue={description}
        />
      </label>
      {selected > 0 ? (
        <fieldset>
          <legend>Begin with</legend>
          {ways.map(([value, title]) => (
            <label key={value}>
              <input type="radio" name="ls-grow-start" checked={start === value} onChange={() => setStart(value)} />
              {title}
            </label>
          ))}
        </fieldset>
      ) : (
        <p class="ls-soft">{`It begins with ${ways[0]![1].charAt(0).toLowerCase()}${ways[0]![1].slice(1)}.`}</p>
      )}
      <Trouble words={trouble} />
      <DialogActions
        close={close}
        words="Then you judge a few items at a time, and it looks for more like them."
        action={busy ? "Looking for items…" : start === "selected" ? "Make the label" : "Begin"}
        disabled={!named || busy}
      />
    </form>
  );
}
