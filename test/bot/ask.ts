import { afterEach } from 'vitest';
import type { Place } from '../../src/bot/command.ts';
import type { DeliveryOutcome } from '../../src/lib/delivery.ts';
import type { View } from '../../src/lib/view.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryStore } from '../rigs/store.ts';
import { expectClear, expectSafeEverywhere } from './judgeView.ts';
import { type Bot, botOn, callerOf, placeOf, seedNetwork } from './seed.ts';

export interface Asker {
  bot: Bot;
  store: Store;
  /** Types a line; whatever is answered must be clear and safe on every platform. */
  ask(line: string, place?: Place): Promise<View>;
}

const open: (() => Promise<void>)[] = [];

/** A store of its own with `nodes` nodes, and the bot on it; gone after the test. */
export async function askerOn(nodes: number, outcome?: DeliveryOutcome): Promise<Asker> {
  const { store, cleanup } = await temporaryStore();
  open.push(cleanup);
  if (nodes > 0) await seedNetwork(store, nodes);
  const bot = botOn(store, outcome);
  return {
    bot,
    store,
    async ask(line, place = placeOf('discord')) {
      const view = await bot.runText(line, callerOf(place.platform), place);
      expectClear(view, line);
      expectSafeEverywhere(view);
      return view;
    },
  };
}

afterEach(async () => {
  for (const cleanup of open.splice(0)) await cleanup();
});
