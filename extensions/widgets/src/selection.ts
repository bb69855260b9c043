/** The selection: whatever a view clicks becomes a filter that the kernel holds and all views share. */

import { plural } from "./numbers";
import type { FilterAsked, Mode, Selected } from "./messages";
import { unpack, type Wire } from "./wire";

interface SelectionEvents {
  say(text: string, kind?: "" | "good" | "error"): void;
  changed(body: Selected, mask: Uint8Array | null): void;
}

type Asking = Promise<{ body: Selected; buffers: DataView[] }>;

export class Selection {
  /** Version of what is shown. */
  version = 0;
  /** Whether there is one, as far as is known here: a pushed state may be older. */
  active = false;
  private nItems = 0;

  constructor(
    private readonly wire: Wire,
    private readonly events: SelectionEvents,
  ) {}

  describe(nItems: number): void {
    this.nItems = nItems;
  }

  /** One more filter; whether the kernel took it. */
  put(asked: FilterAsked): Promise<boolean> {
    return this.take(this.wire.request("filter", asked));
  }

  /** The same for what somebody has typed: throws why the kernel did not take it. */
  async ask(asked: FilterAsked): Promise<void> {
    try {
      await this.show(this.wire.request("filter", asked));
    } catch (error) {
      this.events.say((error as Error).message, "error");
      throw error;
    }
  }

  drop(key: string): Promise<boolean> {
    return this.take(this.wire.request("unfilter", { key }));
  }

  negate(key: string): Promise<boolean> {
    return this.take(this.wire.request("negate", { key }));
  }

  clear(): Promise<boolean> {
    return this.take(this.wire.request("select", { rows: [] }), "Selection cleared");
  }

  /** A polygon in units of the data. */
  lasso(polygon: Float32Array, mode: Mode): Promise<boolean> {
    return this.take(this.wire.request("lasso", { mode }, [polygon.buffer as ArrayBuffer]));
  }

  /** A stroke in units of the data. */
  brush(stroke: Float32Array, radius: number, mode: Mode): Promise<boolean> {
    return this.take(this.wire.request("brush", { mode, radius }, [stroke.buffer as ArrayBuffer]));
  }

  /** Python or another view changed it. */
  fetch(): Promise<boolean> {
    return this.take(this.wire.request("selection", {}), null);
  }

  /** `words`: what to say; null says nothing, and without it the number of items is said. */
  private async take(asking: Asking, words?: string | null): Promise<boolean> {
    try {
      await this.show(asking, words);
      return true;
    } catch (error) {
      this.events.say((error as Error).message, "error");
      return false;
    }
  }

  private async show(asking: Asking, words?: string | null): Promise<void> {
    const { body, buffers } = await asking;
    if (body.version < this.version) return; // something newer was shown meanwhile
    this.version = body.version;
    this.active = body.count !== null;
    this.events.changed(body, body.count === null ? null : unpack(buffers[0], this.nItems));
    const counted = body.count === null ? "No item selected" : `${plural(body.count, "item")} selected`;
    if (words !== null) this.events.say(words ?? counted, body.count ? "good" : "");
  }
}
