import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Option } from '../../src/bot/command.ts';
import { commands } from '../../src/bot/registry.ts';
import type { PlatformName } from '../../src/lib/delivery.ts';
import type { View } from '../../src/lib/view.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { anyValue, hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere } from './judgeView.ts';
import { type Bot, botOn, callerOf, endpointOf, placeOf, seedNetwork, teeIdOf } from './seed.ts';

const NODES = 12;
const CASES_AN_OPTION = 450;
const CASES_OF_WHOLE_LINES = 1_000;
const PLATFORMS: PlatformName[] = ['discord', 'telegram', 'terminal'];

/** Values that fit, for the options that a case does not attack. */
const FITTING: Record<string, string> = { kind: 'node', target: 'all', node: teeIdOf(3), number: '1' };

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
const isBad = (option: Option, value: unknown): boolean =>
  !(option.name === 'target' && namesSomething(value)) &&
  !(option.name === 'kind' && typeof value === 'string' && /^node$/i.test(value));

let temporary: TemporaryStore;
let bot: Bot;
let cases = 0;

beforeAll(async () => {
  temporary = await temporaryStore();
  await seedNetwork(temporary.store, NODES);
  // Somebody else's alert, number 1: not to be removed from here.
  await temporary.store.subscriptions.add({
    address: { platform: 'telegram', chatId: 'elsewhere', threadId: null },
    title: 'elsewhere',
    family: 'node',
    scope: 'all',
    subject: '',
    createdBy: 'telegram:1',
    nowMs: 1,
  });
  bot = botOn(temporary.store);
});

afterAll(() => temporary.cleanup());

async function expectHarmless(ask: (platform: PlatformName) => Promise<View>, typed: string): Promise<void> {
  const platform = PLATFORMS[cases % PLATFORMS.length] as PlatformName;
  cases += 1;
  const view = await ask(platform);
  expect(bot.reported).toEqual([]);
  expectClear(view, typed);
  expectSafeEverywhere(view);
  expect(await temporary.store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 1 });
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
        anyValue.filter((value) => isBad(option, value)),
        async (value) => {
          const typed = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
          await expectHarmless(
            (platform) =>
              bot.run(command.path, { ...others, [option.name]: value }, callerOf(platform), placeOf(platform)),
            typed,
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
        fc.pre(option.name !== 'kind' || !parts.some((part) => /^node$/i.test(part)));
        fc.pre(option.name !== 'target' || ![value, ...parts].some(namesSomething));
        await expectHarmless((platform) => bot.runText(line, callerOf(platform), placeOf(platform)), line);
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

test('at least ten thousand cases were tried, on every option of every command', () => {
  expect(attacked.length).toBeGreaterThanOrEqual(10);
  process.stdout.write(`${cases} cases of bad input over ${attacked.length} options\n`);
  expect(cases).toBeGreaterThanOrEqual(10_000);
});
