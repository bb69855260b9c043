/** Files that are written and read from here: a dialog asks where, and stays until that went well. */

import type { Opened, RaterFile } from "../messages";
import type { Wire } from "../wire";
import { showExport, showRulesFile, showVotersFile } from "./field_dialog";
import type { Overlay } from "./overlay";

export function openFiles(wire: Wire, overlay: Overlay, say: (text: string, kind: "good" | "error") => void) {
  /** Do something and tell what came of it; whether it went well. */
  async function tried(act: () => Promise<string>): Promise<boolean> {
    try {
      say(await act(), "good");
      return true;
    } catch (error) {
      say((error as Error).message, "error");
      return false;
    }
  }
  return {
    tried,
    /** The corrected labels, `redact`: without personal data. */
    labels(facts: Opened, changed: number, redact: boolean): void {
      const write = async (path: string) => {
        const { body } = await wire.request("export", { path, redact });
        facts.export_path = path;
        return body.summary;
      };
      showExport(overlay, facts.export_path, { changed, redact }, path => tried(() => write(path)));
    },
    rules(way: "import" | "export", path: string): void {
      const take = async (to: string) => (await wire.request(`rules_${way}`, { path: to })).body.summary;
      showRulesFile(overlay, way, path, to => tried(() => take(to)));
    },
    voters(what: RaterFile["what"]): void {
      const write = async (path: string) => (await wire.request("raters_export", { what, path })).body.summary;
      showVotersFile(overlay, what, path => tried(() => write(path)));
    },
  };
}
