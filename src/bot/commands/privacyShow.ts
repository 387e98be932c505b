import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { accountIdOf } from '../accounts.ts';
import type { Command } from '../command.ts';
import { askInPrivate, isKnown, personLines } from '../personWords.ts';

export const privacyShow: Command = {
  path: ['privacy', 'show'],
  summary: 'Everything that this bot stores about you',
  options: [],
  permission: 'everyone',
  private: true,
  examples: ['privacy show'],
  async run({ store, clock }, { caller, place }): Promise<View> {
    const elsewhere = askInPrivate(place);
    if (elsewhere !== null) return elsewhere;
    const nowMs = clock.now();
    const person = await store.accounts.stored(accountIdOf(caller));
    const stamp = { asOf: toSeconds(nowMs), sources: ['this bot’s database'] };
    if (!isKnown(person)) {
      return { title: 'Stored about you', tone: 'info', lines: ['Nothing is stored about you.'], ...stamp };
    }
    return {
      title: 'Stored about you',
      tone: 'info',
      lines: [...personLines(person), 'The file has all of it.'],
      actions: [{ label: 'Forget me', command: 'privacy forget', style: 'danger' }],
      file: {
        name: `assay-about-you-${new Date(nowMs).toISOString().slice(0, 10)}.json`,
        text: `${JSON.stringify({ 'assay-person': 1, at: new Date(nowMs).toISOString(), ...person }, null, 2)}\n`,
      },
      ...stamp,
    };
  },
};
