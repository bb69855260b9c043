/** The pictures of items: each is fetched once. */

import { bytes, type Wire } from "../wire";

export interface Pictures {
  /** Address of an item's picture. */
  image: (row: number) => Promise<string>;
  close: () => void;
}

export function openPictures(wire: Wire): Pictures {
  const known = new Map<number, Promise<string>>();
  const fetch = async (row: number) => {
    const { body, buffers } = await wire.request("thumbnail", { row });
    return URL.createObjectURL(new Blob([bytes(buffers[0])], { type: body.type }));
  };
  return {
    image(row) {
      const image = known.get(row) ?? fetch(row);
      known.set(row, image);
      return image;
    },
    close() {
      for (const image of known.values()) image.then(source => URL.revokeObjectURL(source)).catch(() => {});
    },
  };
}
