/** What has to be done before a document is written. */

import { DocumentRegistry } from "@jupyterlab/docregistry";

type Task = () => Promise<void>;

const PATIENCE = 5_000; // ms that saving waits at most: a kernel may have a long cell to run
const tasks = new WeakMap<DocumentRegistry.Context, Set<Task>>();

/**
 * Do this each time before a document is saved, by hand or by itself; returns how to stop that.
 *
 * JupyterLab takes the content in the very call that says that it saves (`saveState`), so that nothing which asks the
 * kernel can come between: it has to come before that call.
 */
export function beforeSaving(context: DocumentRegistry.Context, task: Task): () => void {
  let known = tasks.get(context);
  if (!known) {
    tasks.set(context, (known = new Set()));
    for (const way of ["save", "saveAs"] as const) delay(context, way, known);
  }
  const all = known.add(task);
  return () => {
    all.delete(task);
  };
}

function delay(context: DocumentRegistry.Context, way: "save" | "saveAs", first: ReadonlySet<Task>): void {
  const go: () => Promise<unknown> = context[way].bind(context);
  const later = async () => {
    if (first.size) await inTime(Promise.allSettled([...first].map(task => task())));
    return go();
  };
  Object.assign(context, { [way]: later });
}

/** Wait until it is done, but not for ever. */
async function inTime(done: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise(resolve => (timer = setTimeout(resolve, PATIENCE)));
  await Promise.race([done, late]);
  clearTimeout(timer);
}
