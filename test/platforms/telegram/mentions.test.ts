import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../../src/lib/delivery.ts';
import type { View } from '../../../src/lib/view.ts';
import { mentionProblem } from '../../../src/platforms/telegram/mention.ts';
import { hostile } from '../../bot/hostile.ts';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import type { SeenMessage } from '../../rigs/telegram/seen.ts';
import { connect, type Harness, view } from './harness.ts';

let bot: Harness;

beforeAll(async () => {
  bot = await connect();
});
afterAll(() => bot.stop());

/** Sends to a group of its own; what arrived there. */
async function sent(
  mention: string | undefined,
  content: Partial<View> = {},
  more: Partial<OutgoingMessage> = {},
): Promise<SeenMessage> {
  const group = bot.rig.chats.supergroup('Operators');
  const address = { platform: 'telegram', chatId: String(group.id), threadId: null } as const;
  const message = { address, view: view(content), idempotencyKey: 'k', ...(mention !== undefined && { mention }) };
  const outcome = await bot.bot.sender.send({ ...message, ...more });
  expect(outcome).toMatchObject({ kind: 'sent' });
  return bot.rig.fromBot(group.id)[0] as SeenMessage;
}

const called = ({ entities, clickable }: SeenMessage) => [
  ...entities.flatMap(({ type, user }) => (type === 'text_mention' ? [user] : [])),
  ...clickable.map(({ text }) => text),
];

test('a person is called by number, under a neutral word, in the last line', async () => {
  const message = await sent('user:5000001', { asOf: 1_795_000_000, sources: ['registry'] });
  expect(message.text.split('\n').at(-1)).toBe('🔔 on call');
  expect(called(message)).toEqual([5_000_001]);
});

test('a person is called by user name', async () => {
  const message = await sent('name:oncall_team');
  expect(message.text.split('\n').at(-1)).toBe('🔔 @oncall_team');
  expect(called(message)).toEqual(['@oncall_team']);
});

test('below a picture as well', async () => {
  const chart: View['chart'] = { title: 'Up', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'up' };
  const message = await sent('name:oncall_team', { chart });
  expect(message.photo).not.toBeNull();
  expect(called(message)).toEqual(['@oncall_team']);
});

test('a text that fills the message leaves room for the call', async () => {
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index} ${'x'.repeat(60)}`);
  const message = await sent('name:oncall_team', { lines });
  expect(message.text).toMatch(/\+\d+ more\n🔔 @oncall_team$/);
  expect(message.raw.length).toBeLessThanOrEqual(4096);
});

test('an edit calls nobody', async () => {
  const group = bot.rig.chats.supergroup('Operators');
  const address = { platform: 'telegram', chatId: String(group.id), threadId: null } as const;
  const message = { address, view: view(), idempotencyKey: 'k', mention: 'name:oncall_team' };
  const first = await bot.bot.sender.send(message);
  if (first.kind !== 'sent') throw new Error('not sent');
  await bot.bot.sender.send({ ...message, view: view({ lines: ['over'] }), editMessageId: first.messageId });
  const [edited] = bot.rig.fromBot(group.id);
  expect(edited?.text).toContain('over');
  expect(edited?.text).not.toContain('oncall');
});

test.each(['', 'name:', 'name:abcd', 'name:a-b-c-d', 'name:x y', 'user:', 'user:1e3', 'role:500', 'user:1"><b>'])(
  'a mention that names nobody (%j) calls nobody, and the alert arrives',
  async (mention) => {
    const message = await sent(mention);
    expect(called(message)).toEqual([]);
    expect(message.text).not.toContain('🔔');
    expect(mentionProblem(mention)).toMatch(/@username/);
  },
);

test('what reads like a call is no problem beforehand', () => {
  expect(mentionProblem('user:5000001')).toBeNull();
  expect(mentionProblem('name:oncall_team')).toBeNull();
});

test('without markup the user name still calls', async () => {
  bot.rig.inject('sendMessage', REFUSALS.badRequest("can't parse entities: no"));
  expect(called(await sent('name:oncall_team'))).toEqual(['@oncall_team']);
});

test('law: whatever an alert says, nobody but the one it names can be called', { timeout: 60_000 }, async () => {
  const calls = fc.constantFrom(
    '@oncall_team',
    '@everyone',
    'tg://user?id=1',
    '<a href="tg://user?id=1">x</a>',
    '🔔 @x',
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(calls, hostile), hostile, async (title, text) => {
      const lines: View['lines'] = [text, { strong: title }, { link: title, url: 'tg://user?id=1' }];
      expect(called(await sent('user:5000001', { title, lines, sources: [title] }))).toEqual([5_000_001]);
    }),
    { numRuns: 60 },
  );
});
