/** A table opened as a document: a kernel of its own, a page that says how it is read, then the Explorer. */

import { ISessionContext } from "@jupyterlab/apputils";
import { ABCWidgetFactory, DocumentRegistry, DocumentWidget, TextModelFactory } from "@jupyterlab/docregistry";
import { OutputAreaModel, SimplifiedOutputArea } from "@jupyterlab/outputarea";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Contents, Kernel } from "@jupyterlab/services";
import { ToolbarButton, refreshIcon } from "@jupyterlab/ui-components";
import { PanelLayout, Widget } from "@lumino/widgets";

import { button, h } from "./dom";
import { icon } from "./icon";
import { showImport } from "./import/import_page";
import type { Ask, Choices, Look, Opened } from "./import/messages";
import { ImportModel } from "./import/model";
import { Problem, ask, showCode } from "./kernel";
import { bindWidgets } from "./manager";
import { AGAIN, FACTORY, MODEL, isText } from "./names";

/** What is in the document. One of: words about what is going on, a problem, the import page, the Explorer. */
class TableView extends Widget {
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
      const look = await ask(kernel, this.name, "look", {});
      if (look.is_open && !askColumns) await this.showExplorer(kernel);
      else if (look.chosen && !askColumns && !this.settings().confirmColumns)
        await this.reopen(kernel, look, look.chosen);
      else await this.page(look);
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
    this.leavePage?.();
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

  /** Open as it was read the last time; where that fails, the page says why. */
  private async reopen(kernel: Kernel.IKernelConnection, look: Look, chosen: Choices): Promise<void> {
    this.busy(`Reading ${this.name}…`);
    try {
      await this.open(kernel, chosen, undefined);
    } catch (error) {
      if (!(error instanceof Problem) || !error.ofFile) throw error;
      await this.page(look, error);
      return;
    }
    await this.showExplorer(kernel);
  }

  private async open(kernel: Kernel.IKernelConnection, choices: Choices, reviewer: string | undefined): Promise<void> {
    await this.bind(); // first: a widget that opens where no manager listens is closed at once
    this.opened = await ask(kernel, this.name, "open", { choices, reviewer });
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

  /** The import page; `failed`: what an opening failed with. */
  private async page(look: Look, failed: Problem | null = null): Promise<void> {
    const files = await this.filesBeside().catch(() => []);
    this.clear();
    const ask_: Ask = async (kind, body) => {
      const kernel = await this.livingKernel();
      if (!kernel) throw new Problem("No kernel runs for this document. Choose one, then try again.");
      return ask(kernel, this.name, kind, body);
    };
    const model = new ImportModel(look, ask_, (...of) => this.confirm(...of), files, look.chosen);
    if (failed) model.fail(failed);
    this.leavePage = showImport(this.face, model);
    this.bind().catch(() => undefined); // the widget manager takes a moment: the person reads meanwhile
  }

  /** Open what was chosen; what does not fit is the page's to say, which is still there. */
  private async confirm(choices: Choices, reviewer: string | undefined): Promise<void> {
    let refused: Problem | null = null;
    await this.attempt(async kernel => {
      try {
        await this.open(kernel, choices, reviewer);
      } catch (error) {
        if (!(error instanceof Problem) || !error.ofFile) throw error;
        refused = error;
        return;
      }
      await this.showExplorer(kernel);
    });
    if (refused) throw refused as Problem;
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
  /** Names of the files in the folder of the table. */
  filesBeside: () => Promise<string[]> = () => Promise.resolve([]);
  selectKernel: () => Promise<void> = () => Promise.resolve();

  private clear(): void {
    this.leavePage?.();
    this.leavePage = null;
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
  private leavePage: (() => void) | null = null;
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
      filesBeside: (path: string) => Promise<string[]>;
    },
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): TableDocument {
    const content = new TableView(context, this.parts.rendermime, this.parts.settings);
    content.selectKernel = () => this.parts.selectKernel(context.sessionContext);
    content.openAsText = () => this.parts.openAsText(context.path);
    content.filesBeside = () => this.parts.filesBeside(context.path);
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = icon;
    widget.toolbar.addItem(
      "columns",
      new ToolbarButton({
        label: "Change how it is read",
        tooltip: "Back to the page with the columns and the readings",
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
