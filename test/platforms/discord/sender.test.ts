import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REST } from 'discord.js';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryOutcome, OutgoingMessage, Sender } from '../../../src/lib/delivery.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import type { View } from '../../../src/lib/view.ts';
import { createDiscordSender } from '../../../src/platforms/discord/sender.ts';
import { type Fault, REFUSALS, rateLimited } from '../../rigs/discord/proxy.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, fixedDispatcher, PNG, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bot: Bot;
let sender: Sender;
let keys = 0;

beforeAll(async () => {
  rig = await startDiscordRig();
});
// A bot for each test: a limit that discord.js has met once it remembers.
beforeEach(async () => {
  bot = await startBot(
    rig,
    fixedDispatcher(() => view()),
  );
  sender = bot.sender;
});
afterEach(async () => {
  await bot.stop();
  expect(rig.proxy.violations.splice(0)).toEqual([]);
});
afterAll(() => rig.close());

const POSTS = /^\/channels\/\d+\/messages$/;
const EDITS = /^\/channels\/\d+\/messages\/\d+$/;
const message = (more: Partial<OutgoingMessage> = {}, content: Partial<View> = {}): OutgoingMessage => {
  keys += 1;
  return {
    address: { platform: 'discord', chatId: rig.channelId, threadId: null },
    view: view(content),
    idempotencyKey: `key-${keys}`,
    ...more,
  };
};
const messages = () => rig.twin.channel(rig.channelId).getMessages();
const lastBody = () => rig.proxy.recorded.at(-1)?.body;
const sentId = (outcome: DeliveryOutcome): string => {
  if (outcome.kind !== 'sent') throw new Error(`not sent: ${JSON.stringify(outcome)}`);
  return outcome.messageId;
};
async function withFault(fault: Fault, more: Partial<OutgoingMessage> = {}): Promise<DeliveryOutcome> {
  rig.proxy.inject(more.editMessageId ? 'PATCH' : 'POST', more.editMessageId ? EDITS : POSTS, fault);
  return await sender.send(message(more));
}

test('a View arrives as an embed, with an enforced nonce and no mentions, and its id comes back', async () => {
  const id = sentId(await sender.send(message({ idempotencyKey: 'assay-42' })));
  expect((await messages()).at(-1)).toMatchObject({ id, embeds: [{ title: '🟢 Nodes' }] });
  expect(lastBody()).toMatchObject({ nonce: 'assay-42', enforce_nonce: true, allowed_mentions: { parse: [] } });
});

test('a long key keeps its end, where keys differ, within the 25 characters of a nonce', async () => {
  await sender.send(message({ idempotencyKey: `${'x'.repeat(60)}-end` }));
  const { nonce } = lastBody() as { nonce: string };
  expect(nonce).toHaveLength(25);
  expect(nonce).toMatch(/-end$/);
});

test('an answer refers to its message and does not fail when that one is gone', async () => {
  const first = sentId(await sender.send(message()));
  sentId(await sender.send(message({ replyToMessageId: first })));
  expect(lastBody()).toMatchObject({ message_reference: { message_id: first, fail_if_not_exists: false } });
});

test('an edit replaces the message; one that somebody deleted needs nothing more', async () => {
  const editMessageId = sentId(await sender.send(message()));
  expect(await sender.send(message({ editMessageId }, { title: 'New' }))).toEqual({
    kind: 'sent',
    messageId: editMessageId,
  });
  expect((await messages()).find(({ id }) => id === editMessageId)?.embeds[0]?.title).toBe('🟢 New');
  await rig.twin.prisma.message.delete({ where: { id: editMessageId } });
  expect(await sender.send(message({ editMessageId }))).toEqual({ kind: 'sent', messageId: editMessageId });
});

const CHART: View['chart'] = { title: 'Up', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'always up' };

