import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { accountIdOf, accountWords } from '../accounts.ts';
import { echo, errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { CODE_MS, hashOf, makeCode, readCode } from '../linkCode.ts';
import { noteWrong, triesAgainAtMs } from '../wrongCodes.ts';

const UNLINK = 'unlink';
const SOURCES = ['this bot’s accounts'];

const isUnlink = (typed: string): boolean => typed.trim().toLowerCase() === UNLINK;

export const link: Command = {
  path: ['link'],
  summary: 'Your Discord and Telegram accounts as one: manage both apps’ alerts from either',
  options: [
    {
      name: 'code',
      summary: 'The code that the other app gave you, or unlink',
      type: 'text',
      required: false,
      maxLength: 30,
      check: (typed) =>
        isUnlink(typed) || readCode(typed) !== null
          ? null
          : `code has 10 letters and digits, as /link gave it in the other app; not ${echo(typed)}.`,
    },
  ],
  permission: 'everyone',
  private: true,
  examples: ['link', 'link ABCDE23456'],
  async run(context, { args, caller, place }): Promise<View> {
    if (place.kind !== 'private') {
      return errorView('Ask me in a private chat', [
        'Accounts are linked where nobody else reads: open a chat with this bot on Discord or Telegram and type /link there.',
      ]);
    }
    const accountId = accountIdOf(caller);
    if (args.code === undefined) return await present(context, accountId);
    const typed = String(args.code);
    return isUnlink(typed) ? await unlink(context, accountId) : await redeem(context, accountId, typed);
  },
};

/** The link there is, or a code for a new one. */
async function present(context: BotContext, accountId: string): Promise<View> {
  const { store, clock, random } = context;
  const nowMs = clock.now();
  const [own, ...others] = await store.accounts.linked(accountId);
  if (own !== undefined && others.length > 0) return linkedView('Your accounts are linked', others, nowMs);
  const code = makeCode(random);
  const expiresAtMs = nowMs + CODE_MS;
  await store.accounts.createCode(accountId, hashOf(code), expiresAtMs);
  return {
    title: 'Link your accounts',
    tone: 'info',
    lines: [
      ['In a private chat with this bot on the other app, type: ', { code: `/link ${code}` }],
      ['It can be used once, until ', { time: toSeconds(expiresAtMs) }, '.'],
      'Whoever types it can manage the alerts of this chat: show it to nobody.',
    ],
    asOf: toSeconds(nowMs),
    sources: SOURCES,
  };
}

async function redeem({ store, clock }: BotContext, accountId: string, typed: string): Promise<View> {
  const nowMs = clock.now();
  const againAtMs = triesAgainAtMs(store, accountId, nowMs);
  if (againAtMs !== null) {
    return errorView('Too many wrong codes', [['Try again after ', { time: toSeconds(againAtMs) }, '.']]);
  }
  const outcome = await store.accounts.redeem(hashOf(readCode(typed) ?? ''), accountId, nowMs);
  if (outcome === 'linked') {
    const [, ...others] = await store.accounts.linked(accountId);
    const view = linkedView('Linked', others, nowMs);
    // Somebody may have been talked into typing a stranger's code.
    return { ...view, lines: [...view.lines, 'If that is not you, unlink it now.'] };
  }
  if (outcome === 'same') {
    return errorView('That is your own code', ['Type it in a private chat with this bot on the other app.']);
  }
  noteWrong(store, accountId, nowMs);
  return errorView(
    'That code does not work',
    ['It is wrong, used already, or older than 10 minutes. /link on the other app gives a new one.'],
    [{ label: 'A code from here', command: 'link' }],
  );
}

async function unlink({ store, clock }: BotContext, accountId: string): Promise<View> {
  const wasLinked = await store.accounts.unlink(accountId);
  return {
    title: wasLinked ? 'Unlinked' : 'Not linked',
    tone: wasLinked ? 'ok' : 'info',
    lines: [
      wasLinked
        ? 'This account stands alone again. Every alert goes on; each is managed from its own app.'
        : 'This account is linked to no other.',
    ],
    actions: [{ label: 'Link', command: 'link' }],
    asOf: toSeconds(clock.now()),
    sources: SOURCES,
  };
}

const linkedView = (title: string, others: readonly string[], nowMs: number): View => ({
  title,
  tone: 'ok',
  lines: [
    `With this account: ${others.map(accountWords).join(', ')}.`,
    'What your private chats hear on either app can be managed from both: see /alerts list.',
  ],
  actions: [
    { label: 'List', command: 'alerts list', mode: 'reply' },
    { label: 'Unlink', command: `link ${UNLINK}`, style: 'danger' },
  ],
  asOf: toSeconds(nowMs),
  sources: SOURCES,
});
