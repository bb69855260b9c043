/** What a pointer does on the map: pan, or draw with a lasso, a box or a brush. */

import { set } from "./dom";
import type { Theme } from "./palette";
import type { Mode } from "./messages";

export type Tool = "lasso" | "box" | "brush";
export type Pixel = [number, number];

interface GestureEvents {
  pan(dx: number, dy: number): void;
  click(at: Pixel): void;
  enclose(polygon: Pixel[], mode: Mode): void;
  stroke(path: Pixel[], radius: number, mode: Mode): void;
  /** The drawing is another: draw the overlay. */
  drawn(): void;
  leave(): void;
}

const BRUSH = 16; // pixels
const MOVED = 3;

export class Gestures {
  private tool: Tool | null = null;
  private drawing: Tool | null = null;
  private path: Pixel[] = [];

  constructor(
    private readonly canvas: HTMLElement,
    private readonly stage: HTMLElement,
    private readonly buttons: Map<Tool, HTMLElement>,
    private readonly events: GestureEvents,
  ) {
    canvas.addEventListener("pointerdown", event => this.down(event));
    for (const [tool, button] of buttons)
      button.addEventListener("click", () => this.arm(this.tool === tool ? null : tool));
  }

  get armed(): Tool | null {
    return this.tool;
  }

  /** Take up a tool, or none. */
  arm(tool: Tool | null): void {
    this.tool = tool;
    for (const [of, button] of this.buttons) set(button, { "aria-pressed": String(of === tool) });
    this.stage.classList.toggle("ls-armed", tool !== null);
  }

  position(event: MouseEvent): Pixel {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** Draw what is being drawn. */
  draw(context: CanvasRenderingContext2D, theme: Theme): void {
    if (!this.drawing || this.path.length < (this.drawing === "brush" ? 1 : 2)) return;
    context.strokeStyle = context.fillStyle = theme.accent;
    context.beginPath();
    for (const [x, y] of this.drawing === "box" ? corners(this.path) : this.path) context.lineTo(x, y);
    if (this.drawing === "brush") {
      context.lineTo(...this.path[this.path.length - 1]!);
      context.lineCap = context.lineJoin = "round";
      context.globalAlpha = 0.3;
      context.lineWidth = 2 * BRUSH;
      context.stroke();
    } else {
      context.closePath();
      context.globalAlpha = 0.12;
      context.fill();
      context.globalAlpha = 1;
      context.lineWidth = 1.75;
      context.setLineDash([5, 3]);
      context.stroke();
      context.setLineDash([]);
    }
    context.globalAlpha = 1;
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = this.tool ?? (event.shiftKey || event.altKey ? "lasso" : null);
    const mode: Mode = event.shiftKey ? "add" : event.altKey ? "remove" : "replace";
    const start = this.position(event);
    let [last, moved] = [start, false];
    this.events.leave();
    this.path = [start];
    const move = (next: PointerEvent) => {
      const here = this.position(next);
      moved ||= Math.hypot(here[0] - start[0], here[1] - start[1]) > MOVED;
      if (this.drawing) this.extend(here);
      else if (moved) this.events.pan(here[0] - last[0], here[1] - last[1]);
      if (moved && !this.drawing) this.stage.classList.add("ls-panning");
      last = here;
    };
    const stop = new AbortController();
    const up = (final: PointerEvent) => {
      stop.abort();
      this.stage.classList.remove("ls-panning");
      const [tool, path] = [this.drawing, this.path];
      [this.drawing, this.path] = [null, []];
      this.events.drawn();
      if (final.type === "pointercancel") return;
      if (tool === "brush") this.events.stroke(path, BRUSH, mode);
      else if (!moved) this.events.click(start);
      else if (tool === "box") this.events.enclose(corners(path), mode);
      else if (tool && path.length > 2) this.events.enclose(path, mode);
    };
    this.canvas.addEventListener("pointermove", move, { signal: stop.signal });
    this.canvas.addEventListener("pointerup", up, { signal: stop.signal });
    this.canvas.addEventListener("pointercancel", up, { signal: stop.signal });
  }

  private extend(here: Pixel): void {
    const [x, y] = this.path[this.path.length - 1]!;
    if (this.drawing === "box") this.path = [this.path[0]!, here];
    else if (Math.hypot(here[0] - x, here[1] - y) > 2.5) this.path.push(here);
    this.events.drawn();
  }
}

function corners(path: Pixel[]): Pixel[] {
  const [[x1, y1], [x2, y2]] = [path[0]!, path[path.length - 1]!];
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
}
