/** The settings that the rest reads, always with a value: until they are loaded, the defaults. */

import { ISettingRegistry } from "@jupyterlab/settingregistry";

import { PLUGIN } from "./names";
import { share } from "./preferences";

interface Settings {
  confirmColumns: boolean;
  shutdownOnClose: boolean;
  recentTables: number;
}

export const settings: Settings = { confirmColumns: false, shutdownOnClose: true, recentTables: 10 };

export async function follow(registry: ISettingRegistry | null): Promise<void> {
  const loaded = await registry?.load(PLUGIN).catch(() => null);
  const take = () => Object.assign(settings, loaded?.composite);
  loaded?.changed.connect(take);
  if (!loaded) return;
  take();
  share(loaded);
}
