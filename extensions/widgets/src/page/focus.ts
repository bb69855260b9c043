/** The element of a dialog that has the focus when it opens. */

import { useLayoutEffect, useRef } from "preact/hooks";

/** A reference to the element; the words of a field are selected, so that they can be typed over. */
export function useFocus<E extends HTMLElement>() {
  const first = useRef<E>(null);
  useLayoutEffect(() => {
    const element = first.current!;
    element.focus({ preventScroll: true });
    if (element instanceof HTMLInputElement) element.select();
  }, []);
  return first;
}
