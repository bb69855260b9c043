/** The worklist: queues, order, search, the list of cards, and the decisions on the current one. */

import { effect } from "@preact/signals";
import { createRef, render, type RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { openVirtualList } from "../list";
import type { SmallPicture } from "../state/pictures";
import { openReview, type Review, type WorklistEvents } from "../state/review";
import { openUnseen, type Unseen } from "../state/unseen";
import type { Wire } from "../wire";
import { Actions } from "./actions";
import { AskBar } from "./ask_bar";
import { AuditBar } from "./audit_bar";
import { Card, Skeleton, type CardEvents } from "./card";
import { ChangesBar } from "./changes_bar";
import { Empty } from "./empty";
import { RestBar } from "./rest_bar";
import { UnknownGroups } from "./unknown_groups";
import { keepPlace } from "./kept_place";
import { QueueTabs } from "./queue_tabs";
import { Tools } from "./tools";
import { VotersBar } from "./voters_bar";

const HEIGHT = 168; // of a card that was not measured yet

export type Worklist = Review & {
  element: HTMLElement;
  field: RefObject<HTMLInputElement | null>;
  card: CardEvents;
  unseen: Unseen;
};

interface WorklistOptions {
  readOnly: boolean;
  image: SmallPicture;
  /** Where it is remembered what a person was at. */
  store: string;
}

export function openWorklist(
  wire: Wire,
  events: WorklistEvents,
  { readOnly, image, store }: WorklistOptions,
): Worklist {
  const list = openVirtualList("Worklist", index => row(index), HEIGHT);
  const review = openReview(wire, events, list);
  const { total, current, queue, changes, place, fetch, toggle, put } = review;
  const keeping = keepPlace(review, store);
  const unseen = openUnseen(wire, review, (text, kind) => events.say(text, kind));
  const card: CardEvents = {
    readOnly,
    toggle,
    settle: (entry, conflict, state) => put(entry, conflict, () => state),
    text: async of => (await wire.request("text", { row: of })).body.text,
    image,
    searched: () => review.words.peek(),
    find: async (of, query) => (await wire.request("labels", { query, row: of })).body.labels,
  };
  const row = (index: number) => {
    const here = place(index);
    if (here) return <Card place={here} index={index} total={total.value} current={current} events={card} />;
    void fetch(index);
    return <Skeleton />;
  };
  list.element.addEventListener("click", event => {
    const clicked = (event.target as Element).closest("[role=listitem]");
    if (!clicked) return;
    review.touch(Number(clicked.getAttribute("aria-posinset")) - 1);
    if ((event.target as Element).closest(".ls-thumbnail")) events.large();
  });
  // at once: a list that is hidden takes no focus
  const hide = effect(() => void list.element.classList.toggle("ls-hidden", !total.value));
  const field = createRef<HTMLInputElement>();
  const element = document.createElement("section");
  element.setAttribute("aria-label", "Review");
  const estimate = () => events.estimate();
  const Changes = () => <ChangesBar {...changes.value} again={() => void review.reconsider()} />;
  const Content = () => (
    <>
      <QueueTabs review={review} />
      <Tools
        review={review}
        field={field}
        learns={!readOnly}
        rest={() => unseen.draw(null)}
        grid={() => events.grid()}
      />
      <AuditBar review={review} estimate={estimate} />
      <AskBar of={review.asking.value} review={review} />
      <VotersBar review={review} write={what => events.votersFile(what)} />
      <UnknownGroups review={review} unseen={unseen} />
      <RestBar review={review} unseen={unseen} />
      <Changes />
      <div class="ls-scroll">
        <Held element={list.element} />
        <Empty review={review} estimate={estimate} />
      </div>
      <Actions review={review} />
    </>
  );
  const kind = effect(() => void (element.className = `ls-work ${queue.value === "audit" ? "ls-judging" : ""}`));
  render(<Content />, element);
  const close = () => {
    for (const stop of [hide, kind, keeping, unseen.close, review.close]) stop();
    list.close();
    render(null, element);
  };
  return { ...review, element, field, card, unseen, close };
}

/** An element that is not a component's. */
function Held({ element }: { element: HTMLElement }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current!.append(element), [element]);
  return <div ref={place} />;
}
