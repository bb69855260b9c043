/** Asks the kernel of a published page what a test has written down, one request after the other. */

import { Recording } from "../src/published/kernel";
import { decode } from "../src/published/payload";
import { Records } from "../src/published/records";

interface Told {
  data: string;
  requests: { kind: string; body: Record<string, unknown>; buffers: string[] }[];
}

interface Reply {
  id?: string;
  ok?: boolean;
  body?: unknown;
  error?: { message: string };
}

/** What the page answers, as JSON: ok, body, error and buffers of each request; buffers are in base64, both ways. */
export async function replay(told: string): Promise<string> {
  const { data, requests } = JSON.parse(told) as Told;
  const kernel = new Recording(new Records(await decode(data)));
  const answers = [];
  for (const [at, request] of requests.entries()) answers.push(await ask(kernel, String(at), request));
  return JSON.stringify(answers);
}

function ask(kernel: Recording, id: string, { kind, body, buffers }: Told["requests"][0]): Promise<unknown> {
  return new Promise(resolve => {
    const listener = (message: unknown, sent: DataView[]) => {
      const { id: of, ok, body, error } = message as Reply;
      if (of !== id) return;
      kernel.off("msg:custom", listener);
      resolve({ ok, body, error: error?.message, buffers: sent.map(written) });
    };
    kernel.on("msg:custom", listener);
    kernel.send({ id, kind, body }, undefined, buffers.map(read));
  });
}

function written(view: DataView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
}

function read(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;
}
