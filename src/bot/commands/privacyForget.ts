import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { accountIdOf } from '../accounts.ts';
import type { Command } from '../command.ts';
import { askInPrivate, isKnown, personLines } from '../personWords.ts';

const GOES =
  'Your private chats with this bot go with every alert in them, and so do the link of your accounts and your name everywhere. It cannot be undone.';
const STAYS =
  'What shared chats hear stays, made by “forgotten” and calling you no more: it is theirs. Whoever manages such a chat can remove it.';

export const privacyForget: Command = {
  path: ['privacy', 'forget'],
  summary: 'Remove what this bot stores about you; it asks first',
  options: [{ name: 'confirm', summary: 'Do it', type: 'text', required: false, choices: ['yes'] }],
  permission: 'everyone',
  private: true,
  examples: ['privacy forget', 'privacy forget confirm:yes'],
  async run({ store, clock }, { args, caller, place }): Promise<View> {
    const elsewhere = askInPrivate(place);
    if (elsewhere !== null) return elsewhere;
    const accountId = accountIdOf(caller);
    const person = await store.accounts.stored(accountId);
    const stamp = { asOf: toSeconds(clock.now()), sources: ['this bot’s database'] };
    if (args.confirm !== 'yes') {
      if (!isKnown(person)) return { ...NOTHING, ...stamp };
      return {
        title: 'Forget you?',
        tone: 'degraded',
        lines: ['This is stored about you:', ...personLines(person), GOES, STAYS],
        actions: [
          { label: 'Forget me', command: 'privacy forget confirm:yes', style: 'danger' },
          { label: 'Show', command: 'privacy show', mode: 'reply' },
        ],
        ...stamp,
      };
    }
    // Also when nothing is known: a code of /link may wait to be used.
    await store.accounts.forget(accountId);
    if (!isKnown(person)) return { ...NOTHING, ...stamp };
    return {
      title: 'Forgotten',
      tone: 'ok',
      lines: ['Removed, or without your name now:', ...personLines(person), STAYS],
      ...stamp,
    };
  },
};

const NOTHING = {
  title: 'Nothing to forget',
  tone: 'info',
  lines: ['Nothing is stored about you.'],
} satisfies Partial<View>;
