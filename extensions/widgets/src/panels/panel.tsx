/** A panel of the tabs whose content is a component: it is shown what was fetched, or why nothing was. */

import { signal } from "@preact/signals";
import { render, type ComponentType } from "preact";
import type { ChangeKind, View } from "../tab_panel";

export interface Shown<T> {
  /** What was fetched last; null before that. */
  got: T | null;
  /** Fetch anew. */
  again: () => void;
}

interface PanelOptions<T> {
  name: string;
  /** What the content depends on. */
  needs: ChangeKind[];
  class?: string;
  fetch: () => Promise<T>;
  Content: ComponentType<Shown<T>>;
}

export function panel<T>({ name, needs, class: kind = "", fetch, Content }: PanelOptions<T>): View {
  const element = document.createElement("div");
  element.className = `ls-view ${kind}`;
  const got = signal<T | null>(null);
  const trouble = signal("");
  let turn = 0;
  const refresh = async () => {
    const mine = ++turn;
    try {
      const answer = await fetch();
      if (mine === turn) [got.value, trouble.value] = [answer, ""];
    } catch (error) {
      if (mine === turn) trouble.value = (error as Error).message;
    }
  };
  const again = () => void refresh();
  const Panel = () =>
    trouble.value ? <p class="ls-note ls-error">{trouble.value}</p> : <Content got={got.value} again={again} />;
  render(<Panel />, element);
  return { name, needs: new Set(needs), element, refresh, close: () => render(null, element) };
}
