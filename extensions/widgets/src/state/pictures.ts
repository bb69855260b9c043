/** The pictures of items: each is fetched once, in as many pixels as it takes on the screen. */

import { bytes, type Wire } from "../wire";

const SMALL = [128, 256, 512]; // pixels of the longer side, as the kernel makes them
const MOST_SMALL = 400;
const MOST_LARGE = 12;

/** Address of an item's small picture, sharp where its longer side takes `side` pixels of the page. */
export type SmallPicture = (row: number, side?: number) => Promise<string>;

export interface Pictures {
  /** The last few hundred are kept. */
  image: SmallPicture;
  /** Address of an item's picture at its real resolution; the last few are kept. */
  large: (row: number) => Promise<string>;
  close: () => void;
}

export function openPictures(wire: Wire): Pictures {
  const small = new Kept(MOST_SMALL);
  const large = new Kept(MOST_LARGE);
  const address = async (asked: ReturnType<typeof wire.request<"thumbnail" | "picture">>) => {
    const { body, buffers } = await asked;
    return URL.createObjectURL(new Blob([bytes(buffers[0])], { type: body.type }));
  };
  return {
    image(row, side = SMALL[0]!) {
      const wanted = side * devicePixelRatio;
      const pixels = SMALL.find(size => size >= wanted) ?? SMALL.at(-1)!;
      return small.of(`${row} ${pixels}`, () => address(wire.request("thumbnail", { row, pixels })));
    },
    large: row => large.of(`${row}`, () => address(wire.request("picture", { row }))),
    close() {
      for (const kept of [small, large]) kept.clear();
    },
  };
}

/** Addresses of pictures; the one that was not asked for the longest is the first to go. */
class Kept {
  private readonly known = new Map<string, Promise<string>>();

  constructor(private readonly most: number) {}

  of(key: string, fetch: () => Promise<string>): Promise<string> {
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
      .then(source => URL.revokeObjectURL(source))
      .catch(() => {});
    this.known.delete(key);
  }
}
