/** The form of a rule: what it is called, which label it votes on and how, and where it holds. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Label, RuleMeasured, RuleProposal, RuleRow } from "../messages";
import { percent, plural } from "../numbers";
import { Precision } from "../panels/rules";
import { limits } from "../panels/voters";
import type { Wire } from "../wire";
import { Trouble } from "./attempt";
import { DialogActions } from "./dialog_actions";
import { Finder } from "./finder";
import { useFocus } from "./focus";
import type { Overlay } from "./overlay";

type Kind = "words" | "regex" | "query";

const KINDS: [Kind, string, string][] = [
  ["words", "Words", "refund, money back"],
  ["regex", "Pattern", "refund(s|ed)?"],
  ["query", "Query", "text:refund AND NOT shop:north"],
];
const REST_MS = 250; // after the last letter, before it is tried

export interface RuleForm {
  rule: RuleRow | null;
  /** A query to begin with. */
  query?: string;
  find: (query: string) => Promise<Label[]>;
  say: (text: string, kind: "good") => void;
}

export function showRule(overlay: Overlay, wire: Wire, form: RuleForm): void {
  const close = () => overlay.hide();
  const title = form.rule ? `Edit rule: ${form.rule.name}` : form.query ? "Save as rule" : "New rule";
  overlay.show(title, <Form wire={wire} form={form} close={close} />);
}

