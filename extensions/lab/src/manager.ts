/** The manager of Jupyter widgets for a document that is neither a notebook nor a console.
 *
 * ipywidgets binds itself to notebooks and consoles only, and offers `registerWidgetManager` for the rest in its own
 * module. That module is taken from the extension that JupyterLab has already loaded, not from a copy: the copy would
 * not know the widgets that are registered there, anywidget's among them.
 */

import { DocumentRegistry } from "@jupyterlab/docregistry";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Signal } from "@lumino/signaling";

import { Problem } from "./kernel";
import { WIDGET_VIEW } from "./names";
import { until } from "./until";

const MANAGER = "@jupyter-widgets/jupyterlab-manager";
const PATIENCE = 20_000; // ms until the manager must be there

interface Container {
  get(module: string): Promise<
    () => {
      registerWidgetManager?: (
        context: unknown,
        rendermime: IRenderMimeRegistry,
        views: Iterable<never>,
      ) => { dispose(): void };
    }
  >;
}

/**
 * Let a rendermime show the live widgets of a document's kernel.
 *
 * @throws Problem, if JupyterLab has no widget manager.
 */
export async function bindWidgets(
  context: DocumentRegistry.Context,
  rendermime: IRenderMimeRegistry,
): Promise<{ dispose(): void }> {
  const container = (window as { _JUPYTERLAB?: Record<string, Container> })._JUPYTERLAB?.[MANAGER];
  const module = container
    ? await container
        .get("./index")
        .then(factory => factory())
        .catch(() => null)
    : null;
  if (!module?.registerWidgetManager) {
    throw new Problem(
      "JupyterLab has no widget manager, or it is disabled. Install it where JupyterLab runs, and reload the page.",
      "pip install --upgrade jupyterlab_widgets ipywidgets",
    );
  }
  const placeholder = rendermime.getFactory(WIDGET_VIEW);
  const home = {
    sessionContext: context.sessionContext,
    urlResolver: context.urlResolver,
    saveState: new Signal(context), // nothing is saved with the document
    model: { dirty: false, getMetadata: () => undefined, setMetadata: () => undefined },
  };
  const bound = module.registerWidgetManager(home, rendermime, []);
  const answers = () => rendermime.getFactory(WIDGET_VIEW) !== placeholder || undefined;
  if (!(await until(answers, PATIENCE, 20)))
    throw new Problem("The widget manager of JupyterLab did not answer; reload the page.");
  return bound;
}
