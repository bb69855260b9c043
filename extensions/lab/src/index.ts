/** Labelscope in JupyterLab. */

import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import {
  ICommandPalette,
  ISessionContext,
  ISessionContextDialogs,
  MainAreaWidget,
  SessionContextDialogs,
  WidgetTracker,
} from "@jupyterlab/apputils";
import { PathExt } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { IDefaultFileBrowser, FileDialog, IFileBrowserFactory } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Contents } from "@jupyterlab/services";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStateDB } from "@jupyterlab/statedb";
import { IStatusBar } from "@jupyterlab/statusbar";
import { Widget } from "@lumino/widgets";

import { ReferenceFactory, TableDocument, TableFactory, factoryOptions } from "./document";
import { Home } from "./home";
import { icon } from "./icon";
import { AGAIN, Commands, FACTORY, FOLDER, MIME, PLUGIN, TABLES, isTable, tableOf } from "./names";
import { LabelscopePanel } from "./panel";
import { PictureRenderer } from "./picture";
import { Recents } from "./recents";
import { follow, settings } from "./settings";
import { StatusItem } from "./status";
import { Watch } from "./watch";

const FILE_TYPES = [
  {
    name: "labelscope-parquet",
    displayName: "Parquet File",
    extensions: [".parquet", ".pq"],
    mimeTypes: ["application/vnd.apache.parquet"],
    fileFormat: "base64" as const,
  },
  {
    name: "labelscope-arrow",
    displayName: "Arrow File",
    extensions: [".arrow", ".feather", ".ipc"],
    mimeTypes: ["application/vnd.apache.arrow.file"],
    fileFormat: "base64" as const,
  },
  {
    name: "labelscope-packed",
    displayName: "Packed Table",
    extensions: TABLES.filter(ending => ending.lastIndexOf(".") > 0),
    mimeTypes: ["application/octet-stream"],
    fileFormat: "base64" as const,
  },
  {
    name: "labelscope-arff",
    displayName: "ARFF File",
    extensions: [".arff"],
    mimeTypes: ["text/plain"],
    fileFormat: "text" as const,
  },
  {
    name: "labelscope-sparse",
    displayName: "Sparse Text of Labels",
    extensions: [".svm", ".libsvm", ".svmlight"],
    mimeTypes: ["text/plain"],
    fileFormat: "text" as const,
  },
  {
    name: "labelscope-manifest",
    displayName: "Manifest of SageMaker",
    extensions: [".manifest"],
    mimeTypes: ["application/x-ndjson"],
    fileFormat: "text" as const,
  },
];
const TEXT_TYPES = ["csv", "tsv", "jsonl", "json", "text"];

/** Pictures of results: needs nothing but the renderers, so that it works in every front end of Jupyter. */
const pictures: JupyterFrontEndPlugin<void> = {
  id: "labelscope-lab:pictures",
  description: "Shows saved results of labelscope as pictures, and live where their kernel answers.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (app: JupyterFrontEnd, rendermime: IRenderMimeRegistry) => {
    // before the widget manager's own view (-10), which shows an error where the model is gone
    rendermime.addFactory(
      { safe: true, mimeTypes: [MIME], createRenderer: () => new PictureRenderer(app, rendermime) },
      -20,
    );
  },
};

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: "Opens tables in the Explorer of labelscope.",
  autoStart: true,
  requires: [IDocumentManager, IRenderMimeRegistry],
  optional: [
    ICommandPalette,
    ILauncher,
    ILabShell,
    ILayoutRestorer,
    ISettingRegistry,
    IStateDB,
    IStatusBar,
    IDefaultFileBrowser,
    IFileBrowserFactory,
    ISessionContextDialogs,
  ],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    rendermime: IRenderMimeRegistry,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    state: IStateDB | null,
    statusBar: IStatusBar | null,
    browser: IDefaultFileBrowser | null,
    browsers: IFileBrowserFactory | null,
    dialogs: ISessionContextDialogs | null,
  ) => {
    const recents = new Recents(state, () => settings.recentTables);
    const watch = new Watch();
    void follow(registry);
    const tables = addDocuments(app, documents, rendermime, dialogs ?? new SessionContextDialogs(), recents, watch);
    addCommands(app, documents, recents, tables, browser, browsers);
    void restorer?.restore(tables, {
      command: Commands.openPath,
      args: ({ context }) => ({ path: context.path }),
      name: ({ context }) => context.path,
    });

    for (const command of [Commands.home, Commands.openFile, Commands.columns, Commands.restart, Commands.panel])
      palette?.addItem({ command, category: "Labelscope", args: { isPalette: true } });
    launcher?.add({ command: Commands.home, category: "Other", rank: 1 });
    const panel = new LabelscopePanel(app, watch, recents);
    app.shell.add(panel, "left", { rank: 600 });
    restorer?.add(panel, "labelscope-panel");
    if (labShell) followShell(app, labShell, watch, statusBar);
  },
};

