/** The left panel: what is open, how far it is, what waits in its queues, and the tables opened last. */

import { JupyterFrontEnd } from "@jupyterlab/application";
import { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";

import { button, h } from "./dom";
import { icon } from "./icon";
import { Commands } from "./names";
import { Recents } from "./recents";
import { Entry, Watch, inWords } from "./watch";

const QUEUES = ["pending", "accepted", "rejected", "skipped"] as const;

export class LabelscopePanel extends Widget {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly watch: Watch,
    private readonly recents: Recents,
  ) {
    super();
    this.id = "labelscope-panel";
    this.addClass("lsx-panel");
    this.title.icon = icon;
    this.title.caption = "Labelscope";
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", "Labelscope");
    watch.changed.connect(this.update, this);
    recents.changed.connect(this.update, this);
    this.update();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected override onUpdateRequest(): void {
    const { list } = this.watch;
    this.node.replaceChildren(
      h(
        "div",
        { class: "lsx-buttons" },
        button("Open a table…", () => void this.app.commands.execute(Commands.openFile), true),
      ),
      h("h3", {}, "Open"),
      list.length
        ? h("ul", { "aria-label": "Open sessions" }, ...list.map(entry => this.session(entry)))
        : h("p", { class: "lsx-empty" }, "Nothing is open."),
      h("h3", {}, "Recent"),
      recentList(this.app, this.recents),
    );
  }

  private session(entry: Entry): HTMLElement {
    const { widget, progress } = entry;
    const running = progress?.stages.find(({ status }) => status === "running");
    const open = h(
      "button",
      {
        type: "button",
        class: "lsx-link",
        title: widget.title.caption || widget.title.label,
        onclick: () => this.app.shell.activateById(widget.id),
      },
      widget.title.label,
    );
    const bar = progress?.running && running ? h("progress", { max: "1", "aria-label": running.title }) : null;
    if (bar && running && running.done > 0) bar.value = running.done;
    // not "0 pending" while it is searched
    const found = progress && (!progress.running || QUEUES.some(name => progress.counts[name] > 0));
    const queues = found
      ? h(
          "dl",
          { class: "lsx-queues" },
          ...QUEUES.map(name => h("div", {}, h("dt", {}, name), h("dd", {}, progress.counts[name].toLocaleString()))),
        )
      : null;
    return h("li", {}, open, h("div", { class: "lsx-words" }, inWords(entry)), bar, queues);
  }
}

/** The recent tables as buttons; also on the start page. */
export function recentList(app: JupyterFrontEnd, recents: Recents): HTMLElement {
  if (!recents.list.length)
    return h(
      "p",
      { class: "lsx-empty" },
      "No table yet. In the file browser: right-click a Parquet, CSV or JSON Lines file, then Open With › Labelscope.",
    );
  const entries = recents.list.map(path => {
    const name = path.split("/").pop() ?? path;
    const folder = path.slice(0, -name.length - 1);
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "lsx-link",
          title: path,
          onclick: () => void app.commands.execute(Commands.openPath, { path }),
        },
        name,
      ),
      folder ? h("div", { class: "lsx-words" }, folder) : null,
    );
  });
  return h("ul", { "aria-label": "Recent tables" }, ...entries);
}
