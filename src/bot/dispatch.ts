import type { View } from '../lib/view.ts';
import type { Caller, Command, Place, Suggestion } from './command.ts';

/** The one door into the bot: platforms turn what arrived into a call, and the View into a message. */
export interface Dispatcher {
  commands: readonly Command[];
  /** A call with named options, as Discord sends it. Never throws: bad input is answered with an error View. */
  run(path: readonly string[], options: Readonly<Record<string, unknown>>, caller: Caller, place: Place): Promise<View>;
  /**
   * A call as text, without the slash: `node status 0x12ab`, `node list degraded page:2`, also from buttons.
   * Options go by position or as `name:value`; a bare group (`node`) answers with its commands as buttons.
   */
  runText(text: string, caller: Caller, place: Place): Promise<View>;
  /** Suggestions for an option being typed; empty rather than an error. */
  suggest(path: readonly string[], option: string, typed: string): Promise<Suggestion[]>;
}
