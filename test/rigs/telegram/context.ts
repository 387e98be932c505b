import type { UploadedFile } from './body.ts';
import type { Flood } from './flood.ts';
import type { Updates } from './updates.ts';
import type { World } from './world.ts';

export interface Press {
  atMs: number;
  answered: { text?: string; alert?: true } | null;
}

/** What the methods work on. */
export interface Rig {
  world: World;
  updates: Updates;
  flood: Flood;
  /** By callback query id. */
  presses: Map<string, Press>;
  /** By scope and language, as JSON. */
  menus: Map<string, { command: string; description: string }[]>;
}

export interface ApiCall {
  rig: Rig;
  parameters: Record<string, unknown>;
  files: Map<string, UploadedFile>;
  /** Resolves when the asker hangs up. */
  gone: Promise<void>;
}

type Method = (call: ApiCall) => unknown;
export type Methods = Record<string, Method>;
