import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Option } from '../../src/bot/command.ts';
import { commands } from '../../src/bot/registry.ts';
import type { Address, PlatformName } from '../../src/lib/delivery.ts';
import type { View } from '../../src/lib/view.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { anyValue, hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere } from './judgeView.ts';
import { type Bot, botOn, callerOf, endpointOf, placeOf, seedNetwork, teeIdOf } from './seed.ts';
import { seedGovernance } from './seedGovernance.ts';
import { seedHub } from './seedHub.ts';
import { expectWellFormed, type Stored, storedOf } from './stored.ts';

const NODES = 12;
const CASES_AN_OPTION = 48;
const CASES_OF_WHOLE_LINES = 1_000;
const PLATFORMS: PlatformName[] = ['discord', 'telegram', 'terminal'];

const ELSEWHERE: Address = { platform: 'telegram', chatId: 'elsewhere', threadId: null };

/** Values that fit, for the options that a case does not attack; alert 2 is one of Discord's. */
const FITTING: Record<string, string> = {
  kind: 'node',
  target: 'all',
  node: teeIdOf(3),
  number: '2',
  message: '1',
  hash: 'ab'.repeat(32),
  id: '12',
  gauge: 'unibtc',
  voter: 'cedar',
  set: 'validators',
  first: 'validators',
  second: 'gauges',
  without: 'cedar',
};

/** Subscribing to what is named by chance is no bad input: part of an endpoint, the start of an id, an owner, all. */
function namesSomething(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const text = value.trim().toLowerCase();
  const endpoint = text
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/:443$/, '');
  const indexes = Array.from({ length: NODES }, (_, index) => index);
  return (
    text === 'all' ||
    /^owner:\s*0x[0-9a-f]{40}$/.test(text) ||
    (endpoint.length >= 3 && indexes.some((index) => endpointOf(index).includes(endpoint))) ||
    (/^(0x)?[0-9a-f]{4,}$/.test(text) && indexes.some((index) => teeIdOf(index).includes(text)))
  );
}

const attacked = commands.flatMap((command) => command.options.map((option) => ({ command, option })));
/** One of the two that say what an alert is about. */
const decides = ({ name, required }: Option): boolean => required && ['kind', 'target'].includes(name);

/** Is nothing to be stored, whatever else the call says? Of other options some hostile values are good by chance. */
const isBad = (option: Option, value: unknown): boolean =>
  (option.name === 'target' && option.required && !namesSomething(value)) ||
  (option.name === 'kind' &&
    option.required &&
    !(typeof value === 'string' && /^(node|model|proof|gov|voter)$/i.test(value)));

let temporary: TemporaryStore;
let bot: Bot;
let cases = 0;
/** What was stored of each platform's chat after the last case. */
const before = new Map<PlatformName, Stored>();

beforeAll(async () => {
  temporary = await temporaryStore();
  await seedNetwork(temporary.store, NODES);
  await seedHub(temporary.store);
  await seedGovernance(temporary.store);
  // Somebody else's alert, number 1, is not to be changed from here; 2 and 3 are.
  for (const chatId of ['elsewhere', 'discord-here', 'telegram-here']) {
    const platform = chatId === 'discord-here' ? 'discord' : 'telegram';
    await temporary.store.subscriptions.add({
      address: { platform, chatId, threadId: null },
      title: chatId,
      kind: 'group',
      family: 'node',
      scope: 'node',
      subject: '1',
      createdBy: `${platform}:1`,
      nowMs: 1,
    });
  }
  for (const platform of PLATFORMS) before.set(platform, await storedOf(temporary.store, placeOf(platform).address));
  bot = botOn(temporary.store);
});

afterAll(() => temporary.cleanup());

/** Whatever is typed: an error changes nothing, and what is accepted is stored checked, and here alone. */
async function expectHarmless(
  ask: (platform: PlatformName) => Promise<View>,
  typed: string,
  mayStore = true,
): Promise<void> {
  const platform = PLATFORMS[cases % PLATFORMS.length] as PlatformName;
  cases += 1;
  const view = await ask(platform);
  expect(bot.reported).toEqual([]);
  expectClear(view, typed);
  expectSafeEverywhere(view);
  const after = await storedOf(temporary.store, placeOf(platform).address);
  if (view.tone === 'error' || !mayStore) expect(after).toEqual(before.get(platform));
  expectWellFormed(after, bot.context.rules);
  before.set(platform, after);
  expect(bot.sent).toEqual([]);
}

