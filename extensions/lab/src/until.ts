/** Waiting for something that nobody tells of. */

/**
 * What `look` finds once it finds something; undefined where that takes longer than `patience`. Times in
 * milliseconds.
 */
export async function until<T>(look: () => T | undefined, patience: number, pause: number): Promise<T | undefined> {
  for (const start = Date.now(); Date.now() - start < patience; await new Promise(next => setTimeout(next, pause))) {
    const found = look();
    if (found !== undefined) return found;
  }
  return look();
}
