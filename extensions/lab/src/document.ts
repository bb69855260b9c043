/** A table opened as a document: a kernel of its own, a form for the columns, then the Explorer. */

import { ISessionContext } from "@jupyterlab/apputils";
import { ABCWidgetFactory, DocumentRegistry, DocumentWidget, TextModelFactory } from "@jupyterlab/docregistry";
import { OutputAreaModel, SimplifiedOutputArea } from "@jupyterlab/outputarea";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Contents, Kernel } from "@jupyterlab/services";
import { ToolbarButton, refreshIcon } from "@jupyterlab/ui-components";
import { PanelLayout, Widget } from "@lumino/widgets";

import { button, h } from "./dom";
import { columnsForm } from "./form";
import { icon } from "./icon";
import { Columns, Look, Opened, Problem, ask, showCode } from "./kernel";
import { bindWidgets } from "./manager";
import { AGAIN, FACTORY, MODEL, isText } from "./names";

/** What is in the document. One of: words about what is going on, a problem, the form, the Explorer. */
export class TableView extends Widget {
  constructor(
    private readonly context: DocumentRegistry.Context,
    registry: IRenderMimeRegistry,
    private readonly settings: () => { confirmColumns: boolean },
  ) {
    super();
    this.addClass("lsx-document");
    this.rendermime = registry.clone({ resolver: context.urlResolver });
    this.layout = new PanelLayout();
    this.node.append(this.face);
    this.busy("Starting a kernel…");
    context.sessionContext.kernelChanged.connect(this.onKernel, this);
    context.sessionContext.statusChanged.connect(this.onStatus, this);
    this.node.addEventListener(AGAIN, () => void this.start());
    void this.start();
  }

  /** The number of items and labels, once the table is open. */
  opened: Opened | null = null;

  /** Begin again, in the kernel there is. */
  async start(askColumns = false): Promise<void> {
    await this.attempt(async kernel => {
      this.busy(`Looking into ${this.name}…`);
      const look = await ask<Look>(kernel, { ask: "look", path: this.name });
      if (look.open && !askColumns) await this.showExplorer(kernel);
      else if (look.chosen && !askColumns && !this.settings().confirmColumns)
        await this.open(kernel, look, look.chosen);
      else this.form(look, look.chosen ?? look.guess);
    });
  }

  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    const height = message.height >= 0 ? message.height : this.node.offsetHeight;
    // the Explorer is as high as the document
    this.node.style.setProperty("--lsx-height", `${Math.max(360, height)}px`);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    void this.bound?.then(
      bound => bound.dispose(),
      () => undefined,
    );
    super.dispose();
  }

  private get name(): string {
    return this.context.localPath.split("/").pop() ?? this.context.localPath;
  }

  private async attempt(work: (kernel: Kernel.IKernelConnection) => Promise<void>, again = true): Promise<void> {
    const turn = ++this.turn;
    try {
      await this.context.ready;
      await this.context.sessionContext.ready;
      const kernel = await this.livingKernel();
      if (!kernel) throw new Problem("No kernel runs for this document. Choose one, then try again.");
      await work(kernel);
    } catch (error) {
      if (this.isDisposed || turn !== this.turn) return;
      // it was about to go
      if (again && !isLiving(this.context.sessionContext.session?.kernel)) return this.attempt(work, false);
      this.problem(error instanceof Problem ? error : new Problem(String((error as Error)?.message ?? error)));
    }
  }

  /** The kernel of the document; a new one where it has none, or one that is going: that of a table closed just now. */
  private async livingKernel(): Promise<Kernel.IKernelConnection | null> {
    const { sessionContext } = this.context;
    if (!isLiving(sessionContext.session?.kernel)) {
      this.reviving = true;
      await sessionContext.startKernel().finally(() => (this.reviving = false));
    }
    return sessionContext.session?.kernel ?? null;
  }

  private async open(kernel: Kernel.IKernelConnection, look: Look, columns: Columns): Promise<void> {
    this.busy(`Reading ${this.name}…`);
    await this.bind(); // first: a widget that opens where no manager listens is closed at once
    try {
      this.opened = await ask<Opened>(kernel, { ask: "open", path: this.name, ...columns });
    } catch (error) {
      if (!(error instanceof Problem) || !error.ofFile) throw error;
      this.form(look, columns, error.message);
      return;
    }
    await this.showExplorer(kernel);
  }

  private async showExplorer(kernel: Kernel.IKernelConnection): Promise<void> {
    this.busy("Opening the Explorer…");
    await this.bind();
    const area = new SimplifiedOutputArea({
      model: new OutputAreaModel({ trusted: true }),
      rendermime: this.rendermime,
    });
    area.addClass("lsx-output");
    area.future = kernel.requestExecute({ code: showCode(this.name), store_history: false });
    this.clear();
    this.area = area;
    (this.layout as PanelLayout).addWidget(area);
    this.face.hidden = true;
    await area.future.done;
  }

  private async bind(): Promise<void> {
    this.bound ??= bindWidgets(this.context, this.rendermime);
    await this.bound.catch(error => {
      this.bound = null;
      throw error;
    });
  }

  private form(look: Look, start: Columns, error = ""): void {
    this.clear();
    const form = columnsForm(
      look,
      start,
      columns => void this.attempt(kernel => this.open(kernel, look, columns)),
      columns => this.prepare(columns),
    );
    if (error) form.querySelector("h2")?.after(h("p", { class: "lsx-problem", role: "alert" }, error));
    this.face.replaceChildren(form);
    if (this.isVisible) form.querySelector<HTMLElement>("button")?.focus();
    if (!error) this.prepare(start);
  }

  /**
   * Let the kernel begin with these columns while the person reads the form. What is wrong with them is said when they
   * are confirmed.
   */
  private prepare(columns: Columns): void {
    const kernel = this.context.sessionContext.session?.kernel;
    if (!kernel || !columns.labels) return;
    ask(kernel, { ask: "prepare", path: this.name, ...columns }).catch(() => undefined);
    this.bind().catch(() => undefined);
  }

  private busy(words: string): void {
    this.clear();
    this.face.replaceChildren(
      h("p", { class: "lsx-busy", role: "status" }, h("span", { class: "lsx-spinner", "aria-hidden": "true" }), words),
    );
  }

  private problem(problem: Problem, title = `${this.name} could not be opened`, again = "Try again"): void {
    this.clear();
    const retry = button(again, () => void this.start(), true);
    const choose = problem.ofFile ? this.otherwise() : button("Choose another kernel…", () => void this.selectKernel());
    this.face.replaceChildren(
      h(
        "div",
        { class: "lsx-problem", role: "alert" },
        h("h2", {}, title),
        h("p", {}, problem.message),
        problem.remedy ? h("pre", {}, problem.remedy) : null,
        h("div", { class: "lsx-buttons" }, retry, choose),
      ),
    );
  }

  /** A way to look at a file that is no table: as text, where it is. */
  private otherwise(): HTMLButtonElement | null {
    return isText(this.name) ? button("Open as text", () => this.openAsText()) : null;
  }

  openAsText: () => void = () => undefined;
  selectKernel: () => Promise<void> = () => Promise.resolve();

  private clear(): void {
    this.area?.dispose();
    this.area = null;
    this.face.hidden = false;
    this.face.replaceChildren();
  }

  private onKernel(_: ISessionContext, change: { oldValue?: unknown; newValue?: unknown }): void {
    if (change.oldValue && change.newValue && !this.reviving) void this.start();
  }

  private onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (status === "restarting" || status === "autorestarting") {
      this.busy("The kernel restarts…");
      this.restarted = true;
    } else if (status === "dead") {
      const words = new Problem(
        "Decisions made so far are in the ledger. Run again to open the table in a new kernel.",
      );
      this.problem(words, "The kernel has stopped", "Run again");
    } else if (this.restarted && status === "idle") {
      this.restarted = false;
      void this.start();
    }
  }

  private readonly face = h("div", { class: "lsx-face" });
  /** With the widget manager of the kernel, once the Explorer is shown. */
  readonly rendermime: IRenderMimeRegistry;
  private area: SimplifiedOutputArea | null = null;
  private bound: Promise<{ dispose(): void }> | null = null;
  private restarted = false;
  private reviving = false;
  private turn = 0;
}

