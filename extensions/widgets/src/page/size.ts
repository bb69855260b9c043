/** How much room an element has. */

import { useLayoutEffect, useState } from "preact/hooks";

/** Width and height in pixels, 0 before they are known. */
export function useSize(box: { current: HTMLElement | null }): [number, number] {
  const [size, setSize] = useState<[number, number]>([0, 0]);
  useLayoutEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => setSize([element.clientWidth, element.clientHeight]));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return size;
}
