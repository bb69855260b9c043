/** A kernel for the tests: answers by kind, and what was asked. */

import type { Kinds } from "../src/messages";
import type { Wire } from "../src/wire";

type Answers = { [K in keyof Kinds]?: (body: Kinds[K][0]) => Partial<Kinds[K][1]> };

export function fakeWire(answers: Answers): { wire: Wire; asked: [string, unknown][] } {
  const asked: [string, unknown][] = [];
  const request = (kind: keyof Kinds, body: never) => {
    asked.push([kind, body]);
    const answer = answers[kind] as ((body: never) => unknown) | undefined;
    return new Promise((done, fail) =>
      answer ? done({ body: answer(body), buffers: [] }) : fail(new Error(`no ${kind} here`)),
    );
  };
  return { wire: { request } as unknown as Wire, asked };
}
