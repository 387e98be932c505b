import { REST } from 'discord.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Command } from '../../../src/bot/command.ts';
import { commands } from '../../../src/bot/registry.ts';
import { commandsJson, registerCommands } from '../../../src/platforms/discord/registration.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { fixedDispatcher, startBot, view } from './harness.ts';

let rig: DiscordRig;

beforeAll(async () => {
  rig = await startDiscordRig();
});
afterEach(() => expect(rig.proxy.violations.splice(0)).toEqual([]));
afterAll(() => rig.close());

const puts = () => rig.proxy.recorded.filter(({ method, path }) => method === 'PUT' && path.endsWith('/commands'));

test('a first start registers every command, a second start registers nothing', async () => {
  const meta = new Map<string, string>();
  for (let start = 0; start < 2; start += 1) {
    const bot = await startBot(
      rig,
      fixedDispatcher(() => view()),
      { meta },
    );
    await bot.stop();
  }
  expect(puts()).toHaveLength(1);
  const stored = await rig.twin.prisma.applicationCommand.findMany({ where: { guildId: null } });
  expect(stored.map(({ name }) => name).sort()).toEqual([...new Set(commands.map(({ path }) => path[0]))].sort());
});

test('what changed is registered again: another word, another option, one command less', async () => {
  const rest = new REST({ api: rig.apiUrl, version: '10' }).setToken(rig.token);
  const meta = new Map<string, string>();
  const store = {
    get: async (key: string) => meta.get(key) ?? null,
    set: async (k: string, v: string) => void meta.set(k, v),
  };
  const register = (list: readonly Command[]) => registerCommands(rest, '1', list, store);
  const [first, ...others] = commands as [Command, ...Command[]];
  expect(await register(commands)).toBe(true);
  expect(await register(commands)).toBe(false);
  expect(await register([{ ...first, summary: 'Other words' }, ...others])).toBe(true);
  expect(await register(others)).toBe(true);
  expect(await register(others)).toBe(false);
  expect(await registerCommands(rest, '2', others, store), 'another application has its own list').toBe(true);
});

test('a registration that Discord did not take is tried again at the next start', async () => {
  const rest = new REST({ api: rig.apiUrl, version: '10', retries: 0 }).setToken(rig.token);
  const meta = new Map<string, string>();
  const store = {
    get: async (key: string) => meta.get(key) ?? null,
    set: async (k: string, v: string) => void meta.set(k, v),
  };
  rig.proxy.inject('PUT', /commands$/, { status: 502, body: {} });
  await expect(registerCommands(rest, '3', commands, store)).rejects.toThrow();
  expect(meta.size).toBe(0);
  expect(await registerCommands(rest, '3', commands, store)).toBe(true);
});

test('contexts and integration types are always said: servers, direct messages, and brought along by a person', () => {
  for (const json of commandsJson(commands)) {
    expect(json, json.name).toMatchObject({ contexts: [0, 1, 2], integration_types: [0, 1] });
  }
});

/** Discord counts names, descriptions and values of choices of a whole command together: 8000 characters at most. */
const sizeOf = (json: unknown): number => {
  if (Array.isArray(json)) return json.reduce<number>((sum, one) => sum + sizeOf(one), 0);
  if (typeof json !== 'object' || json === null) return 0;
  return Object.entries(json).reduce((sum, [key, value]) => {
    const counts = typeof value === 'string' && ['name', 'description', 'value'].includes(key);
    return sum + (counts ? value.length : sizeOf(value));
  }, 0);
};

test.each(commandsJson(commands))('$name is no larger than Discord takes, with all of its subcommands', (json) => {
  expect(sizeOf(json)).toBeLessThanOrEqual(8_000);
  expect(json.options?.length ?? 0).toBeLessThanOrEqual(25);
});

test('groups become subcommands; options keep their type, choices, bounds and autocomplete', () => {
  const node = commandsJson(commands).find(({ name }) => name === 'node');
  const list = node?.options?.find(({ name }) => name === 'list');
  expect(list).toMatchObject({
    type: 1,
    options: [
      {
        name: 'state',
        type: 3,
        required: false,
        choices: ['ok', 'degraded', 'down', 'unknown'].map((value) => ({ name: value, value })),
      },
      { name: 'type', type: 3, autocomplete: true, max_length: 40 },
      { name: 'page', type: 4, min_value: 1, max_value: 10_000 },
    ],
  });
  // Discord refuses choices together with autocomplete or a length.
  for (const command of commandsJson(commands)) {
    for (const option of (command.options ?? []).flatMap((one) => ('options' in one && one.options) || [one])) {
      if (option.choices)
        expect(Object.keys(option)).not.toEqual(expect.arrayContaining(['autocomplete', 'max_length']));
    }
  }
});

test('required options come before optional ones, as Discord demands', () => {
  for (const { path, options } of commands) {
    const firstOptional = options.findIndex(({ required }) => !required);
    const lastRequired = options.findLastIndex(({ required }) => required);
    expect(firstOptional === -1 || lastRequired < firstOptional, path.join(' ')).toBe(true);
  }
});
