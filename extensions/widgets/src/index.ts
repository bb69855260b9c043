/** The module that anywidget loads: one app a view. */

import { openApp } from "./app";
import type { Model } from "./wire";

export default {
  render: ({ model, el }: { model: Model; el: HTMLElement }): (() => void) => openApp(model, el),
};
