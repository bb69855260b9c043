/** What the map shows: the places of the items, their colours, and which of them are searched for. */

import type { MapView } from "../map";
import type { Opened } from "../messages";
import type { ColourControl } from "../page/colour_control";
import { bytes, unpack, type Wire } from "../wire";

/** Colours that decisions do not change. */
const FIXED: ReadonlySet<string> = new Set(["labels", "column", "number", "cluster", "rater"]);
const REST_MS = 150;

export function openMapFeed(wire: Wire, map: MapView, colour: ColourControl, fail: (error: Error) => void) {
  let version = 0;
  let nItems = 0;
  let sought = "";
  let named = ""; // what the names on the map are made of
  let recolouring: ReturnType<typeof setTimeout> | undefined;

  /** Show what came with the first answer; whether there was a map. */
  function open(body: Opened, buffers: DataView[]): boolean {
    nItems = body.n_items;
    colour.offer(body.colours, body.labels, body.n_labels);
    if (!body.map || !buffers.length) return false;
    version = body.map.version;
    map.colour(new Uint8Array(bytes(buffers[buffers.length - 1])), body.legend ?? []);
    map.place(buffers[0]!, buffers.length > 2 ? buffers[1]! : null, body.map.total);
    return true;
  }

  /** There is another map. */
  async function follow(newest: number): Promise<void> {
    if (newest <= version) return;
    version = newest;
    const colours = recolour(); // on its way with the map: one frame shows both
    const { body, buffers } = await wire.request("map", { bounds: [] });
    if (!buffers[0]) return;
    version = Math.max(version, body.version);
    map.place(buffers[0], buffers[1] ?? null, body.total);
    await colours;
  }

  /** A part of a map that is too large to be sent whole. */
  async function look(bounds: number[]): Promise<void> {
    const { body, buffers } = await wire.request("map", { bounds });
    if (buffers[1] && body.version === version) map.detail(buffers[0]!, buffers[1]);
  }

  /** Write names on the map where they would be others now: `of` says what they are made of. */
  async function name(of: string): Promise<void> {
    if (of === named || !version) return;
    named = of;
    const before = version;
    const { body, buffers } = await wire.request("regions", {});
    if (before === version) map.write(body, buffers[0]);
  }

  async function recolour(): Promise<void> {
    const wanted = colour.wanted();
    try {
      const { body, buffers } = await wire.request("colours", { ...wanted });
      if (wanted === colour.wanted()) map.colour(new Uint8Array(bytes(buffers[0])), body.legend);
    } catch (error) {
      fail(error as Error);
    }
  }

  /** Colours that decisions change follow them, though not at every key press. */
  function decided(): void {
    if (FIXED.has(colour.wanted().by)) return;
    recolouring ??= setTimeout(() => {
      recolouring = undefined;
      void recolour();
    }, REST_MS);
  }

  /** Show what the worklist is searched for. */
  async function find(words: string): Promise<void> {
    if (words === sought) return;
    sought = words;
    if (!words) return map.find(null);
    try {
      const { buffers } = await wire.request("find", { query: words });
      if (words === sought && nItems) map.find(unpack(buffers[0], nItems));
    } catch (error) {
      fail(error as Error);
    }
  }

  return { open, follow, look, name, recolour, decided, find, close: () => clearTimeout(recolouring) };
}