test('a chart goes along as a described picture that the embed shows', async () => {
  sentId(await sender.send(message({}, { chart: CHART })));
  expect(
    rig
      .sent()
      .at(-1)
      ?.files.map(({ content }) => content.equals(PNG)),
  ).toEqual([true]);
  expect(lastBody()).toMatchObject({
    embeds: [{ image: { url: 'attachment://chart.png' } }],
    attachments: [{ id: '0', filename: 'chart.png', description: 'always up' }],
  });
});

test('a chart that cannot be drawn does not keep the words', async () => {
  await bot.stop();
  bot = await startBot(
    rig,
    fixedDispatcher(() => view()),
    { renderChart: () => Promise.reject(new Error('no fonts')) },
  );
  sentId(await bot.sender.send(message({}, { chart: CHART })));
  expect(rig.sent().at(-1)).toMatchObject({ files: [], description: 'All is well.' });
  expect(JSON.stringify(lastBody())).not.toContain('attachment://');
});

test.each<[string, number, boolean]>([
  ['a short wait', 0.4, false],
  ['a long wait', 87, false],
  ['a wait for the whole token', 12, true],
])('429, %s: it comes back as an outcome at once', async (_, seconds, global) => {
  const startedAt = performance.now();
  const outcome = await withFault(rateLimited(seconds, global));
  expect(outcome).toMatchObject({ kind: 'retryAfter', global });
  const { ms } = outcome as { ms: number };
  expect(ms).toBeGreaterThanOrEqual(seconds * 1_000 - 50);
  expect(ms).toBeLessThan(seconds * 1_000 + 1_000);
  expect(performance.now() - startedAt, 'nobody slept for a long one').toBeLessThan(5_000);
});

test('429 on an edit comes back as an outcome too, and does not outlast the send', async () => {
  const editMessageId = sentId(await sender.send(message()));
  expect(await withFault(rateLimited(60), { editMessageId })).toMatchObject({ kind: 'retryAfter', global: false });
});

test('429 that names no time waits a few seconds, not none', async () => {
  const outcome = await withFault({ status: 429, body: { message: 'slow down' } });
  expect(outcome).toMatchObject({ kind: 'retryAfter', ms: 5_000 });
});

test.each<[string, Fault, RegExp]>([
  ['50001', REFUSALS.missingAccess, /View Channel/],
  ['50007', REFUSALS.cannotDm, /direct messages/],
  ['50013', REFUSALS.missingPermissions, /Send Messages and Embed Links/],
  ['10003', REFUSALS.unknownChannel, /does not exist/],
  ['10004', { status: 404, body: { code: 10004, message: 'Unknown Guild' } }, /not a member/],
  ['50278', { status: 403, body: { code: 50278, message: 'No mutual guilds' } }, /shares no server/],
  ['50083', { status: 400, body: { code: 50083, message: 'Thread is archived' } }, /archived/],
  ['160005', { status: 400, body: { code: 160005, message: 'Thread is locked' } }, /locked/],
  ['another 403', { status: 403, body: { code: 40333, message: 'internal network error' } }, /Discord says/],
])('%s: gone, with a reason that tells people what to do', async (_, fault, reason) => {
  const outcome = await withFault(fault);
  expect(outcome).toEqual({ kind: 'gone', reason: expect.stringMatching(reason) });
});

test('an edit that comes after the thread was archived is given up, and the thread is not dead for it', async () => {
  const editMessageId = sentId(await sender.send(message()));
  const archived: Fault = { status: 400, body: { code: 50083, message: 'Thread is archived' } };
  rig.proxy.inject('PATCH', EDITS, archived);
  expect(await withFault(archived, { editMessageId })).toMatchObject({ kind: 'rejected' });
});

test('a channel that the twin does not know is gone without any injected fault', async () => {
  const address = { platform: 'discord', chatId: '999', threadId: null } as const;
  expect(await sender.send(message({ address }))).toMatchObject({ kind: 'gone' });
});

test.each([403, 404])('%i from something before Discord (a page, no code) kills no destination', async (status) => {
  const outcome = await withFault({ status, headers: { 'content-type': 'text/html' } });
  expect(outcome).toMatchObject({ kind: 'failed' });
});

