import type { Address, PlatformName } from '../lib/delivery.ts';
import type { View } from '../lib/view.ts';
import type { BotContext } from './context.ts';

/** One thing the bot can be asked. A command is one file in `bot/commands/`, listed in `registry.ts`. */
export interface Command {
  /** `['network']`, or group and name: `['node', 'status']`. */
  path: readonly [string] | readonly [string, string];
  /** One line, at most 100 characters (Discord's limit). */
  summary: string;
  options: readonly Option[];
  /** `manage-alerts`: in a shared chat only its administrators may run it. */
  permission: 'everyone' | 'manage-alerts';
  /** Of its group, what is meant where none of them is named: `influence validators` is `influence show validators`. */
  isDefault?: boolean;
  /** It is about the chat that it is asked in; a terminal is none. */
  needsChat?: boolean;
  /** How long it may take, where it asks the network itself; default 25 s. */
  timeoutMs?: number;
  /** The answer is for the asker alone where the platform can do that. */
  private?: boolean;
  /** What a person could type, without the slash. */
  examples: readonly string[];
  run(context: BotContext, call: Call): Promise<View>;
}

export interface Option {
  name: string;
  summary: string;
  /** `file`: what was attached, as text; at most 64 KiB. */
  type: 'text' | 'integer' | 'file';
  required: boolean;
  /** Only these values. */
  choices?: readonly string[];
  min?: number;
  max?: number;
  maxLength?: number;
  /** As typed text it takes every word that is left: `help node status`. */
  rest?: boolean;
  /** What is wrong with a text, in one sentence, or null: what can be said without looking anything up. */
  check?: (typed: string) => string | null;
  /**
   * Suggestions while typing, at once and from memory or one small read; at most 25 are shown. `given`: the other options as far
   * as they are known.
   */
  suggest?: (
    context: BotContext,
    typed: string,
    place?: Place,
    given?: Readonly<Record<string, unknown>>,
  ) => Promise<Suggestion[]>;
}

export interface Suggestion {
  /** What is shown, at most 100 characters. */
  label: string;
  value: string;
}

/** Checked arguments and who asks from where. */
export interface Call {
  command: Command;
  /** Only declared options; integers are numbers. */
  args: Readonly<Record<string, string | number>>;
  caller: Caller;
  place: Place;
  /** Shows an answer that is not complete yet; the last one is what `run` resolves with. Never rejects. */
  progress(view: View): void;
}

export interface Caller {
  platform: PlatformName;
  userId: string;
  /** As shown to others; untrusted text. */
  name: string;
}

export interface Place {
  platform: PlatformName;
  kind: 'private' | 'group' | 'channel' | 'terminal';
  address: Address;
  title: string;
  /** May the caller change this chat's alerts? Asked only where a command needs it. */
  callerManages(): Promise<boolean>;
  /** What keeps the bot from posting here later, in words ("Embed Links"); empty when nothing does. */
  missingPermissions(): Promise<string[]>;
  /** What may not be mentioned here, in words; null when it may, or when the platform cannot tell beforehand. */
  mentionProblem?(mention: string): Promise<string | null>;
}