function isLiving(kernel: Kernel.IKernelConnection | null | undefined): boolean {
  return !!kernel && !kernel.isDisposed && !["dead", "terminating"].includes(kernel.status);
}

export type TableDocument = DocumentWidget<TableView>;

/** Documents of tables: the file itself stays where it is, only the kernel reads it. */
export class TableFactory extends ABCWidgetFactory<TableDocument> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<TableDocument>,
    private readonly parts: {
      rendermime: IRenderMimeRegistry;
      settings: () => { confirmColumns: boolean };
      selectKernel: (session: ISessionContext) => Promise<void>;
      restart: (session: ISessionContext) => Promise<unknown>;
      openAsText: (path: string) => void;
    },
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): TableDocument {
    const content = new TableView(context, this.parts.rendermime, this.parts.settings);
    content.selectKernel = () => this.parts.selectKernel(context.sessionContext);
    content.openAsText = () => this.parts.openAsText(context.path);
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = icon;
    widget.toolbar.addItem(
      "columns",
      new ToolbarButton({
        label: "Columns…",
        tooltip: "Choose the columns again",
        onClick: () => void content.start(true),
      }),
    );
    widget.toolbar.addItem(
      "restart",
      new ToolbarButton({
        icon: refreshIcon,
        tooltip: "Restart the kernel",
        onClick: () => void this.parts.restart(context.sessionContext),
      }),
    );
    return widget;
  }
}

/** A model without content: a table of a gigabyte is not sent to the browser to be opened in the kernel. */
export class ReferenceFactory extends TextModelFactory {
  override get name(): string {
    return MODEL;
  }
  override get contentType(): Contents.ContentType {
    return "file";
  }
  override get fileFormat(): Contents.FileFormat {
    return null;
  }
}

/**
 * @param own - file types that nobody else opens: a double click opens them here, and a reloaded page does not try an
 * editor.
 */
export function factoryOptions(
  fileTypes: string[],
  own: string[],
): DocumentRegistry.IWidgetFactoryOptions<TableDocument> {
  return {
    name: FACTORY,
    modelName: MODEL,
    fileTypes,
    defaultFor: own,
    preferKernel: true,
    canStartKernel: true,
    autoStartDefault: true,
    shutdownOnClose: false,
    readOnly: true,
  };
}
