/** The script of a published page: the app on a recorded kernel, in the place of the static picture. */

import { openApp } from "../app";
import { Recording } from "./kernel";
import { decode } from "./payload";
import { Records } from "./records";

async function open(): Promise<void> {
  const [host, data] = [document.getElementById("app")!, document.getElementById("data")!];
  const payload = await decode(data.textContent ?? "");
  // the app takes their place
  for (const over of [data, document.getElementById("still"), document.getElementById("still-style")]) over?.remove();
  document.body.classList.add("live");
  openApp(new Recording(new Records(payload)), host);
}

open().catch((error: Error) => {
  document.getElementById("trouble")!.textContent =
    `This page could not be opened as an app (${error.message}); a newer browser may help. Here is its summary.`;
});
