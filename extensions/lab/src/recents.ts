/** The tables that were opened last, newest first, kept with JupyterLab's own state. */

import { IStateDB } from "@jupyterlab/statedb";
import { ISignal, Signal } from "@lumino/signaling";

const KEY = "labelscope-lab:recent";

export class Recents {
  constructor(
    private readonly state: IStateDB | null,
    private readonly most: () => number,
  ) {
    void state?.fetch(KEY).then(found => {
      if (Array.isArray(found))
        this.paths = [
          ...this.paths,
          ...found.filter((path): path is string => typeof path === "string" && !this.paths.includes(path)),
        ];
      this._changed.emit();
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get list(): readonly string[] {
    return this.paths.slice(0, this.most());
  }

  add(path: string): void {
    this.put([path, ...this.paths.filter(other => other !== path)]);
  }

  remove(path: string): void {
    this.put(this.paths.filter(other => other !== path));
  }

  private put(paths: string[]): void {
    this.paths = paths.slice(0, 50);
    void this.state?.save(KEY, this.paths);
    this._changed.emit();
  }

  private paths: string[] = [];
  private readonly _changed = new Signal<this, void>(this);
}
