/**
 * The renderer of labelscope's own MIME type: the live widget while its model exists, else the best of what is saved.
 * While an Explorer is live, what is saved of it follows the decisions, so that the notebook shows them to whoever
 * opens it.
 */

import { JupyterFrontEnd } from "@jupyterlab/application";
import { DocumentRegistry } from "@jupyterlab/docregistry";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Panel, Widget } from "@lumino/widgets";

import { MIME, STATIC_VIEW, WIDGET_VIEW } from "./names";
import { beforeSaving } from "./saving";
import { until } from "./until";

const PLOTLY = "application/vnd.plotly.v1+json";
const SAVED = [PLOTLY, "text/html", "image/png", "text/plain"];
const PATIENCE = 30_000; // ms that the widget manager of a notebook may take to be there
const PAUSE = 700; // ms without a further decision after which the saved picture is drawn anew

/**
 * What an app says when what it shows has changed: how to get its picture, as a MIME bundle; null where it is the one
 * that was fetched last.
 */
type StaticView = () => Promise<IRenderMime.IMimeModel["data"] | null>;

/** Where notebooks and consoles have their rendermime, and notebooks what saves them. */
type Rendering = Widget & {
  context?: DocumentRegistry.Context;
  content?: { rendermime?: IRenderMimeRegistry };
  console?: { rendermime?: IRenderMimeRegistry };
};

export class PictureRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly registry: IRenderMimeRegistry,
  ) {
    super();
    this.addClass("lsx-picture");
    this.node.addEventListener(STATIC_VIEW, event => this.later((event as CustomEvent<StaticView>).detail));
  }

  protected override onAfterAttach(): void {
    this.attached();
  }

  override dispose(): void {
    clearTimeout(this.timer);
    this.unfollow?.();
    super.dispose();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    if (this.renewing) return; // the view is live: only what is saved of it is new
    const turn = ++this.turn;
    const saved = await this.saved(model);
    if (turn !== this.turn || this.isDisposed) return saved?.dispose(); // a newer one is on its way
    for (const child of [...this.widgets]) child.dispose();
    if (saved) this.addWidget(saved);
    if (model.data[WIDGET_VIEW] !== undefined && model.trusted) void this.live(model, saved);
  }

  private async draw(renderer: IRenderMime.IRenderer, model: IRenderMime.IMimeModel): Promise<void> {
    await this.inPage;
    if (!renderer.isDisposed) await renderer.renderModel(figureAlone(model));
  }

  /** An app shows something else: its picture is drawn anew once nothing more changes, at the latest on saving. */
  private later(staticView: StaticView): void {
    this.staticView = staticView;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(), PAUSE);
    const context = this.home()?.context;
    if (context) this.unfollow ??= beforeSaving(context, () => this.renew());
  }

  /** Put another picture into what is saved with the notebook, one after the other. */
  private renew(): Promise<void> {
    clearTimeout(this.timer);
    return (this.renewed = this.renewed.then(() => this.redraw()));
  }

  private async redraw(): Promise<void> {
    const data = await this.staticView().catch(() => null);
    const { model } = this;
    if (!data || !model || this.isDisposed || model.data[MIME] === undefined) return;
    this.renewing = true;
    try {
      model.setData({ data: { ...model.data, ...data } });
    } finally {
      this.renewing = false;
    }
  }

  private async saved(model: IRenderMime.IMimeModel): Promise<Widget | null> {
    const type = SAVED.find(type => {
      const factory = model.data[type] === undefined ? undefined : this.registry.getFactory(type);
      // HTML is sanitised where it is not trusted, and a figure is a picture there
      return factory && ((factory.safe && type !== PLOTLY) || model.trusted || type === "text/html");
    });
    if (!type) return null;
    const renderer = this.registry.createRenderer(type);
    if (type === PLOTLY) void this.draw(renderer, model);
    else await renderer.renderModel(model);
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
    const bound = () => {
      if (this.isDisposed) return null;
      const home = this.home();
      const rendermime = home?.content?.rendermime ?? home?.console?.rendermime;
      const factory = rendermime?.getFactory(WIDGET_VIEW);
      return factory && factory !== placeholder ? rendermime : undefined;
    };
    return (await until(bound, PATIENCE, 100)) ?? null;
  }

  /** The document or console around. */
  private home(): Rendering | undefined {
    return [...this.app.shell.widgets("main")].find(of => of.node.contains(this.node));
  }

  private model: IRenderMime.IMimeModel | null = null;
  private staticView: StaticView = () => Promise.resolve(null);
  private renewed = Promise.resolve();
  private unfollow: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewing = false;
  private turn = 0;
  private attached: () => void = () => undefined;
  /** Text has no size before: the lines of a figure would be drawn over one another. */
  private readonly inPage = new Promise<void>(done => (this.attached = done));
}

/**
 * A figure without its picture: plotly's renderer would show the picture, draw the figure beside it under the pointer,
 * and write a smaller picture into the notebook.
 */
function figureAlone(model: IRenderMime.IMimeModel): IRenderMime.IMimeModel {
  return {
    trusted: model.trusted,
    data: { [PLOTLY]: model.data[PLOTLY] },
    metadata: model.metadata,
    setData: () => undefined,
  };
}
