import { describe, expect, test } from 'vitest';
import type { ListedModel } from '../../src/lib/modelFacts.ts';
import { cleanText } from '../../src/lib/units.ts';
import { askerOn } from './ask.ts';
import { NOW_MS } from './seed.ts';
import { answer, blobId, detail, file, HOUR_MS, modelSources, stored, sweep } from './seedHub.ts';

/** As the hub's source hands them on (bounded, nothing unseen), and as no source would. */
const NAMES: [string, string, string][] = [
  ['markup', '**b**', '[x](https://evil.example) `code` ||s|| <b>'],
  ['mentions', '@everyone', '<@1> @here <#3> </node list:4>'],
  ['quotes', 'a"b', 'c "d" e'],
  ['one quote', 'acme', 'it"s here'],
  ['options', 'model:acme', 'page:2'],
  ['spaces', 'Big Corp', 'Fraud Net 2'],
  ['a command', '/alerts', 'remove all'],
  ['right to left', '\u202eemca', 'ten\u2066-duarf\u200f'],
  ['unseen', 'a\u200bb', '\u001b[31m\u0007red'],
  ['bars', 'a|b', 'c|d'],
  ['slashes', 'acme', 'x/y/../z'],
  ['10 kB', 'A'.repeat(10_000), '\u0301'.repeat(10_000)],
  ['astral', '𝒜'.repeat(60), '👩‍👩‍👧‍👦'.repeat(30)],
  ['words from inside', 'constructor', '__proto__'],
];

describe.each(NAMES)('a model named with %s', (_, author, name) => {
  const model: ListedModel = {
    ...{ author, name, task: `${name}@everyone`, description: `${author} <script>`, extra: {}, datedAtMs: null },
  };

  test('is shown, found again by every button, and safe everywhere', async () => {
    const { ask, store, bot } = await askerOn(0);
    const files = [file(1, { name: `${name}.onnx` }), file(2, { name }), { ...file(3), blobId: `${author}${name}` }];
    const versions = [1, 2, 3].map((index) => ({
      ...{ version: index === 2 ? `${name}${index}` : `1.0${index}`, notes: name, datedAtMs: null, files },
    }));
    await stored(store, 1, NOW_MS - 2 * HOUR_MS);
    await sweep(store, [{ ...detail('x/y', versions), model, problem: `it says ${name}` }], NOW_MS - HOUR_MS);
    await store.models.saveStorage([answer(2, 'unknown', NOW_MS, { reason: `${name} <@1> \u202e` })]);
    await modelSources(store);
    const list = await ask('model list');
    const word = list.actions?.[0]?.command.replace('model status ', '');
    const typed = word ?? blobId(1);
    for (const command of ['status', 'doctor', 'lineage']) {
      const view = await ask(`model ${command} ${typed}`);
      expect(view.tone, command).not.toBe('error');
      expect(view.title).toContain(cleanText(author, 40));
      for (const action of view.actions ?? []) {
        const answered = await ask(action.command);
        // What cannot be followed is refused in words.
        if (!action.command.startsWith('model watch')) expect(answered.tone, action.command).not.toBe('error');
      }
    }
    await ask('model list fraud');
    await ask(`model list "${name.replaceAll('"', '').slice(0, 60)}"`);
    await ask(`model status ${name.slice(0, 150)}`);
    await ask('model queue');
    await ask('alerts list');
    for (const path of [
      ['model', 'status'],
      ['model', 'list'],
      ['alerts', 'add'],
    ]) {
      const option = { status: 'model', list: 'query', add: 'target' }[path[1] as string] as string;
      for (const { label, value } of await bot.suggest(path, option, '')) {
        expect(cleanText(label, 100)).not.toBe('');
        expect(value.length).toBeLessThanOrEqual(100);
        if (path[1] === 'status') expect((await ask(`model status "${value}"`)).title).not.toBe('No such model');
      }
    }
    expect(bot.reported).toEqual([]);
  });
});
