import { Api } from 'grammy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryOutcome, OutgoingMessage } from '../../../src/lib/delivery.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import type { View } from '../../../src/lib/view.ts';
import { createSender, type TelegramSender } from '../../../src/platforms/telegram/sender.ts';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import { startTelegramRig, type TelegramRig } from '../../rigs/telegram/rig.ts';
import type { RigChat } from '../../rigs/telegram/world.ts';
import { PNG, view } from './harness.ts';
import { ManualClock } from './manualClock.ts';

let rig: TelegramRig;
let clock: ManualClock;
let sender: TelegramSender;
let group: RigChat;
let log: string[];
let drawn: () => Promise<Uint8Array>;

beforeEach(async () => {
  clock = new ManualClock();
  rig = await startTelegramRig({ now: () => clock.now() });
  group = rig.chats.supergroup('Operators', ['Nodes']);
  log = [];
  drawn = async () => new Uint8Array(PNG);
  sender = senderFor(rig.apiRoot);
});

afterEach(() => rig.close());

function senderFor(apiRoot: string): TelegramSender {
  const api = new Api(rig.token, { apiRoot, timeoutSeconds: 60 });
  const logger = createLogger('debug', [], (line) => log.push(line));
  return createSender({ api, renderChart: () => drawn(), clock, logger });
}

const message = (more: Partial<OutgoingMessage> = {}, content: Partial<View> = {}): OutgoingMessage => ({
  address: { platform: 'telegram', chatId: String(group.id), threadId: null },
  view: view(content),
  idempotencyKey: 'k',
  ...more,
});
const chart: View['chart'] = { title: 'Uptime', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'up' };
const sentId = (outcome: DeliveryOutcome): string => {
  if (outcome.kind !== 'sent') throw new Error(`not sent: ${JSON.stringify(outcome)}`);
  return outcome.messageId;
};

test('a View arrives with its id, in its topic, below what it answers', async () => {
  const topic = [...group.topics.keys()][0] as number;
  const first = sentId(await sender.send(message()));
  const address = { platform: 'telegram' as const, chatId: String(group.id), threadId: String(topic) };
  const second = sentId(await sender.send(message({ address, replyToMessageId: first })));
  expect(rig.fromBot(group.id)).toMatchObject([
    { id: Number(first), thread: null, replyTo: null, linkPreview: false },
    { id: Number(second), thread: topic, replyTo: Number(first) },
  ]);
});

test.each(['999', 'nonsense'])('answering a message that is not there (%s) is no error', async (replyToMessageId) => {
  sentId(await sender.send(message({ replyToMessageId })));
  expect(rig.fromBot(group.id)[0]?.replyTo).toBeNull();
});

test('edits: changed, unchanged and vanished messages all count as sent', async () => {
  const editMessageId = sentId(await sender.send(message()));
  expect(await sender.send(message({ editMessageId }, { lines: ['new'] }))).toEqual({
    kind: 'sent',
    messageId: editMessageId,
  });
  expect(rig.fromBot(group.id)[0]?.text).toContain('new');
  expect(await sender.send(message({ editMessageId }, { lines: ['new'] }))).toEqual({
    kind: 'sent',
    messageId: editMessageId,
  });
  expect(await sender.send(message({ editMessageId: '999' }))).toEqual({ kind: 'sent', messageId: '999' });
});

test('a short chart is one picture with everything below it', async () => {
  sentId(await sender.send(message({}, { chart, actions: [{ label: '7 d', command: 'node history x 7d' }] })));
  const [only, ...more] = rig.fromBot(group.id);
  expect(more).toEqual([]);
  expect(only?.photo?.equals(PNG)).toBe(true);
  expect(only?.text).toContain('All is well.');
  expect(only?.keyboard[0]?.[0]?.callback_data).toBe('e:node history x 7d');
});

