/** The page behind the launcher's card: open a table, or one of the last ones. */

import { JupyterFrontEnd } from "@jupyterlab/application";
import { Widget } from "@lumino/widgets";

import { button, h } from "./dom";
import { Commands } from "./names";
import { recentList } from "./panel";
import { Recents } from "./recents";

export class Home extends Widget {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly recents: Recents,
  ) {
    super();
    this.addClass("lsx-home");
    recents.changed.connect(this.update, this);
    this.update();
  }

  protected override onUpdateRequest(): void {
    this.node.replaceChildren(
      h("h1", {}, "Labelscope"),
      h("p", {}, "See what is wrong with the labels of a table, and repair them."),
      h(
        "div",
        { class: "lsx-buttons" },
        button("Open a table…", () => void this.app.commands.execute(Commands.openFile), true),
      ),
      h("h2", {}, "Recent"),
      recentList(this.app, this.recents),
    );
  }
}
