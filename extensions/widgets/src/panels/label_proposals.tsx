/** Merges, renames and splits that the data suggest for a label: what each would change, and doing it. */

import { useEffect, useState } from "preact/hooks";
import type { LabelProposal, ProposalAsked } from "../messages";
import { plural } from "../numbers";
import { Trouble } from "../page/attempt";
import { usePreview } from "../page/preview";
import type { Wire } from "../wire";

interface ProposalsProps {
  wire: Wire;
  label: number;
  /** The label set is another one now: what was done, in words. */
  done: (words: string) => void;
}

export function LabelProposals({ wire, label, done }: ProposalsProps) {
  const [found, setFound] = useState<LabelProposal[]>([]);
  useEffect(() => {
    let open = true;
    const show = async () => {
      const { body } = await wire.request("proposals", { label });
      if (open) setFound(body.proposals);
    };
    show().catch(() => null); // without them the page is whole
    return () => {
      open = false;
    };
  }, [wire, label]);
  if (!found.length) return null;
  return (
    <section class="ls-lpage-proposals">
      <h3>Proposed changes of the label set</h3>
      {found.map(of => (
        <Proposal key={of.edit_id} wire={wire} of={of} done={done} />
      ))}
    </section>
  );
}

function title({ action, label, into, items }: LabelProposal): string {
  if (action === "split") return `Split ${label}: a part of its ${plural(items, "item")} becomes a label`;
  return `${action === "merge" ? "Merge" : "Rename"} ${label} into ${into}`;
}

function Proposal({ wire, of, done }: { wire: Wire; of: LabelProposal; done: (words: string) => void }) {
  const [into, setInto] = useState(of.into);
  const [asked, setAsked] = useState<ProposalAsked | null>(null); // what the preview is of
  const look = asked && (() => wire.request("proposal", asked));
  const { shown, setShown, ready, trouble, apply } = usePreview(look, [asked]);
  const act = async () => {
    await wire.request("proposal_apply", { ...asked!, cells: shown!.cells });
    done(title(of));
  };
  return (
    <div class="ls-lpage-proposal" role="group" aria-label={title(of)}>
      <p dir="auto">
        {title(of)} <small class="ls-soft">{of.reason}</small>
      </p>
      {of.action === "split" && (
        <input
          type="text"
          class="ls-field"
          aria-label="Name of the new label"
          placeholder="Name of the new label"
          maxLength={120}
          value={into}
          onInput={event => {
            setInto(event.currentTarget.value);
            setAsked(null);
            setShown(null);
          }}
        />
      )}
      {shown && !trouble && (
        <ul aria-label="What changes">
          {shown.words.map(words => (
            <li key={words} dir="auto">
              {words}
            </li>
          ))}
          <li>{`${plural(shown.cells, "cell")} change; one undo takes it back`}</li>
        </ul>
      )}
      <Trouble words={trouble} />
      <button
        type="button"
        class="ls-button ls-small"
        disabled={!into.trim()}
        onClick={() => setAsked({ edit_id: of.edit_id, into })}
      >
        Preview
      </button>
      {shown && !trouble && (
        <button type="button" class="ls-button ls-small ls-primary" disabled={!ready} onClick={() => apply(act)}>
          Apply
        </button>
      )}
    </div>
  );
}
