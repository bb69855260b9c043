/** What raters, rules and judges say of a cell, and how far to believe each of them. */

import type { FilterAsked, Rates, Word } from "../messages";
import { percent, plural } from "../numbers";
import { Meter } from "../page/meter";
import { inQuotes } from "../quoted";
import { NameLink } from "./name_link";

const SAYS: Record<string, [words: string, look: string]> = {
  "1": ["yes", "ls-yes"],
  "0": ["no", "ls-no"],
  "-1": ["cannot say", "ls-soft"],
};

interface VotersProps {
  votes: Word[];
  /** P(positive) by all of them. */
  agreed: number | null;
  /** Null where what a voter spoke on cannot be selected. */
  put: ((asked: FilterAsked) => void) | null;
}

interface VoterNameProps {
  voter: string;
  title: string;
  put: VotersProps["put"];
}

/** The name of a voter, which selects what that voter spoke on. */
export function VoterName({ voter, title, put }: VoterNameProps) {
  if (!put) return <span dir="auto">{voter}</span>;
  return (
    <NameLink title={title} use={() => put({ by: "query", text: `vote:${inQuotes(voter)}` })}>
      {voter}
    </NameLink>
  );
}

export function Voters({ votes, agreed, put }: VotersProps) {
  const yes = votes.filter(vote => vote.value === 1).length;
  const decided = votes.filter(vote => vote.value >= 0).length;
  return (
    <section class="ls-voters" aria-label="Voters">
      <p>
        <strong>Votes</strong>
        {`${yes} of ${decided} say yes`}
        {agreed !== null && (
          <span
            class="ls-fact"
            title="Probability of the label by all voters together, each counted by how far it is to be believed"
          >
            together
            <Meter share={agreed} />
            <b>{percent(agreed)}</b>
          </span>
        )}
      </p>
      <ul>
        {votes.map(vote => (
          <Voter key={vote.rater} of={vote} put={put} />
        ))}
      </ul>
    </section>
  );
}

function Voter({ of: { rater, value, kind, reason, rates }, put }: { of: Word; put: VotersProps["put"] }) {
  const [says, look] = SAYS[value]!;
  return (
    <li>
      <VoterName voter={rater} title={`Select the items that ${rater} voted on`} put={put} />
      {kind !== "rater" && <small>{kind}</small>}
      <b class={look}>{says}</b>
      {rates && <Worth rates={rates} />}
      {reason && (
        <span class="ls-soft" dir="auto">
          {reason}
        </span>
      )}
    </li>
  );
}

/** "sensitivity 83% (70–91), specificity 95% (90–98)". */
function Worth({ rates }: { rates: Rates }) {
  const parts = (["sensitivity", "specificity"] as const).flatMap(name => {
    const share = rates[name];
    return share ? [`${name} ${limits(share)}`] : [];
  });
  if (!parts.length) return null;
  const basis =
    rates.basis === "audited" ? "measured on cells that people decided on" : "judged by what the others say";
  const title =
    "Sensitivity: share of the items with the label that it says yes to; " +
    `specificity: share of the others that it does not say yes to; 95% limits, ${plural(rates.n, "vote")}, ${basis}`;
  return (
    <small class="ls-worth" title={title}>
      {parts.join(", ")}
    </small>
  );
}

/** "83% (70–91)". */
export function limits([share, low, high]: [number, number, number]): string {
  return `${percent(share)} (${Math.round(100 * low)}–${Math.round(100 * high)})`;
}