const fittingFor = ({ options }: Command, attackedName: string): Record<string, string> =>
  Object.fromEntries(
    options
      .filter(({ required, name }) => required && name !== attackedName)
      .map(({ name }) => [name, FITTING[name] ?? '']),
  );

describe.each(attacked)('$command.path $option.name', ({ command, option }) => {
  const others: Record<string, string> = fittingFor(command, option.name);

  test('given as an option, whatever it holds, is answered and changes nothing', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        // Without the answer to what is required, the others can not be good.
        anyValue.filter((value) => isBad(option, value) || !decides(option)),
        async (value) => {
          const typed = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
          await expectHarmless(
            (platform) =>
              bot.run(command.path, { ...others, [option.name]: value }, callerOf(platform), placeOf(platform)),
            typed,
            !isBad(option, value),
          );
        },
      ),
      { numRuns: CASES_AN_OPTION },
    );
  });

  test('typed, by position, by name or in quotes, is answered and changes nothing', { timeout: 120_000 }, async () => {
    const words = (shown: string): string =>
      command.options.flatMap(({ name }) => (name === option.name ? [shown] : (others[name] ?? []))).join(' ');
    const written = fc.constantFrom(
      (value: string) => `${command.path.join(' ')} ${words(value)}`,
      (value: string) => `/${command.path.join(' ')} ${words(`${option.name}:${value}`)}`,
      (value: string) => `/${command.path.join(' ')} ${words(`"${value}"`)}`,
    );
    await fc.assert(
      fc.asyncProperty(hostile, written, async (value, write) => {
        const line = write(value);
        // Any word of it that would be good by itself makes the line good.
        const parts = value.split(/[\s"]+/);
        fc.pre(option.name !== 'kind' || !parts.some((part) => /^(node|model|proof|gov|voter)$/i.test(part)));
        fc.pre(option.name !== 'target' || !option.required || ![value, ...parts].some(namesSomething));
        const bad = decides(option);
        await expectHarmless((platform) => bot.runText(line, callerOf(platform), placeOf(platform)), line, !bad);
      }),
      { numRuns: CASES_AN_OPTION },
    );
  });
});

test('whole lines of anything are answered and change nothing', { timeout: 120_000 }, async () => {
  const heads = ['', '/', ...commands.map(({ path }) => path.join(' ')), 'node', 'alerts', '/NETWORK@bot'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.constantFrom('', ' '), hostile, async (head, gap, rest) => {
      const line = `${head}${gap}${rest}`;
      // `alerts test` alone is a good question, and it sends.
      fc.pre(!/^alerts\s+test["\s]*$/.test(line.trim()));
      await expectHarmless((platform) => bot.runText(line, callerOf(platform), placeOf(platform)), line);
    }),
    { numRuns: CASES_OF_WHOLE_LINES },
  );
});

test('options and commands that do not exist are answered and change nothing', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...commands), hostile, anyValue, async (command, name, value) => {
      fc.pre(!command.options.some((option) => option.name === name));
      await expectHarmless(
        (platform) =>
          bot.run(command.path, { [name]: value, ...fittingFor(command, '') }, callerOf(platform), placeOf(platform)),
        name,
      );
      await expectHarmless(
        (platform) => bot.run([name, name], {}, callerOf(platform), placeOf(platform)),
        `${name} ${name}`,
      );
    }),
    { numRuns: 300 },
  );
});

test('suggestions for anything half typed are few, short and never an error', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...attacked), hostile, async ({ command, option }, typed) => {
      const found = await bot.suggest(command.path, option.name, typed);
      expect(found.length).toBeLessThanOrEqual(25);
      for (const { label, value } of found) {
        expect(label.length).toBeGreaterThan(0);
        expect(label.length).toBeLessThanOrEqual(100);
        expect(value.length).toBeLessThanOrEqual(100);
      }
      expect(bot.reported).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('somebody else’s alert is as it was', async () => {
  const { subscriptions } = await storedOf(temporary.store, ELSEWHERE);
  expect(subscriptions).toEqual([
    expect.objectContaining({
      id: 1,
      floor: 'info',
      threshold: null,
      delaySeconds: null,
      mention: '',
      pausedUntilMs: null,
    }),
  ]);
});

test('at least ten thousand cases were tried, on every option of every command', () => {
  expect(attacked.length).toBeGreaterThanOrEqual(40);
  process.stdout.write(`${cases} cases of bad input over ${attacked.length} options\n`);
  expect(cases).toBeGreaterThanOrEqual(10_000);
});
