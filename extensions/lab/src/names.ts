/** Names that more than one module uses, and those that are public: commands, the document factory, MIME types. */

export const FACTORY = "Labelscope";
export const MODEL = "labelscope-reference";
export const PLUGIN = "labelscope-lab:plugin";
export const PROTOCOL = 3;
export const DISTRIBUTION = "multilabelscope"; // as in labelscope/version.py

export const MIME = "application/vnd.labelscope.v1+json";
export const REPLY = "application/vnd.labelscope.reply+json";
export const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

/**
 * Events between an app and JupyterLab around it: its picture has changed; its kernel is gone; it wants to be run
 * again.
 */
export const STATIC_VIEW = "labelscope:static-view";
export const GONE = "labelscope:gone";
export const AGAIN = "labelscope:again";

export const Commands = {
  home: "labelscope:home",
  openFile: "labelscope:open-file",
  openPath: "labelscope:open-path",
  openSelected: "labelscope:open-selected",
  columns: "labelscope:choose-columns",
  restart: "labelscope:restart-kernel",
  panel: "labelscope:show-panel",
} as const;

/** Endings of the files that Python reads, and of the folders that it keeps beside them. */
export const TABLES = [
  ...[
    ".parquet",
    ".pq",
    ".csv",
    ".tsv",
    ".jsonl",
    ".ndjson",
    ".json",
    ".arrow",
    ".feather",
    ".ipc",
    ".arff",
    ".manifest",
    ".svm",
    ".libsvm",
    ".svmlight",
    ".txt",
  ],
  ...[".csv", ".tsv", ".jsonl", ".json"].flatMap(ending =>
    [".gz", ".zst", ".bz2", ".xz"].map(packed => ending + packed),
  ),
];
export const FOLDER = ".labelscope";

export function isTable(path: string): boolean {
  return TABLES.some(ending => path.toLowerCase().endsWith(ending));
}

/** Whether a table is a text that an editor can show. */
export function isText(path: string): boolean {
  return /\.(csv|tsv|jsonl|ndjson)$/i.test(path);
}

/** The table that a path stands for: itself, or the one beside a .labelscope folder. */
export function tableOf(path: string): string {
  return path.endsWith(FOLDER) ? path.slice(0, -FOLDER.length) : path;
}