test.each([500, 502, 503])('%i may pass: failed', async (status) => {
  expect(await withFault({ status, body: { message: 'oops' } })).toMatchObject({ kind: 'failed' });
});

test('one 401 is a failure that names the token by its key, and the next send has the token again', async () => {
  const outcome = await withFault({ status: 401, body: { code: 0, message: '401: Unauthorized' } });
  expect(outcome).toMatchObject({ kind: 'failed', detail: expect.stringContaining('DISCORD_TOKEN') });
  expect(JSON.stringify([outcome, bot.log])).not.toContain(rig.token);
  sentId(await sender.send(message()));
});

test('a refused body goes once more as plain text with the same nonce; refused again it is rejected', async () => {
  const lines: View['lines'] = [['by ', { code: '`x`' }, ' @everyone <@1>']];
  rig.proxy.inject('POST', POSTS, REFUSALS.invalidBody);
  const sent = message({}, { lines });
  sentId(await sender.send(sent));
  expect(lastBody()).toMatchObject({ embeds: [], nonce: sent.idempotencyKey, allowed_mentions: { parse: [] } });
  expect((lastBody() as { content: string }).content).toMatch(/^Nodes\nby `ˋxˋ` @\u2060everyone/);
  expect(bot.log.join()).toContain('plain text');
  rig.proxy.inject('POST', POSTS, REFUSALS.invalidBody, 2);
  expect(await sender.send(message())).toMatchObject({ kind: 'rejected', detail: expect.stringContaining('50035') });
});

test.each<Fault>(['lost-answer', 'cut-after'])(
  '%s: maybe; sent again with the same key it is there once',
  async (fault) => {
    const before = (await messages()).length;
    const dropped = rig.proxy.duplicatesDropped();
    rig.proxy.inject('POST', POSTS, fault);
    const same = message();
    const giveUp = new AbortController();
    const sending = sender.send(same, giveUp.signal);
    await rig.proxy.until(({ body }) => (body as { nonce?: string } | null)?.nonce === same.idempotencyKey);
    if (fault === 'lost-answer') giveUp.abort();
    expect(await sending).toMatchObject({ kind: 'maybe' });
    const id = sentId(await sender.send(same));
    const after = await messages();
    expect(after).toHaveLength(before + 1);
    expect(after.at(-1)?.id).toBe(id);
    expect(rig.proxy.duplicatesDropped()).toBe(dropped + 1);
  },
);

test('a connection cut before anything was done: maybe, since nobody can tell; sent again it is there once', async () => {
  const before = (await messages()).length;
  const same = message();
  rig.proxy.inject('POST', POSTS, 'cut-before');
  expect(await sender.send(same)).toMatchObject({ kind: 'maybe' });
  sentId(await sender.send(same));
  expect(await messages()).toHaveLength(before + 1);
});

test('nobody listens: failed, nothing can have been accepted', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const outcome = await senderAt(`http://127.0.0.1:${port}/api`).send(message());
  expect(outcome).toEqual({ kind: 'failed', detail: 'ECONNREFUSED' });
});

test.each<[string, boolean]>([
  ['cut in the middle of its body', true],
  ['whose body never ends', false],
])('an answer %s: maybe', async (_, cut) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"id": "1');
    if (cut) setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  expect(await senderAt(url).send(message(), AbortSignal.timeout(400))).toMatchObject({ kind: 'maybe' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a send that is given up before it began says so and sends nothing', async () => {
  const before = (await messages()).length;
  const outcome = await sender.send(message(), AbortSignal.abort());
  expect(['maybe', 'failed']).toContain(outcome.kind);
  expect(await messages()).toHaveLength(before);
});

function senderAt(api: string): Sender {
  const rest = new REST({ api, version: '10', retries: 0 }).setToken(rig.token);
  const renderChart = async () => new Uint8Array(PNG);
  return createDiscordSender({ rest, token: rig.token, renderChart, logger: createLogger('silent') });
}
