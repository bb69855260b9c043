/** What is accepted without a look at each cell: groups of unknown cells, and the rest of a list by a sample of it. */

import { effect, signal } from "@preact/signals";
import type { DrawRestAsked, RestShown, UnknownGroup, UnknownShown } from "../messages";
import { plural } from "../numbers";
import type { Wire } from "../wire";
import type { Review } from "./review";

export const STATES = { 1: "present", 0: "absent", [-1]: "unknown" } as const;

export type Unseen = ReturnType<typeof openUnseen>;

export function openUnseen(wire: Wire, review: Review, say: (text: string, kind?: "" | "good" | "error") => void) {
  const { queue, counts, listing, total, current, entries, after } = review;
  const unknown = signal<UnknownShown | null>(null);
  const rest = signal<RestShown | null>(null);
  const alpha = signal(0.1); // share of wrong cells that is put up with
  let turn = 0;

  /** Ask again what is shown, once nothing newer is asked for. */
  async function fetch(): Promise<void> {
    const mine = ++turn;
    const of = queue.value;
    try {
      if (of === "unknown") {
        const { body } = await wire.request("unknown", { listing: listing.value });
        if (mine === turn) unknown.value = body;
      } else if (of === "sample") {
        const { body } = await wire.request("rest", { alpha: alpha.value });
        if (mine === turn) rest.value = body;
      }
    } catch (error) {
      if (mine === turn) say((error as Error).message, "error");
    }
  }

  /** Accept a group of unknown cells; without one that of the current entry. */
  function acceptGroup(group?: UnknownGroup): void {
    after(async () => {
      const about = entries.at(current.value)?.proposed;
      if (!unknown.value) await fetch();
      const same = (of: UnknownGroup) => of.label === about?.label && of.state === about.state;
      const wanted = group ?? unknown.value?.groups.find(same);
      if (!wanted) return say("No group of unknown cells is left here");
      const { label, name, state, n } = wanted;
      const { body } = await wire.request("unknown_accept", { label, state, total: n });
      say(`Accepted: ${name} ${STATES[state]} on ${plural(body.total, "item")}`, "good");
      await review.renew(body);
    });
  }

  /** Draw a sample: of a group of unknown cells, or of the list that is shown. */
  function draw(of: Pick<DrawRestAsked, "label" | "state"> | null): void {
    after(async () => {
      const { body } = await wire.request("rest_draw", {
        listing: of ? "" : listing.value,
        label: of?.label ?? -1,
        state: of?.state ?? 1,
      });
      rest.value = null;
      say(`Sample of ${plural(body.n, "cell")}: decide them in this order`, "good");
      review.show("sample", true);
    });
  }

  /** Accept what the sample frees. */
  function acceptRest(): void {
    after(async () => {
      const shown = rest.value;
      if (!shown?.n_free) return say("Nothing of this list may be accepted unseen yet");
      const { body } = await wire.request("rest_accept", { alpha: shown.alpha, total: shown.n_free });
      say(`Accepted unseen: ${plural(body.total, "cell")}`, "good");
      await review.renew(body);
    });
  }

  const followed = effect(() => {
    // a decision, another list or another share: what is shown is asked for again
    void [queue.value, listing.value, total.value, counts.value, alpha.value];
    if (listing.value) void fetch();
  });
  return { unknown, rest, alpha, acceptGroup, draw, acceptRest, close: followed };
}