/** File types, the model and the factory: what makes "Open With > Labelscope". */
function addDocuments(
  app: JupyterFrontEnd,
  documents: IDocumentManager,
  rendermime: IRenderMimeRegistry,
  dialogs: ISessionContext.IDialogs,
  recents: Recents,
  watch: Watch,
): WidgetTracker<TableDocument> {
  const { docRegistry } = app;
  const types = FILE_TYPES.map(type => {
    const known = [...docRegistry.fileTypes()].find(({ extensions }) =>
      type.extensions.some(ending => extensions.includes(ending)),
    );
    if (!known) docRegistry.addFileType({ ...type, icon });
    return known?.name ?? type.name;
  });
  docRegistry.addModelFactory(new ReferenceFactory());
  const factory = new TableFactory(
    factoryOptions(
      [...types, ...TEXT_TYPES],
      types.filter(name => FILE_TYPES.some(type => type.name === name)),
    ),
    {
      rendermime,
      settings: () => settings,
      selectKernel: async session => void (await dialogs.selectKernel(session)),
      restart: session => dialogs.restart(session),
      openAsText: path => void documents.openOrReveal(path, "Editor"),
      filesBeside: async path => {
        const folder = await documents.services.contents.get(PathExt.dirname(path));
        const entries = folder.type === "directory" ? (folder.content as Contents.IModel[]) : [];
        return entries
          .filter(({ type, name }) => type !== "directory" && name !== PathExt.basename(path))
          .map(({ name }) => name);
      },
    },
  );
  const tracker = new WidgetTracker<TableDocument>({ namespace: "labelscope-tables" });
  factory.widgetCreated.connect((_, widget) => {
    const { sessionContext } = widget.context;
    sessionContext.kernelPreference = {
      ...sessionContext.kernelPreference,
      shutdownOnDispose: settings.shutdownOnClose,
    };
    void tracker.add(widget);
    watch.add(widget, sessionContext, true);
    recents.add(widget.context.path);
    widget.context.pathChanged.connect((_, path) => {
      recents.add(path);
      void tracker.save(widget);
    });
  });
  docRegistry.addWidgetFactory(factory);
  return tracker;
}

function addCommands(
  app: JupyterFrontEnd,
  documents: IDocumentManager,
  recents: Recents,
  tables: WidgetTracker<TableDocument>,
  browser: IDefaultFileBrowser | null,
  browsers: IFileBrowserFactory | null,
): void {
  const { commands, shell } = app;
  const open = async (path: string): Promise<Widget | null> => {
    const table = tableOf(path);
    try {
      await documents.services.contents.get(table, { content: false });
    } catch (error) {
      recents.remove(table);
      throw error;
    }
    return documents.openOrReveal(table, FACTORY) ?? null;
  };
  const selected = () => {
    const first = (browsers?.tracker.currentWidget ?? browser)?.selectedItems().next();
    return first && !first.done ? first.value : undefined;
  };
  let home: MainAreaWidget<Home> | null = null;

  commands.addCommand(Commands.home, {
    label: ({ isPalette }) => (isPalette ? "Open Labelscope" : "Labelscope"),
    caption: "Open a table in the Explorer",
    icon,
    execute: () => {
      if (!home || home.isDisposed) {
        home = new MainAreaWidget({ content: new Home(app, recents) });
        home.id = "labelscope-home";
        home.title.label = "Labelscope";
        home.title.icon = icon;
        home.title.closable = true;
      }
      if (!home.isAttached) shell.add(home, "main");
      shell.activateById(home.id);
    },
  });
  commands.addCommand(Commands.openFile, {
    label: "Open a Table…",
    icon,
    execute: async () => {
      const chosen = await FileDialog.getOpenFiles({
        manager: documents,
        title: "Open a table in Labelscope",
        filter: ({ name, type }) => (type === "directory" || isTable(name) ? {} : null),
      });
      for (const { path } of chosen.value ?? []) if (isTable(path)) await open(path);
    },
  });
  commands.addCommand(Commands.openPath, {
    label: "Open a Path in Labelscope",
    execute: ({ path }) => (typeof path === "string" ? open(path) : null),
    describedBy: {
      args: {
        type: "object",
        required: ["path"],
        properties: {
          path: {
            type: "string",
            description: "A table or the .labelscope folder beside one, from the root of the server",
          },
        },
      },
    },
  });
  commands.addCommand(Commands.openSelected, {
    label: "Open With Labelscope",
    icon,
    isVisible: () => selected()?.path.endsWith(FOLDER) ?? false,
    execute: () => (selected() ? open(selected()!.path) : null),
  });
  if (browser) openBesides(browser.node, () => selected()?.path, open);
  commands.addCommand(Commands.columns, {
    label: "Change How the Table Is Read…",
    isEnabled: () => shell.currentWidget === tables.currentWidget && tables.currentWidget !== null,
    execute: () => tables.currentWidget?.content.start(true),
  });
  commands.addCommand(Commands.restart, {
    label: "Restart the Kernel of the Table",
    isEnabled: () => shell.currentWidget === tables.currentWidget && tables.currentWidget !== null,
    execute: () => tables.currentWidget?.context.sessionContext.restartKernel(),
  });
  commands.addCommand(Commands.panel, {
    label: "Show the Panel",
    execute: () => shell.activateById("labelscope-panel"),
  });
  tables.currentChanged.connect(() =>
    [Commands.columns, Commands.restart].forEach(command => commands.notifyCommandChanged(command)),
  );
}

