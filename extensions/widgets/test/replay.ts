/**
 * Asks the kernel of a published page what a test has written down, one request after the other, and prints its answers.
 * In: {data, requests: {kind, body, buffers}[]}, buffers in base64. Out: {ok, body, error, buffers}[].
 */

import { readFileSync } from "node:fs";
import { Recording } from "../src/published/kernel";
import { decode } from "../src/published/payload";
import { Records } from "../src/published/records";

interface Asked {
  kind: string;
  body: Record<string, unknown>;
  buffers: string[];
}

async function replay(): Promise<void> {
  const { data, requests } = JSON.parse(readFileSync(0, "utf-8")) as { data: string; requests: Asked[] };
  const kernel = new Recording(new Records(await decode(data)));
  const answers = [];
  for (const [id, { kind, body, buffers }] of requests.entries()) answers.push(await ask(kernel, `${id}`, kind, body, buffers));
  process.stdout.write(JSON.stringify(answers));
}

function ask(kernel: Recording, id: string, kind: string, body: unknown, buffers: string[]): Promise<unknown> {
  return new Promise(resolve => {
    const listener = (message: any, sent: DataView[]) => {
      if (message.id !== id) return;
      kernel.off("msg:custom", listener);
      const out = sent.map(view => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64"));
      resolve({ ok: message.ok, body: message.body, error: message.error?.message, buffers: out });
    };
    kernel.on("msg:custom", listener);
    kernel.send({ id, kind, body }, undefined, buffers.map(text => Uint8Array.from(Buffer.from(text, "base64")).buffer));
  });
}

void replay();
