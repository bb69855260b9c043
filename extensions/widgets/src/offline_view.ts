/** What is shown where no kernel answers: the picture and the summary that were saved with the notebook. */

import { h } from "./dom";
import { bytes, type Model } from "./wire";

export function offlineView(model: Model): { element: HTMLElement; close: () => void } {
  const data = model.get("_poster") as DataView | undefined;
  const lines = (model.get("_summary") ?? []) as string[];
  const element = h("div", { class: "ls-offline-view" });
  let source = "";
  if (data?.byteLength) {
    source = URL.createObjectURL(new Blob([bytes(data)], { type: "image/png" }));
    element.append(h("img", { src: source, alt: lines.join(" ") }));
  }
  element.append(
    h("p", {}, lines.join(" · ")),
    h("p", { class: "ls-soft" }, "No kernel answers: this is a saved picture. Run the cell to work with it."),
  );
  return {
    element,
    close: () => {
      if (source) URL.revokeObjectURL(source);
    },
  };
}
