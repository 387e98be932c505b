import { afterEach, expect, test } from 'vitest';
import type { View } from '../../../src/lib/view.ts';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import type { RigChat, RigUser } from '../../rigs/telegram/world.ts';
import { COMMANDS, command, connect, type Harness, PNG, view } from './harness.ts';

let bot: Harness;
let ann: RigUser;
let chat: RigChat;

afterEach(() => bot.stop());

const importing = {
  ...command(['alerts', 'import'], 'manage-alerts'),
  options: [
    { name: 'file', summary: 'The set', type: 'file' as const, required: true },
    { name: 'mode', summary: 'How', type: 'text' as const, required: false, choices: ['add', 'replace'] },
  ],
};

async function started(): Promise<void> {
  bot = await connect({ commands: [...COMMANDS, importing] });
  ann = bot.rig.user('Ann');
  chat = bot.rig.chats.supergroup('Operators');
}

const set = (bytes: Buffer | string = '{"alerts":[]}') => ({ name: 'set.json', bytes: Buffer.from(bytes) });
const file: View['file'] = { name: 'alerts of “Operators”.json', text: '{"alerts":["ä"]}' };
const sent = async (content: Partial<View>) => {
  const address = { platform: 'telegram', chatId: String(chat.id), threadId: null } as const;
  expect(await bot.bot.sender.send({ address, view: view(content), idempotencyKey: 'k' })).toMatchObject({
    kind: 'sent',
  });
  return bot.rig.fromBot(chat.id);
};

test('a file to take along is a document with the words and buttons below it', async () => {
  await started();
  const [only, ...more] = await sent({ file, actions: [{ label: 'List', command: 'alerts list' }] });
  expect(more).toEqual([]);
  expect(only?.text).toContain('All is well.');
  expect(only?.keyboard).toHaveLength(1);
  expect(only?.document?.name).toBe('alerts_of_Operators_.json');
  expect(only?.document?.bytes.toString()).toBe(file.text);
});

test('where the words are longer than a caption, or a picture goes first, the document follows', async () => {
  await started();
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index} ${'x'.repeat(40)}`);
  expect(await sent({ file, lines })).toMatchObject([
    { document: null, text: expect.stringContaining('line 39') },
    { document: { bytes: Buffer.from(file.text) }, replyTo: 1 },
  ]);
  chat = bot.rig.chats.supergroup('Others');
  const chart: View['chart'] = { title: 'Up', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'up' };
  expect(await sent({ file, chart })).toMatchObject([
    { photo: PNG, document: null },
    { photo: null, document: { bytes: Buffer.from(file.text) }, replyTo: 1 },
  ]);
});

test('a press whose answer has a file changes the words in place and sends the file below', async () => {
  await started();
  const [message] = await sent({ actions: [{ label: 'Export', command: 'alerts export' }] });
  if (!message) throw new Error('no message');
  bot.answerWith(() => view({ lines: ['Here it is.'], file }));
  bot.rig.press(message, 'Export', ann);
  await bot.rig.until(() => bot.rig.fromBot(chat.id)[1]);
  expect(bot.rig.fromBot(chat.id)).toMatchObject([
    { id: message.id, edits: 1, text: expect.stringContaining('Here it is.') },
    { document: { bytes: Buffer.from(file.text) }, replyTo: message.id },
  ]);
});

test('a press whose answer has a picture and more words than a caption takes: words in place, picture below', async () => {
  await started();
  const [message] = await sent({ actions: [{ label: 'Refresh', command: 'node list' }] });
  if (!message) throw new Error('no message');
  const chart: View['chart'] = { title: 'Up', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'up' };
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index} ${'x'.repeat(40)}`);
  bot.answerWith(() => view({ lines, chart }));
  bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => bot.rig.fromBot(chat.id)[1]);
  expect(bot.rig.fromBot(chat.id)).toMatchObject([
    { id: message.id, edits: 1, photo: null, text: expect.stringContaining('line 39') },
    { photo: PNG, replyTo: message.id },
  ]);
});

