/** Which rows of a long list are in sight: of the others no element is made. */

import { useLayoutEffect, useState } from "preact/hooks";

const BEYOND = 4; // rows above and below that are kept ready

/** First and last row in sight of a scrolling box whose rows have one height; the last is -1 where there is none. */
export function useInSight(box: { current: HTMLElement | null }, height: number, total: number): [number, number] {
  const [[first, last], setRange] = useState([0, -1]);
  useLayoutEffect(() => {
    const element = box.current!;
    const look = () => {
      const { scrollTop, clientHeight } = element;
      const top = Math.max(0, Math.floor(scrollTop / height) - BEYOND);
      const bottom = Math.min(total - 1, Math.ceil((scrollTop + clientHeight) / height) + BEYOND);
      setRange(range => (range[0] === top && range[1] === bottom ? range : [top, bottom]));
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look);
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box, height, total]);
  return [first, last];
}
