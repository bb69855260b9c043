/** What would be done, which a dialog shows before it is: asked for anew with every change of the question. */

import { useEffect, useState } from "preact/hooks";

interface Options<T> {
  /** Milliseconds after the last change before it is asked again. */
  rest?: number;
  /** What is shown, of an answer and what was shown before it. */
  join?: (now: T, before: T | null) => T;
}

/**
 * @param look - asks the kernel; null while there is no question yet
 * @param question - what the answer depends on
 */
export function usePreview<T>(
  look: (() => Promise<{ body: T }>) | null,
  question: unknown[],
  { rest = 0, join = now => now }: Options<T> = {},
) {
  const [shown, setShown] = useState<T | null>(null);
  const [ready, setReady] = useState(false); // whether what is shown is what is asked for
  const [trouble, setTrouble] = useState("");
  const fail = (error: Error) => setTrouble(error.message);
  useEffect(() => {
    if (!look) return;
    let newest = true;
    setReady(false);
    const answered = ({ body }: { body: T }) => {
      if (!newest) return;
      setShown(before => join(body, before));
      setReady(true);
      setTrouble("");
    };
    const timer = setTimeout(
      () => void look().then(answered, (error: Error) => newest && fail(error)),
      shown ? rest : 0,
    );
    return () => {
      newest = false;
      clearTimeout(timer);
    };
  }, question);
  /** Do what is shown, once. */
  const apply = (act: () => Promise<void>) => {
    setReady(false);
    act().catch(fail);
  };
  return { shown, setShown, ready, trouble, apply };
}
