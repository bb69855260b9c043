/** The head of the app: what is open, how far the stages are, export and help; what must be said stands under it. */

import { signal } from "@preact/signals";
import { render, type ComponentChildren } from "preact";
import type { State } from "../messages";
import { count } from "../numbers";
import { overall } from "../status";
import type { FilterBar } from "./filter_bar";
import { Icon } from "./icon";

interface HeaderEvents {
  exporting(): void;
  help(): void;
  command(): void;
  cancel(): void;
  run(): void;
  /** Ask who reviews. */
  reviewer(): void;
}

export type Header = ReturnType<typeof openHeader>;

export function openHeader(
  title: string,
  events: HeaderEvents,
  { Query, Filters }: FilterBar,
  full: HTMLButtonElement,
) {
  const state = signal<State | null>(null);
  const size = signal<[number, number] | null>(null); // items and labels
  const reviewer = signal("");
  /** What makes the app anew, once the kernel is gone. */
  const again = signal<(() => void) | null>(null);
  const lost = signal(false); // whether no kernel has ever answered
  const Bar = () => {
    const { running, stages } = state.value ?? { running: false, stages: [] };
    const share = Math.round(overall(stages) * 100);
    return (
      <div
        class={`ls-bar ${running && !again.value ? "" : "ls-hidden"}`}
        role="progressbar"
        aria-label="Stages"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share}
      >
        <i style={{ width: `${share}%` }} />
      </div>
    );
  };
  const Buttons = () => {
    const gone = again.value !== null;
    full.disabled = gone;
    return (
      <>
        {reviewer.value && (
          <button
            type="button"
            class="ls-reviewer ls-writes"
            disabled={gone}
            aria-label={`Reviewer ${reviewer.value}`}
            title={`Decisions are recorded under “${reviewer.value}”. Click to change it.`}
            onClick={() => events.reviewer()}
          >
            <i aria-hidden="true">{[...reviewer.value][0]!.toUpperCase()}</i>
            <span>{reviewer}</span>
          </button>
        )}
        <button
          type="button"
          class="ls-button ls-primary ls-writes"
          disabled={gone}
          aria-label="Export"
          title="Write the corrected labels to a file"
          onClick={() => events.exporting()}
        >
          <Icon name="export" />
          <span>Export</span>
        </button>
        <button
          type="button"
          class="ls-button ls-square"
          disabled={gone}
          aria-label="Command bar"
          aria-keyshortcuts="Control+K"
          title="Command bar: filters, queues, orders and actions by typing (Ctrl K)"
          onClick={() => events.command()}
        >
          <Icon name="command" />
        </button>
        <span class="ls-head-buttons" ref={place => place?.append(full)} />
        <button
          type="button"
          class="ls-button ls-square"
          disabled={gone}
          aria-label="Help"
          aria-keyshortcuts="?"
          title="Keys (?)"
          onClick={() => events.help()}
        >
          ?
        </button>
      </>
    );
  };
  const Content = () => (
    <>
      <header class="ls-header">
        <Logo />
        <div class="ls-names">
          <span class="ls-title">{title}</span>
          <span class="ls-facts">{size.value && <Size of={size.value} />}</span>
        </div>
        <span class="ls-gap ls-middle" inert={again.value !== null}>
          {!lost.value && <Query />}
        </span>
        <div class="ls-stages">{state.value && !again.value && <Stages of={state.value} events={events} />}</div>
        <Buttons />
        <Bar />
      </header>
      {again.value ? (
        <Banner words="The kernel has stopped. Decisions made so far are in the ledger.">
          <button type="button" class="ls-button ls-small" onClick={again.value}>
            Run again
          </button>
        </Banner>
      ) : (
        state.value && <Failures of={state.value} run={() => events.run()} />
      )}
      <div inert={again.value !== null}>{!lost.value && <Filters />}</div>
    </>
  );
  const element = document.createElement("div");
  render(<Content />, element);
  return { element, state, size, reviewer, again, lost, close: () => render(null, element) };
}

/** Three cells in three states. */
function Logo() {
  return (
    <span class="ls-logo" aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
    </span>
  );
}

function Size({ of: [items, labels] }: { of: [number, number] }) {
  return (
    <>
      <b>{count(items)}</b>
      {" items × "}
      <b>{count(labels)}</b>
      {" labels"}
    </>
  );
}

/** The stages as dots, and the one that runs in words. */
function Stages({ of: { stages, running }, events }: { of: State; events: HeaderEvents }) {
  const now = stages.find(stage => stage.status === "running");
  const stopped = stages.some(stage => stage.status === "cancelled");
  return (
    <>
      {(now || stopped || stages.some(stage => stage.status === "failed")) && (
        <span class="ls-dots" aria-hidden="true">
          {stages
            .filter(({ status }) => status !== "idle")
            .map(({ name, title, status, error }) => (
              <i key={name} class={`ls-dot ls-${status}`} title={`${title}: ${error || status}`} />
            ))}
        </span>
      )}
      {now ? (
        <span>
          {now.title}
          <small>{`${Math.round(now.done * 100)}%`}</small>
        </span>
      ) : (
        stopped && <span>Cancelled</span>
      )}
      {now && <Link act={() => events.cancel()}>Cancel</Link>}
      {stopped && !running && <Link act={() => events.run()}>Resume</Link>}
    </>
  );
}

function Failures({ of: { stages, running }, run }: { of: State; run: () => void }) {
  const failed = running ? [] : stages.filter(stage => stage.status === "failed");
  if (!failed.length) return null;
  return (
    <Banner words={[...new Set(failed.map(stage => stage.error))].join(" · ")}>
      <Link act={run}>Try again</Link>
    </Banner>
  );
}

function Banner({ words, children }: { words: string; children: ComponentChildren }) {
  return (
    <div class="ls-banner" role="alert">
      <Icon name="warning" />
      <span>{words}</span>
      {children}
    </div>
  );
}

function Link({ act, children }: { act: () => void; children: string }) {
  return (
    <button type="button" class="ls-link" onClick={act}>
      {children}
    </button>
  );
}
