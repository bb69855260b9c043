/** Questions to labelscope in a kernel. Answers and problems come back as words that a person can act on. */

import { Kernel, KernelMessage } from "@jupyterlab/services";

import type { Carry, Problem as Details, Requests } from "./import/messages";
import { DISTRIBUTION, PROTOCOL, REPLY } from "./names";

/**
 * What went wrong, and what to do about it; `remedy` is a command line to copy, if there is one. `ofFile`: another
 * kernel would not help; `details`: what of it, where the kernel says; `carry`: what takes the
 * decisions on an earlier version of the table over.
 */
export class Problem extends Error {
  constructor(
    message: string,
    readonly remedy: string = "",
    readonly ofFile: boolean = false,
    readonly details: Details | null = null,
    readonly carry: Carry | null = null,
  ) {
    super(message);
  }
}

/** What comes back: facts of the kernel, or what was asked for. */
interface Answer {
  missing?: string;
  older?: string;
  version?: string;
  python?: string;
  protocol?: number;
  error?: string;
  problem?: Details | null;
  carry?: Carry | null;
}

const ASK = `
def _labelscope_ask(request):
    import sys
    from IPython.display import display
    try:
        import labelscope
    except ImportError as error:
        found = {"missing": str(error), "python": sys.executable}
    else:
        try:
            from labelscope import labextension
        except ImportError:
            found = {"older": str(getattr(labelscope, "__version__", "?")), "python": sys.executable}
        else:
            found = {"python": sys.executable, **labextension.answer(request)}
    display({"${REPLY}": found}, raw=True)
`;

/** The code that shows an Explorer which an "open" has made. */
export function showCode(path: string): string {
  return `from labelscope import labextension as _labelscope; _labelscope.app(${value(path)})`;
}

/**
 * Ask about a table, and wait for the answer.
 *
 * @throws Problem, if the kernel has no labelscope, or an older one, or if it says no.
 */
export async function ask<K extends keyof Requests>(
  kernel: Kernel.IKernelConnection,
  path: string,
  kind: K,
  body: Requests[K][0],
): Promise<Requests[K][1]> {
  const request = { ask: kind, path, ...body };
  const code = `${ASK}\n_labelscope_ask(${value(request)})\ndel _labelscope_ask`;
  const future = kernel.requestExecute({ code, store_history: false, stop_on_error: false });
  let answer: Answer | null = null;
  let trouble = "";
  future.onIOPub = message => {
    if (KernelMessage.isDisplayDataMsg(message)) answer = (message.content.data[REPLY] as Answer | undefined) ?? answer;
    else if (KernelMessage.isErrorMsg(message)) trouble = `${message.content.ename}: ${message.content.evalue}`;
  };
  try {
    await future.done;
  } catch {
    throw new Problem(
      "The kernel stopped before it answered. It may have run out of memory; restart it and try again.",
    );
  }
  return checked<Requests[K][1]>(answer, trouble); // of the protocol that was asked for
}

function checked<T>(answer: Answer | null, trouble: string): T {
  if (!answer) throw new Problem(trouble || "This kernel gave no answer; Labelscope needs a Python kernel.");
  if (answer.missing !== undefined) {
    throw new Problem(
      `The Python of this kernel cannot import labelscope (${answer.missing}).`,
      `${quoted(answer.python ?? "python")} -m pip install ${DISTRIBUTION}`,
    );
  }
  if (answer.older !== undefined || Number(answer.protocol) < PROTOCOL) {
    const version = answer.older ?? answer.version;
    throw new Problem(
      `This kernel has labelscope ${version}, which is older than the JupyterLab extension.`,
      `${quoted(answer.python ?? "python")} -m pip install --upgrade ${DISTRIBUTION}`,
    );
  }
  if (Number(answer.protocol) > PROTOCOL) {
    throw new Problem(
      `This kernel has labelscope ${answer.version}, which is newer than the JupyterLab extension. ` +
        "Update labelscope where JupyterLab runs, and reload the page.",
      `pip install --upgrade ${DISTRIBUTION}`,
    );
  }
  if (answer.error !== undefined)
    throw new Problem(answer.error, "", true, answer.problem ?? null, answer.carry ?? null);
  return answer as T;
}

/**
 * A Python expression for a value. What the value holds travels as base64, of which no character can be code: a quoted
 * string could be left, since IPython ends a line, and takes the next one for a shell line, at characters that JSON
 * keeps.
 */
function value(data: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  const packed = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
  return `__import__("json").loads(__import__("base64").b64decode("${packed}"))`;
}

/** A path as a person may paste it into a shell: between quotes, unless every character of it is harmless. */
function quoted(path: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path.replace(/'/g, `'"'"'`)}'`;
}
