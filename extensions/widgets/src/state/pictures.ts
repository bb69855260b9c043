/** The pictures of items: each is fetched once. */

import { bytes, type Wire } from "../wire";

const KEPT = 12; // large pictures

export interface Pictures {
  /** Address of an item's small picture. */
  image: (row: number) => Promise<string>;
  /** Of its picture at its real resolution; the last few are kept. */
  large: (row: number) => Promise<string>;
  close: () => void;
}

export function openPictures(wire: Wire): Pictures {
  const known = new Map<number, Promise<string>>();
  const large = new Map<number, Promise<string>>();
  const fetch = async (kind: "thumbnail" | "picture", row: number) => {
    const { body, buffers } = await wire.request(kind, { row });
    return URL.createObjectURL(new Blob([bytes(buffers[0])], { type: body.type }));
  };
  return {
    image(row) {
      const image = known.get(row) ?? fetch("thumbnail", row);
      known.set(row, image);
      return image;
    },
    large(row) {
      const image = large.get(row) ?? fetch("picture", row);
      large.delete(row); // the last one that was asked for is the last to go
      large.set(row, image);
      const [first] = large.keys();
      if (large.size > KEPT && first !== undefined) {
        forget(large.get(first)!);
        large.delete(first);
      }
      return image;
    },
    close() {
      for (const image of [...known.values(), ...large.values()]) forget(image);
    },
  };
}

function forget(image: Promise<string>): void {
  image.then(source => URL.revokeObjectURL(source)).catch(() => {});
}
