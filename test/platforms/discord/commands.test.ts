import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { commands } from '../../../src/bot/registry.ts';
import { seedGovernance } from '../../bot/seedGovernance.ts';
import { startWorld, teeIdOf, type World } from './harness.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await seedGovernance(world.store.store);
});
afterEach(() => expect(world.rig.proxy.violations.splice(0)).toEqual([]));
afterAll(() => world.close());

/** They need an alert that was sent, a file, or the network: permissionMatrix.test.ts, files.test.ts, test/bot/proofCheck.test.ts. */
const ELSEWHERE = ['alerts ack', 'alerts snooze', 'alerts import', 'proof check'];

/** Every other command once, in an order that gives `alerts remove` something to remove. */
const CALLS: Record<string, Record<string, string | number>> = {
  network: {},
  'node list': { state: 'ok', page: 2 },
  'node status': { node: teeIdOf(3).slice(0, 14) },
  'node history': { node: 'gw3.example', window: '7d' },
  'model status': { model: 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M' },
  'model list': { query: 'acme' },
  'model lineage': { model: 'acme/fraud-net' },
  'model doctor': { model: 'acme/fraud-net' },
  'model queue': { page: 1 },
  'model watch': { models: 'acme/fraud-net' },
  'proof delay': {},
  'proof exposure': {},
  'proof node': { node: teeIdOf(3).slice(0, 14) },
  'proof watch': { hash: 'ab'.repeat(32) },
  usage: {},
  'gov proposals': { status: 'open' },
  'gov proposal': { id: '12' },
  'gov participation': { network: 'bedrock', window: '90d' },
  'gov voter': { voter: 'cedar' },
  'gov gauges': {},
  'gov gauge': { gauge: 'uniBTC vault' },
  'gov epoch': {},
  'gov validators': { page: 1 },
  'influence show': { set: 'validators' },
  'influence trend': { set: 'bedrock.power' },
  'influence compare': { first: 'validators', second: 'gauge-voters' },
  'influence whatif': { set: 'validators', without: 'cedar' },
  'alerts add': { kind: 'node', target: 'all' },
  'alerts list': {},
  'alerts edit': { number: '1', severity: 'critical' },
  'alerts pause': { number: '1', for: '2h' },
  'alerts mute': { rule: 'node.heartbeat', for: '2h' },
  'alerts unmute': { what: 'all' },
  'alerts settings': { digest: 'daily' },
  'alerts history': { window: '7d' },
  'alerts rules': {},
  'alerts export': {},
  'alerts setup': { role: 'reader' },
  'alerts remove': { number: '1' },
  'alerts test': {},
  link: {},
  'alerts digest': {},
  'privacy show': {},
  'privacy forget': {},
  help: { command: 'node status' },
  about: {},
};

test('the list of this test is the list of the registry', () => {
  expect([...Object.keys(CALLS), ...ELSEWHERE].sort()).toEqual(commands.map(({ path }) => path.join(' ')).sort());
});

test.each(Object.entries(CALLS))('/%s is deferred first, then answered with an embed', async (name, options) => {
  const { proxy } = world.rig;
  const since = proxy.recorded.length;
  const shown = await world.rig.slash(name, options, { timeoutMs: 10_000 });
  expect(shown.title).not.toMatch(/did not fit|did not work|No such|Unknown/);
  expect(shown.description).not.toBe('');
  const isPrivate = commands.find(({ path }) => path.join(' ') === name)?.private === true;
  expect(shown.ephemeral, 'private where the command says so').toBe(isPrivate);
  const mine = proxy.recorded.slice(since).filter(({ path }) => !/^\/channels/.test(path));
  expect(mine.map(({ method, path }) => `${method} ${path.replace(/\d+\/[^/]+/, ':id/:token')}`)).toEqual([
    'POST /interactions/:id/:token/callback',
    'PATCH /webhooks/:id/:token/messages/@original',
  ]);
  expect(mine[0]?.body).toMatchObject({ type: 5 });
  expect(mine[1]?.body).toMatchObject({ allowed_mentions: { parse: [] } });
});

test('the history brings its picture, described in words', async () => {
  const { proxy } = world.rig;
  const { files } = await world.rig.slash('node history', { node: 'gw1.example' });
  expect(files.map(({ name }) => name)).toEqual(['chart.png']);
  expect(files[0]?.content.subarray(1, 4).toString()).toBe('PNG');
  const body = proxy.recorded.at(-1)?.body as { embeds: object[]; attachments: { description: string }[] };
  expect(body.embeds).toMatchObject([{ image: { url: 'attachment://chart.png' } }]);
  expect(body.attachments[0]?.description).not.toBe('');
});

test('/alerts add stores a subscription for this channel, /alerts test arrives there as an alert would', async () => {
  await world.rig.slash('alerts add', { kind: 'node', target: 'gw2.example' });
  const address = { platform: 'discord', chatId: world.rig.channelId, threadId: null } as const;
  const { destination, subscriptions } = await world.store.store.subscriptions.list(address);
  expect(destination).toMatchObject({ title: '#general', state: 'active' });
  const created = { family: 'node', scope: 'node', createdBy: `discord:${world.rig.managerId}` };
  expect(subscriptions).toContainEqual(expect.objectContaining(created));
  const before = world.rig.sent().length;
  expect((await world.rig.slash('alerts test')).title).toContain('Test sent');
  expect(world.rig.sent().slice(before)).toMatchObject([{ title: expect.stringContaining('Test alert') }]);
});

test('what was wrong with a question is told to the asker alone, and the public placeholder goes', async () => {
  const { proxy } = world.rig;
  const since = proxy.recorded.length;
  const shown = await world.rig.slash('node status', { node: 'nonsense' });
  expect(shown).toMatchObject({ title: expect.stringContaining('No such node'), ephemeral: true });
  expect(proxy.recorded.slice(since).map(({ method }) => method)).toEqual(['POST', 'DELETE', 'POST']);
});

test('a command that the bot does not have any more is answered too', async () => {
  expect(await world.rig.slash('gone')).toMatchObject({ title: expect.stringContaining('Unknown command') });
});

test('suggestions while typing: matching nodes, from the store, with the state; at most 25; none is no error', async () => {
  const found = await world.rig.autocomplete('node status', 'node', 'gw1');
  // gw1 and gw10 to gw19.
  expect(found).toHaveLength(11);
  expect(found[0]).toEqual({
    name: `gw1.example:8443 · ok · ${teeIdOf(1).slice(0, 14)}`,
    value: teeIdOf(1).slice(0, 14),
  });
  expect(await world.rig.autocomplete('alerts add', 'target', '')).toHaveLength(24);
  expect(await world.rig.autocomplete('node list', 'type', 'llm')).toEqual([{ name: 'LLMProxy', value: 'LLMProxy' }]);
  expect(await world.rig.autocomplete('node status', 'node', 'zzz')).toEqual([]);
  expect(await world.rig.autocomplete('gone', 'node', 'x')).toEqual([]);
});
