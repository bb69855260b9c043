/** What a form does once at a time, and what it says where that goes wrong. */

import { useState } from "preact/hooks";

export function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  /** Do something that ends with the form; if it fails, the form stays and says why. */
  const attempt = (act: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    act().catch((error: Error) => {
      setTrouble(error.message);
      setBusy(false);
    });
  };
  return { busy, trouble, setTrouble, attempt };
}

/** Why something could not be done; nothing where it could. */
export function Trouble({ words }: { words: string }) {
  if (!words) return null;
  return (
    <p role="alert" class="ls-error">
      {words}
    </p>
  );
}
