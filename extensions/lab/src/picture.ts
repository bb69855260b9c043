/** The renderer of labelscope's own MIME type: the live widget while its model exists, else the best of what is saved. */

import { JupyterFrontEnd } from "@jupyterlab/application";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Panel, Widget } from "@lumino/widgets";

import { WIDGET_VIEW } from "./names";

const PLOTLY = "application/vnd.plotly.v1+json";
const SAVED = [PLOTLY, "text/html", "image/png", "text/plain"];
const PATIENCE = 30_000; // ms that the widget manager of a notebook may take to be there

export class PictureRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly registry: IRenderMimeRegistry,
  ) {
    super();
    this.addClass("lsx-picture");
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    for (const child of [...this.widgets]) child.dispose();
    const saved = await this.saved(model);
    if (saved) this.addWidget(saved);
    if (model.data[WIDGET_VIEW] !== undefined && model.trusted) void this.live(model, saved);
  }

  private async saved(model: IRenderMime.IMimeModel): Promise<Widget | null> {
    const type = SAVED.find(type => {
      const factory = model.data[type] === undefined ? undefined : this.registry.getFactory(type);
      return factory && (factory.safe || model.trusted || type === "text/html"); // HTML is sanitised where it is not trusted
    });
    if (!type) return null;
    const renderer = this.registry.createRenderer(type);
    await renderer.renderModel(model);
    return renderer;
  }

  /** Put the live view in the picture's place for as long as its model answers. */
  private async live(model: IRenderMime.IMimeModel, saved: Widget | null): Promise<void> {
    const rendermime = await this.manager();
    if (!rendermime || this.isDisposed) return;
    const view = rendermime.createRenderer(WIDGET_VIEW);
    view.hide();
    this.addWidget(view);
    const alive = () => {
      const text = view.node.textContent ?? "";
      const lives =
        view.node.childElementCount > 0 &&
        !text.includes("model not found") &&
        !text.includes("Error displaying widget");
      view.setHidden(!lives);
      saved?.setHidden(lives);
    };
    const observer = new MutationObserver(alive);
    observer.observe(view.node, { childList: true, subtree: true, characterData: true });
    view.disposed.connect(() => observer.disconnect());
    await view.renderModel(model);
    alive();
  }

  /** The rendermime of the document around, once a widget manager is bound to it: it binds late. */
  private async manager(): Promise<IRenderMimeRegistry | null> {
    const placeholder = this.registry.getFactory(WIDGET_VIEW);
    for (
      const start = Date.now();
      Date.now() - start < PATIENCE && !this.isDisposed;
      await new Promise(resolve => setTimeout(resolve, 100))
    ) {
      const home = [...this.app.shell.widgets("main")].find(widget => widget.node.contains(this.node)) as any;
      const rendermime = (home?.content?.rendermime ?? home?.console?.rendermime) as IRenderMimeRegistry | undefined;
      const factory = rendermime?.getFactory(WIDGET_VIEW);
      if (rendermime && factory && factory !== placeholder) return rendermime;
    }
    return null;
  }
}
