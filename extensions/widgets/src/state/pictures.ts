/** The pictures of items: each is fetched once, in as many pixels as it takes on the screen. */

import { bytes, type Wire } from "../wire";

const SMALL = [128, 256, 512]; // pixels of the longer side, as the kernel makes them
const MOST_SMALL = 400;
const MOST_LARGE = 12;

/** Address of an item's small picture, sharp where its longer side takes `side` pixels of the page. */
export type SmallPicture = (row: number, side?: number) => Promise<string>;

/** A picture and its address. */
export interface KeptPicture {
  source: string;
  blob: Blob;
}

export interface Pictures {
  /** The last few hundred are kept. */
  image: SmallPicture;
  /** The last few are kept. */
  large: (row: number) => Promise<KeptPicture>;
  close: () => void;
}

export function openPictures(wire: Wire): Pictures {
  const small = new Kept(MOST_SMALL);
  const large = new Kept(MOST_LARGE);
  const fetched = async (asked: ReturnType<typeof wire.request<"thumbnail" | "picture">>) => {
    const { body, buffers } = await asked;
    const blob = new Blob([bytes(buffers[0])], { type: body.type });
    return { source: URL.createObjectURL(blob), blob };
  };
  return {
    image(row, side = SMALL[0]!) {
      const wanted = side * devicePixelRatio;
      const pixels = SMALL.find(size => size >= wanted) ?? SMALL.at(-1)!;
      const kept = small.of(`${row} ${pixels}`, () => fetched(wire.request("thumbnail", { row, pixels })));
      return kept.then(({ source }) => source);
    },
    large: row => large.of(`${row}`, () => fetched(wire.request("picture", { row }))),
    close() {
      for (const kept of [small, large]) kept.clear();
    },
  };
}

/** Pictures; the one that was not asked for the longest is the first to go. */
class Kept {
  private readonly known = new Map<string, Promise<KeptPicture>>();

  constructor(private readonly most: number) {}

  of(key: string, fetch: () => Promise<KeptPicture>): Promise<KeptPicture> {
    const picture = this.known.get(key) ?? fetch();
    this.known.delete(key);
    this.known.set(key, picture);
    const [first] = this.known.keys();
    if (this.known.size > this.most) this.forget(first!);
    return picture;
  }

  clear(): void {
    for (const key of [...this.known.keys()]) this.forget(key);
  }

  private forget(key: string): void {
    this.known
      .get(key)!
      .then(({ source }) => URL.revokeObjectURL(source))
      .catch(() => {});
    this.known.delete(key);
  }
}