test('where documents are not allowed the words still arrive', async () => {
  await started();
  chat.permissions = { can_send_messages: true, can_send_documents: false };
  expect(await sent({ file })).toMatchObject([{ document: null, text: expect.stringContaining('All is well.') }]);
});

test('a document below which a command stands is its file', async () => {
  await started();
  bot.rig.sendText(chat, ann, '/alerts import mode:replace', { document: set() });
  await bot.rig.until(() => bot.asked.length);
  expect(bot.asked[0]).toMatchObject({ text: 'alerts import', options: { file: '{"alerts":[]}', mode: 'replace' } });
});

test('a command that answers a document takes that document, in its topic', async () => {
  await started();
  const forum = bot.rig.chats.supergroup('Forum', ['Nodes']);
  const thread = [...forum.topics.keys()][0] as number;
  const upload = bot.rig.sendText(forum, ann, '', { document: set('{}'), thread });
  bot.rig.sendText(forum, ann, `/alerts@${bot.bot.username} import`, { replyTo: upload.id, thread });
  await bot.rig.until(() => bot.asked.length);
  expect(bot.asked[0]).toMatchObject({
    text: 'alerts import',
    options: { file: '{}' },
    place: { address: { threadId: String(thread) } },
  });
});

test('a document is nothing to other commands, and nothing by itself', async () => {
  await started();
  const own = bot.rig.chats.private(ann);
  bot.rig.sendText(own, ann, 'look at this', { document: set() });
  bot.rig.sendText(own, ann, '', { document: set() });
  bot.rig.sendText(own, ann, '/network', { document: set() });
  bot.rig.sendText(own, ann, '/alerts import');
  await bot.rig.until(() => bot.asked.length === 2);
  expect(bot.asked.map(({ text, options }) => [text, options])).toEqual([
    ['network', undefined],
    ['alerts import', undefined],
  ]);
  expect(bot.rig.calls.some(({ method }) => method === 'getFile')).toBe(false);
});

const answers = async (document: ReturnType<typeof set>): Promise<string> => {
  const count = bot.rig.fromBot(chat.id).length;
  bot.rig.sendText(chat, ann, '/alerts import', { document });
  const answer = await bot.rig.until(() => bot.rig.fromBot(chat.id)[count]);
  expect(bot.asked).toEqual([]);
  expect(answer.text).toContain('That file cannot be read');
  expect(`${answer.raw} ${bot.log.join()}`).not.toContain(bot.rig.token);
  return answer.text;
};

test('64 KiB and no more are fetched, however large it is said to be', async () => {
  await started();
  expect(await answers(set(Buffer.alloc(64 * 1024 + 1, 'x')))).toMatch(/at most 64 KiB/);
  expect(bot.rig.calls.some(({ method }) => method === 'getFile')).toBe(false);
  bot.rig.sendText(chat, ann, '/alerts import', { document: set(Buffer.alloc(64 * 1024, 'x')) });
  await bot.rig.until(() => bot.asked.length);
  expect(String(bot.asked[0]?.options?.file)).toHaveLength(64 * 1024);
});

test('what cannot be fetched or is no text is said in words, without the address that holds the token', async () => {
  await started();
  expect(await answers(set(Buffer.from([0xff, 0xfe, 0x00])))).toMatch(/not text/);
  bot.rig.inject('getFile', REFUSALS.badRequest('file is temporarily unavailable'));
  expect(await answers(set())).toMatch(/did not hand out/);
  bot.rig.inject('file', { kind: 'refuse', code: 404, description: '' });
  expect(await answers(set())).toMatch(/HTTP 404/);
  bot.rig.inject('file', { kind: 'reset' });
  expect(await answers(set())).toMatch(/could not be fetched/);
  bot.rig.inject('file', { kind: 'refuse', code: 302, description: '', location: 'https://evil.example/' });
  expect(await answers(set())).toMatch(/could not be fetched/);
});
