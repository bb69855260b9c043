/** The picture of an item, fetched when it is shown. */

import { useEffect, useState } from "preact/hooks";

/** Address of the picture, and why there is none; both empty until it is known. `side`: most pixels that it takes. */
export function usePicture(
  row: number,
  image: (row: number, side?: number) => Promise<string>,
  side?: number,
): { source: string; trouble: string } {
  const [known, setKnown] = useState({ source: "", trouble: "" });
  useEffect(() => {
    let wanted = true;
    const know = (source: string, trouble: string) => wanted && setKnown({ source, trouble });
    image(row, side).then(
      source => know(source, ""),
      (error: Error) => know("", error.message),
    );
    return () => void (wanted = false);
  }, [row, image, side]);
  return known;
}