/**
 * A double click, or Enter, on the folder beside a table opens the table: what is in the folder is for programs. The
 * file browser's own menu still leads into it.
 */
function openBesides(
  node: HTMLElement,
  path: () => string | undefined,
  open: (path: string) => Promise<unknown>,
): void {
  const take = (event: Event) => {
    const chosen = path();
    if (!chosen?.endsWith(FOLDER) || !(event.target as Element).closest(".jp-DirListing-content")) return;
    event.preventDefault();
    event.stopPropagation();
    void open(chosen);
  };
  node.addEventListener("dblclick", take, true);
  node.addEventListener("keydown", event => void (event.key === "Enter" && take(event)), true);
}

/** What of a notebook is used here; the notebook's own package is not needed for it. */
interface NotebookLike {
  content: { widgets?: readonly Widget[]; activeCellIndex: number };
  sessionContext: ISessionContext;
}

/** Where documents, notebooks and consoles have their kernel. */
type WithKernel = Widget & {
  context?: { sessionContext?: ISessionContext };
  sessionContext?: ISessionContext;
  console?: { sessionContext?: ISessionContext };
};

/**
 * Run the cell of a notebook in which an app without a kernel stands, and the cells before it: a new kernel knows
 * nothing.
 */
async function runAgain({ commands, shell }: JupyterFrontEnd, node: Node): Promise<void> {
  const { content: notebook, sessionContext } = (shell.currentWidget ?? {}) as Partial<NotebookLike>;
  const at = notebook?.widgets?.findIndex(cell => cell.node.contains(node)) ?? -1;
  if (!notebook || !sessionContext || at < 0 || !commands.hasCommand("notebook:run-cell")) return;
  await (sessionContext.session?.kernel ? sessionContext.ready : sessionContext.startKernel());
  notebook.activeCellIndex = at;
  await commands.execute("notebook:run-all-above");
  notebook.activeCellIndex = at;
  await commands.execute("notebook:run-cell");
}

/** Read along with the kernels of whatever has one, and say in the status bar how far what is in sight is. */
function followShell(app: JupyterFrontEnd, shell: ILabShell, watch: Watch, statusBar: IStatusBar | null): void {
  shell.node.addEventListener(AGAIN, event => void runAgain(app, event.target as Node));
  const scan = () => {
    for (const widget of shell.widgets("main")) {
      const { context, sessionContext, console } = widget as WithKernel;
      const session = context?.sessionContext ?? sessionContext ?? console?.sessionContext;
      if (session?.iopubMessage) watch.add(widget, session, false);
    }
  };
  shell.layoutModified.connect(scan);
  scan();
  const item = new StatusItem(watch, () => shell.currentWidget);
  shell.currentChanged.connect(() => item.update());
  statusBar?.registerStatusItem("labelscope-lab:status", {
    item,
    align: "left",
    rank: 50,
    isActive: () => item.active,
    activeStateChanged: watch.changed,
  });
  shell.currentChanged.connect(() => watch.touch());
}

export default [plugin, pictures];
