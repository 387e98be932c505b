import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { commands } from '../../../src/bot/registry.ts';
import type { View } from '../../../src/lib/view.ts';
import { readAttachment } from '../../../src/platforms/discord/attachedFile.ts';
import { commandsJson } from '../../../src/platforms/discord/registration.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, fixedDispatcher, PNG, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bot: Bot;
let answer: View;
let given: Record<string, unknown>[];

const importing = {
  path: ['alerts', 'import'] as const,
  summary: 'Take over a set',
  options: [{ name: 'file', summary: 'The set', type: 'file' as const, required: true }],
  permission: 'manage-alerts' as const,
  examples: ['alerts import'],
  run: () => Promise.reject(new Error('the dispatcher of these tests answers by itself')),
};

beforeAll(async () => {
  rig = await startDiscordRig();
  const fixed = fixedDispatcher(() => answer);
  const run: typeof fixed.run = async (_, options) => {
    given.push(options);
    return answer;
  };
  const others = commands.filter(({ path }) => path.join(' ') !== 'alerts import');
  bot = await startBot(rig, { ...fixed, commands: [...others, importing], run });
});
afterEach(() => expect(rig.proxy.violations.splice(0)).toEqual([]));
afterAll(async () => {
  await bot.stop();
  await rig.close();
});

const file: View['file'] = { name: 'alerts of “#general”.json', text: '{"alerts":["ä"]}' };
const attached = (bytes: Buffer | string, more: Partial<Parameters<DiscordRig['proxy']['attach']>[1]> = {}) => {
  const url = rig.proxy.attach('/attachments/1/2/set.json', { bytes: Buffer.from(bytes), ...more });
  return { url, size: 10 };
};

async function asked(attachment: { url: string; size: number }) {
  given = [];
  answer = view({ title: 'Taken over' });
  const shown = await rig.slash('alerts import', { file: attachment }, { timeoutMs: 8_000 });
  return { shown, file: given[0]?.file };
}

test('a file to take along is attached, in answers, in presses and in alerts, also beside a picture', async () => {
  given = [];
  const chart: View['chart'] = { title: 'Up', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'up' };
  answer = view({ file, chart });
  const contents = [PNG, Buffer.from(file.text)];
  const names = ['chart.png', 'alerts_of_general_.json'];
  const bodies = [await rig.slash('about'), await rig.press('e:about')];
  const address = { platform: 'discord', chatId: rig.channelId, threadId: null } as const;
  await bot.sender.send({ address, view: answer, idempotencyKey: 'k' });
  for (const { files } of [...bodies, ...rig.sent().slice(-1)]) {
    expect(files.map(({ name }) => name)).toEqual(names);
    expect(files.map(({ content }) => content)).toEqual(contents);
  }
});

test('an attached file comes to the command as its text', async () => {
  const { shown, file: text } = await asked(attached('{"alerts":["ä"]}'));
  expect(text).toBe('{"alerts":["ä"]}');
  expect(shown.title).toContain('Taken over');
});

test('the option is registered as an attachment', () => {
  const [alerts] = commandsJson([importing]);
  expect(alerts?.options?.[0]?.options).toEqual([{ name: 'file', description: 'The set', required: true, type: 11 }]);
});

test.each<[string, () => { url: string; size: number }, RegExp]>([
  ['larger than it may be', () => ({ ...attached('{}'), size: 65_537 }), /at most 64 KiB/],
  ['larger than it was said to be', () => attached(Buffer.alloc(65_537, 'x')), /at most 64 KiB/],
  ['without an end', () => attached(Buffer.alloc(65_537, 'x'), { endless: true }), /at most 64 KiB/],
  ['no text', () => attached(Buffer.from([0xff, 0xfe])), /not text/],
  ['not there', () => attached('', { status: 404 }), /HTTP 404/],
  ['elsewhere', () => attached('', { status: 302, headers: { location: 'https://evil.example/' } }), /not be fetched/],
  ['on another host', () => ({ url: 'https://evil.example/set.json', size: 2 }), /where Discord keeps files/],
])('a file that is %s is refused in private words, and no command runs', async (_, attachment, words) => {
  const { shown, file: text } = await asked(attachment());
  expect(text).toBeUndefined();
  expect(shown).toMatchObject({ ephemeral: true, title: expect.stringContaining('cannot be read') });
  expect(shown.description).toMatch(words);
});

test('a file that drips is given up after five seconds', { timeout: 15_000 }, async () => {
  const { shown } = await asked(attached('{', { endless: true }));
  expect(shown.description).toMatch(/could not be fetched/);
});

test.each([
  'http://cdn.discordapp.com/a',
  'https://cdn.discordapp.com.evil.example/a',
  'https://user@cdn.discordapp.com/a',
  'https://cdn.discordapp.com:8443/a',
  'https://evil.example/?https://cdn.discordapp.com/',
  'http://127.0.0.1:80/a',
  'http://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'nonsense',
])('%s is not where Discord keeps files', async (url) => {
  await expect(readAttachment({ url, size: 1 }, null)).rejects.toThrow(/where Discord keeps files/);
});