test('a chart whose text is longer than a caption follows the text, which carries the buttons and the id', async () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index} ${'x'.repeat(40)}`);
  const id = sentId(await sender.send(message({}, { chart, lines, actions: [{ label: 'More', command: 'about' }] })));
  const [text, picture] = rig.fromBot(group.id);
  expect(text).toMatchObject({ id: Number(id), photo: null });
  expect(text?.text).toContain('line 39');
  expect(text?.keyboard).toHaveLength(1);
  expect(picture).toMatchObject({ replyTo: Number(id), text: '✅ Nodes' });
  expect(picture?.photo?.equals(PNG)).toBe(true);
});

test('where pictures are not allowed, or cannot be drawn, the words still arrive', async () => {
  group.permissions = { can_send_messages: true, can_send_photos: false };
  sentId(await sender.send(message({}, { chart })));
  drawn = () => Promise.reject(new Error('no fonts'));
  sentId(await sender.send(message({}, { chart })));
  drawn = async () => new TextEncoder().encode('not a picture');
  group.permissions = {};
  sentId(await sender.send(message({}, { chart })));
  expect(rig.fromBot(group.id).map(({ photo, text }) => [photo, text.includes('All is well.')])).toEqual([
    [null, true],
    [null, true],
    [null, true],
  ]);
});

test('429 becomes the wait that Telegram asked for, in milliseconds', async () => {
  rig.inject('sendMessage', REFUSALS.flood(17));
  expect(await sender.send(message())).toMatchObject({ kind: 'retryAfter', ms: 17_000, global: false });
});

test.each([
  ['bot was blocked by the user', /user has blocked/],
  ['bot was kicked from the group chat', /removed from the group/],
  ['bot was kicked from the supergroup chat', /removed from the group/],
  ['bot was kicked from the channel chat', /removed from the channel/],
  ["bot can't initiate conversation with a user", /has not started a chat/],
  ['user is deactivated', /no longer exists/],
  ['bot is not a member of the channel chat', /not a member/],
  ['bot is not a member of the supergroup chat', /not a member/],
  ['the group chat was deleted', /group was deleted/],
  ['something that Telegram invents next year', /refuses the bot/],
])('403 "%s" means gone, in words for people', async (text, reason) => {
  rig.inject('sendMessage', REFUSALS.forbidden(text));
  const outcome = await sender.send(message());
  expect(outcome).toMatchObject({ kind: 'gone', reason: expect.stringMatching(reason) });
  expect(JSON.stringify(outcome)).not.toMatch(/403|Forbidden/);
});

test('the chat itself says so too: unknown, left, silenced, closed, deleted, without rights', async () => {
  const topic = [...group.topics.keys()][0] as number;
  const inTopic = (threadId: string) =>
    message({ address: { platform: 'telegram', chatId: String(group.id), threadId } });
  const elsewhere = (chatId: string) => message({ address: { platform: 'telegram', chatId, threadId: null } });
  expect(await sender.send(elsewhere('-100'))).toMatchObject({
    kind: 'gone',
    reason: 'Telegram does not know this chat',
  });
  expect(await sender.send(inTopic('999'))).toMatchObject({ kind: 'gone', reason: 'the topic was deleted' });
  rig.closeTopic(group, topic, true);
  expect(await sender.send(inTopic(String(topic)))).toMatchObject({ kind: 'gone', reason: 'the topic is closed' });
  group.permissions = { can_send_messages: false };
  expect(await sender.send(message())).toMatchObject({ kind: 'gone', reason: 'the bot may not write here' });
  rig.member(group, rig.bot, 'left');
  expect(await sender.send(message())).toMatchObject({ kind: 'gone', reason: 'the bot is not a member of the chat' });
  const channel = rig.chats.channel('News');
  rig.member(channel, rig.bot, 'administrator', { can_post_messages: false });
  expect(await sender.send(elsewhere(String(channel.id)))).toMatchObject({ kind: 'gone' });
  const stranger = rig.chats.private(rig.user('Ann'));
  expect(await sender.send(elsewhere(String(stranger.id)))).toMatchObject({ kind: 'gone' });
});

test('a group that moved is reported with its new id', async () => {
  const old = rig.chats.group('G');
  const next = rig.migrate(old);
  const address = { platform: 'telegram' as const, chatId: String(old.id), threadId: null };
  expect(await sender.send(message({ address }))).toEqual({ kind: 'migrated', newChatId: String(next.id) });
});

test('markup that Telegram cannot read goes out once more as plain text, still with nothing to tap', async () => {
  rig.inject('sendMessage', REFUSALS.badRequest('can\'t parse entities: Unsupported start tag "x" at byte offset 0'));
  const lines: View['lines'] = [['by ', { code: '@owner' }, ' at evil.example <b>']];
  sentId(await sender.send(message({}, { lines })));
  const [only] = rig.fromBot(group.id);
  expect(only).toMatchObject({ entities: [], clickable: [] });
  expect(only?.text).toContain('by @owner at evil.example <b>');
  rig.inject('sendMessage', REFUSALS.badRequest("can't parse entities: no"), 2);
  expect(await sender.send(message())).toMatchObject({ kind: 'rejected' });
  expect(rig.calls.filter(({ method }) => method === 'sendMessage')).toHaveLength(4);
});

test('what Telegram refuses for its content is rejected, what its servers fail at is failed', async () => {
  rig.inject('sendMessage', REFUSALS.badRequest('BUTTON_DATA_INVALID'));
  expect(await sender.send(message())).toMatchObject({ kind: 'rejected' });
  rig.inject('sendMessage', REFUSALS.server(500));
  expect(await sender.send(message())).toMatchObject({ kind: 'failed' });
  rig.inject('sendMessage', REFUSALS.server(502));
  expect(await sender.send(message())).toMatchObject({ kind: 'failed' });
  expect(rig.fromBot(group.id)).toEqual([]);
});

test('no answer within ten seconds: maybe, and the message may well be there', async () => {
  rig.inject('sendMessage', { kind: 'accept-and-hang' });
  const sending = sender.send(message());
  await rig.until(() => rig.fromBot(group.id).length === 1);
  clock.advance(9_999);
  expect(await Promise.race([sending, new Promise((resolve) => setImmediate(() => resolve('waiting')))])).toBe(
    'waiting',
  );
  clock.advance(1);
  expect(await sending).toMatchObject({ kind: 'maybe' });
  expect(clock.sleeping).toEqual([]);
});

test('a picture that hangs on its way ends as maybe as well', async () => {
  rig.inject('sendPhoto', { kind: 'accept-and-hang' });
  const sending = sender.send(message({}, { chart }));
  await rig.until(() => rig.fromBot(group.id).length === 1);
  clock.advance(10_000);
  expect(await sending).toMatchObject({ kind: 'maybe' });
});

test('a connection that breaks before the answer leaves it open: maybe', async () => {
  rig.inject('sendMessage', { kind: 'reset' });
  expect(await sender.send(message())).toMatchObject({ kind: 'maybe' });
});

test('an answer cut in the middle is maybe too, at the latest after ten seconds', async () => {
  rig.inject('sendMessage', { kind: 'accept-and-cut' });
  const sending = sender.send(message());
  await rig.until(() => rig.calls.at(-1)?.code === 200);
  clock.advance(10_000);
  expect(await sending).toMatchObject({ kind: 'maybe' });
});

test('stopping: an answer under way is maybe, a message not yet begun is failed', async () => {
  rig.inject('sendMessage', { kind: 'accept-and-hang' });
  const stop = new AbortController();
  const sending = sender.send(message(), stop.signal);
  await rig.until(() => rig.fromBot(group.id).length === 1);
  stop.abort();
  expect(await sending).toMatchObject({ kind: 'maybe' });
  expect(await sender.send(message(), stop.signal)).toMatchObject({ kind: 'failed' });
  expect(rig.fromBot(group.id)).toHaveLength(1);
});

test('refused before anything was sent: failed, and the token is in no text', async () => {
  const closed = await startTelegramRig();
  await closed.close();
  const outcome = await senderFor(closed.apiRoot).send(message());
  expect(outcome).toMatchObject({ kind: 'failed' });
  rig.inject('sendMessage', { kind: 'reset' });
  const other = await sender.send(message());
  rig.inject('sendMessage', REFUSALS.unauthorized());
  const third = await sender.send(message());
  expect(third.kind).toBe('failed');
  expect(JSON.stringify([outcome, other, third, log])).not.toMatch(/AAE|127\.0\.0\.1/);
});

test('flood limits of the rig reach the sender as they would from Telegram', async () => {
  rig.flood.enabled = true;
  sentId(await sender.send(message()));
  expect(await sender.send(message())).toMatchObject({ kind: 'retryAfter', ms: 1_000 });
  clock.advance(1_000);
  sentId(await sender.send(message()));
});

test('dates read as the chat reads them, in lines, bullets and the last line; an unknown zone is UTC', async () => {
  const at = Date.UTC(2026, 10, 21, 4) / 1000;
  const table = { columns: ['node with a long name', 'since when it is so'], rows: [['gw1', { time: at }]] };
  const shownIn = async (timeZone: string): Promise<string> => {
    const dates = { locale: 'de', timeZone };
    const content = { lines: [['Since ', { time: at }]], table, asOf: at } satisfies Partial<View>;
    sentId(await sender.send(message({ dates }, content)));
    return rig.fromBot(group.id).at(-1)?.text ?? '';
  };
  const berlin = await shownIn('Europe/Berlin');
  expect(berlin.match(/21\. Nov\. 2026, 05:00:00 MEZ \(8 h ago\)/g)).toHaveLength(3);
  expect(await shownIn('Mars/Olympus')).toContain('Since 2026-11-21 04:00:00 UTC (8 h ago)');
});
