import { Api } from 'grammy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryOutcome, Sender } from '../../../src/lib/delivery.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import { createSender } from '../../../src/platforms/telegram/sender.ts';
import { type Fault, REFUSALS } from '../../rigs/telegram/faults.ts';
import { startTelegramRig, type TelegramRig } from '../../rigs/telegram/rig.ts';
import type { RigChat } from '../../rigs/telegram/world.ts';
import { type Delivered, deliverOnce } from '../deliverOnce.ts';
import { PNG } from './harness.ts';
import { ManualClock } from './manualClock.ts';

let rig: TelegramRig;
let clock: ManualClock;
let sender: Sender;
let group: RigChat;

beforeEach(async () => {
  clock = new ManualClock();
  rig = await startTelegramRig({ now: () => clock.now() });
  group = rig.chats.supergroup('Operators');
  const api = new Api(rig.token, { apiRoot: rig.apiRoot, timeoutSeconds: 60 });
  const renderChart = async () => new Uint8Array(PNG);
  sender = createSender({ api, renderChart, clock, logger: createLogger('silent') });
});
afterEach(() => rig.close());

const addressOf = ({ id }: RigChat) => ({ platform: 'telegram', chatId: String(id), threadId: null }) as const;

const delivered = async (fault: Fault, times = 1, meanwhile?: () => Promise<void>): Promise<Delivered> => {
  rig.inject('sendMessage', fault, times);
  return await deliverOnce(sender, { address: addressOf(group), kind: 'group', clock }, meanwhile);
};

/** Every 403 text that the Bot API is known to give (tucnak/telebot#659 and the server's source). */
const FORBIDDEN = [
  'bot was blocked by the user',
  'user is deactivated',
  "bot can't initiate conversation with a user",
  "bot can't send messages to bots",
  'bot was kicked from the group chat',
  'bot was kicked from the supergroup chat',
  'bot was kicked from the channel chat',
  'bot is not a member of the group chat',
  'bot is not a member of the supergroup chat',
  'bot is not a member of the channel chat',
  'the group chat was deleted',
  'something that Telegram invents next year',
];

test.each(FORBIDDEN)('403 "%s": gone; the row and the chat are dead, with the reason in words', async (text) => {
  const result = await delivered(REFUSALS.forbidden(text));
  expect(result.outcomes).toMatchObject([{ kind: 'gone' }]);
  expect(result).toMatchObject({ row: 'dead', destination: 'dead', againInMs: null });
  expect(result.deadReason).toMatch(/^the |^Telegram refuses/);
});

test.each([
  'chat not found',
  'PEER_ID_INVALID',
  'not enough rights to send text messages to the chat',
  'need administrator rights in the channel chat',
  'CHAT_WRITE_FORBIDDEN',
  'CHAT_SEND_PLAIN_FORBIDDEN',
  'CHAT_RESTRICTED',
  'CHANNEL_PRIVATE',
  'group chat was deleted',
  'TOPIC_CLOSED',
  'TOPIC_DELETED',
  'message thread not found',
])('400 "%s": gone, the row and the chat are dead', async (text) => {
  const result = await delivered(REFUSALS.badRequest(text));
  expect(result.outcomes).toMatchObject([{ kind: 'gone' }]);
  expect(result).toMatchObject({ row: 'dead', destination: 'dead' });
});

test.each<[string, Fault, number, Partial<DeliveryOutcome>, Partial<Delivered>]>([
  ['429, short', REFUSALS.flood(1), 1, { kind: 'retryAfter' }, { row: 'pending', againInMs: 1_000 }],
  ['429, long', REFUSALS.flood(3_600), 1, { kind: 'retryAfter' }, { row: 'pending', againInMs: 3_600_000 }],
  ['markup refused once', REFUSALS.badRequest("can't parse entities: x"), 1, { kind: 'sent' }, { row: 'sent' }],
  [
    'markup refused twice',
    REFUSALS.badRequest("can't parse entities: x"),
    2,
    { kind: 'rejected' },
    { row: 'rejected' },
  ],
  ['another 400', REFUSALS.badRequest('BUTTON_DATA_INVALID'), 1, { kind: 'rejected' }, { row: 'rejected' }],
  ['401', REFUSALS.unauthorized(), 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['409', REFUSALS.conflict(), 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['500', REFUSALS.server(500), 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['502', REFUSALS.server(502), 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['reset', { kind: 'reset' }, 1, { kind: 'maybe' }, { row: 'pending', againInMs: 10_000 }],
])('%s: the outcome, and the row that is left in a chat that lives', async (_, fault, times, outcome, row) => {
  const result = await delivered(fault, times);
  expect(result.outcomes).toMatchObject([outcome]);
  expect(result).toMatchObject({ ...row, destination: 'active' });
});

test.each<[string, Fault]>([
  ['no answer after it was accepted', { kind: 'accept-and-hang' }],
  ['the answer cut in its middle', { kind: 'accept-and-cut' }],
])('%s: maybe; the row waits, and the message is there once so far', async (_, fault) => {
  const result = await delivered(fault, 1, async () => {
    await rig.until(() => rig.fromBot(group.id)[0]);
    clock.advance(10_000);
  });
  expect(result.outcomes).toMatchObject([{ kind: 'maybe' }]);
  expect(result).toMatchObject({ row: 'pending', destination: 'active', againInMs: 10_000 });
  expect(rig.fromBot(group.id)).toHaveLength(1);
});

test('400 with migrate_to_chat_id: migrated; the row is sent in the new chat, which all that was subscribed has moved to', async () => {
  const next = rig.chats.supergroup('Operators');
  const result = await delivered(REFUSALS.migrated(next.id));
  expect(result.outcomes).toMatchObject([{ kind: 'migrated', newChatId: String(next.id) }, { kind: 'sent' }]);
  expect(result).toMatchObject({ row: 'sent', destination: 'elsewhere' });
  expect(rig.fromBot(next.id)).toHaveLength(1);
});