function Form({
  wire,
  form: { rule, query = "", find, say },
  close,
}: {
  wire: Wire;
  form: RuleForm;
  close: () => void;
}) {
  const first = useFocus<HTMLInputElement>();
  const [kind, setKind] = useState<Kind>(
    rule?.words ? "words" : (rule?.regex ?? null) !== null ? "regex" : rule || query ? "query" : "words",
  );
  const [texts, setTexts] = useState({
    words: rule?.words?.join(", ") ?? "",
    regex: rule?.regex ?? "",
    query: rule?.query ?? query,
  });
  const [name, setName] = useState(rule?.name ?? "");
  const [label, setLabel] = useState(rule?.label ?? "");
  const [vote, setVote] = useState<1 | 0>(rule?.vote ?? 1);
  const [fold, setFold] = useState(rule ? rule.flags.includes("i") : true);
  const [found, setFound] = useState<RuleMeasured | string | null>(null);
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const named = name.trim() || `${label}: ${texts[kind]}`.slice(0, 60);
  const written = () => ({
    name: named,
    label,
    vote,
    words: kind === "words" ? texts.words.split(",") : [],
    regex: kind === "regex" ? texts.regex : "",
    flags: kind === "regex" ? (fold ? "i" : "") + (rule?.flags.replace("i", "") ?? "") : "",
    query: kind === "query" ? texts.query : "",
    rule_id: rule?.rule_id ?? "",
  });
  const whole = Boolean(label && texts[kind].trim());
  useLayoutEffect(() => {
    const mine = ++turn.current;
    if (!whole) return setFound(null);
    const timer = setTimeout(() => {
      wire
        .request("rule_try", written())
        .then(({ body }) => mine === turn.current && setFound(body))
        .catch((error: Error) => mine === turn.current && setFound(error.message));
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [kind, texts[kind], label, vote, fold]);
  const save = async (event: Event) => {
    event.preventDefault();
    if (!whole) return;
    setBusy(true);
    try {
      await wire.request("rule_save", written());
      say(`Rule “${named}” saved`, "good");
      close();
    } catch (error) {
      setFound((error as Error).message);
      setBusy(false);
    }
  };
  const write = (text: string) => setTexts({ ...texts, [kind]: text });
  const take = (text: string) => {
    write(text);
    first.current!.focus(); // the button that was clicked goes
  };
  return (
    <form class="ls-rule-form" onSubmit={event => void save(event)}>
      <div class="ls-rule-line">
        <span class="ls-rule-key">It says</span>
        <Choice
          name="Vote"
          of={[
            ["1", "yes"],
            ["0", "no"],
          ]}
          chosen={String(vote)}
          choose={of => setVote(of === "1" ? 1 : 0)}
        />
        <span>to</span>
        {label && <strong dir="auto">{label}</strong>}
        <Finder name={label ? "Another label" : "Choose a label"} find={find} choose={of => setLabel(of.name)} />
      </div>
      <div class="ls-rule-line">
        <span class="ls-rule-key">where</span>
        <Choice
          name="Kind of condition"
          of={KINDS.map(([of, words]) => [of, words])}
          chosen={kind}
          choose={of => setKind(of as Kind)}
        />
      </div>
      <input
        ref={first}
        type="text"
        class="ls-field"
        aria-label="Condition"
        placeholder={KINDS.find(([of]) => of === kind)![2]}
        spellcheck={false}
        autocomplete="off"
        value={texts[kind]}
        onInput={event => write(event.currentTarget.value)}
      />
      {kind === "words" && (
        <p class="ls-soft">Any of these words or phrases, between commas, in upper or lower case.</p>
      )}
      {kind === "regex" && (
        <label class="ls-soft">
          <input type="checkbox" checked={fold} onChange={event => setFold(event.currentTarget.checked)} /> Upper and
          lower case are the same
        </label>
      )}
      {kind === "query" && (
        <p class="ls-soft">
          A query of the filter, on texts, columns and other labels; not on what the rule would confirm.
        </p>
      )}
      {kind === "words" && label && <Proposals wire={wire} label={label} texts={texts.words} take={take} />}
      <Outcome of={found} />
      <label class="ls-rule-line">
        <span class="ls-rule-key">Name</span>
        <input
          type="text"
          class="ls-field"
          aria-label="Name of the rule"
          maxLength={80}
          spellcheck={false}
          placeholder={label && texts[kind] ? named : ""}
          value={name}
          onInput={event => setName(event.currentTarget.value)}
        />
      </label>
      <DialogActions close={close} action="Save rule" disabled={busy || !whole} />
    </form>
  );
}

interface ChoiceProps {
  name: string;
  of: [string, string][];
  chosen: string;
  choose: (of: string) => void;
}

function Choice({ name, of, chosen, choose }: ChoiceProps) {
  return (
    <div class="ls-segments" role="group" aria-label={name}>
      {of.map(([value, words]) => (
        <button
          key={value}
          type="button"
          class="ls-segment"
          aria-pressed={value === chosen}
          onClick={() => choose(value)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

/** What the rule would do, or why it cannot. */
function Outcome({ of }: { of: RuleMeasured | string | null }) {
  if (typeof of === "string") return <Trouble words={of} />;
  return (
    <p role="status" class="ls-rule-outcome">
      {of &&
        `Votes on ${plural(of.n, "item")} (${percent(of.coverage)}), ` +
          `${plural(of.conflicts, "conflict")} with other rules. `}
      {of && <Precision of={of} />}
    </p>
  );
}

/** Words that nearly always go with a label; a click takes one over. */
function Proposals({
  wire,
  label,
  texts,
  take,
}: {
  wire: Wire;
  label: string;
  texts: string;
  take: (text: string) => void;
}) {
  const [found, setFound] = useState<RuleProposal[] | null>(null);
  useLayoutEffect(() => {
    let open = true;
    setFound(null);
    wire
      .request("rule_words", { label })
      .then(({ body }) => open && setFound(body.words))
      .catch(() => open && setFound([])); // there is no text: the form says so when the rule is tried
    return () => void (open = false);
  }, [label]);
  const taken = texts.split(",").map(word => word.trim().toLowerCase());
  const left = found?.filter(({ word }) => !taken.includes(word)) ?? [];
  if (found && !left.length) return null;
  return (
    <div class="ls-rule-words" role="group" aria-label="Proposed words">
      {found ? <small>Often with this label:</small> : <small>Looking for words that go with this label…</small>}
      {left.map(({ word, n, right, precision }) => (
        <button
          key={word}
          type="button"
          class="ls-button ls-small"
          title={`${right} of ${n} texts with it have the label: ${limits(precision)}`}
          onClick={() => take([texts.trim().replace(/,$/, ""), word].filter(Boolean).join(", "))}
        >
          {word}
          <small>{limits(precision)}</small>
        </button>
      ))}
    </div>
  );
}
