/** What is laid over the app, one dialog at a time: Esc closes it, and the focus goes to the current card. */

import { render, type ComponentChildren } from "preact";

const STOPS = "button:not(:disabled), input, select, textarea, [tabindex='0']";

export class Overlay {
  private readonly element = document.createElement("div");

  constructor(
    host: HTMLElement,
    private readonly closed: () => void,
  ) {
    this.element.className = "ls-overlay-back ls-hidden";
    this.element.addEventListener("pointerdown", event => event.target === this.element && this.hide());
    this.element.addEventListener("keydown", event => event.key === "Tab" && this.keep(event));
    host.append(this.element);
  }

  get open(): boolean {
    return !this.element.classList.contains("ls-hidden");
  }

  /** Show a dialog; its content puts the focus where it belongs (`useFocus`). */
  show(name: string, content: ComponentChildren): void {
    this.element.classList.remove("ls-hidden"); // first: what is hidden takes no focus
    render(
      <div key={name} role="dialog" aria-modal="true" aria-label={name} class="ls-dialog">
        <h2>{name}</h2>
        {content}
      </div>,
      this.element,
    );
  }

  hide(): void {
    this.element.classList.add("ls-hidden");
    render(null, this.element);
    this.closed();
  }

  /** Tab stays inside. */
  private keep(event: KeyboardEvent): void {
    const stops = [...this.element.querySelectorAll<HTMLElement>(STOPS)];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length];
    event.preventDefault();
    next?.focus();
  }
}
