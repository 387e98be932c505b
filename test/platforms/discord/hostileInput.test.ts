import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../../../src/bot/registry.ts';
import { readMarkdown } from '../../rigs/discord/markdown.ts';
import { startWorld, type World } from './harness.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld(5);
});
afterAll(() => world.close());

const typed = fc.oneof(
  fc.constantFrom(
    '@everyone',
    '<@&1>',
    '**x**',
    '`',
    '```js\n',
    '](https://evil.example)',
    'https://evil.example',
    "'; DROP TABLE Node;--",
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '',
    ' ',
    '\u202e',
    '\u0000',
    '0x',
    'owner:',
    'owner:0x',
    '-1',
    '1e9',
    '#1',
    'undefined',
    '{}',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 300 }),
);
const questions = fc.constantFrom(...commands.filter(({ options }) => options.length > 0)).chain((command) =>
  fc.record({
    name: fc.constant(command.path.join(' ')),
    options: fc.record(
      Object.fromEntries(
        command.options.map(({ name }) => [
          name,
          fc.oneof(typed, fc.integer(), ...(name === 'kind' ? [fc.constant('node')] : [])),
        ]),
      ),
      {
        requiredKeys: [],
      },
    ),
  }),
);

test('whatever is typed into whichever option: a clear answer, no mention, no link, no markup, nothing stored unsaid', {
  timeout: 120_000,
}, async () => {
  const address = { platform: 'discord', chatId: world.rig.channelId, threadId: null } as const;
  let stored = 0;
  await fc.assert(
    fc.asyncProperty(questions, async ({ name, options }) => {
      const given = Object.fromEntries(
        Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
      );
      const shown = await world.rig.slash(name, given);
      expect(shown.title).not.toMatch(/did not work/);
      expect(shown.description).not.toMatch(/\bat .*\.ts:|Error:|\[object|prisma/i);
      const { live, links, marks } = readMarkdown(shown.description);
      expect([live, links]).toEqual([[], []]);
      expect(marks.filter((mark) => mark !== '**' && mark !== '-# ')).toEqual([]);
      expect(world.rig.proxy.violations).toEqual([]);
      const { subscriptions } = await world.store.store.subscriptions.list(address);
      expect(subscriptions.length > stored, 'stored only where the answer says so').toBe(
        /Alerts are on/.test(shown.title),
      );
      stored = subscriptions.length;
    }),
    { numRuns: 150 },
  );
});

test('whatever is typed while suggestions are open: a list that Discord takes', { timeout: 60_000 }, async () => {
  const suggesting = commands.flatMap(({ path, options }) =>
    options.filter(({ suggest }) => suggest).map(({ name }) => ({ command: path.join(' '), name })),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...suggesting), typed, async ({ command, name }, text) => {
      expect(Array.isArray(await world.rig.autocomplete(command, name, text))).toBe(true);
      expect(world.rig.proxy.violations).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
