import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeButton, encodeButton } from '../../src/bot/button.ts';
import { parseText } from '../../src/bot/parse.ts';
import { commands } from '../../src/bot/registry.ts';
import { hostile } from './hostile.ts';

const read = (text: string) => {
  const parsed = parseText(text, commands);
  return parsed.kind === 'command' ? [parsed.command.path.join(' '), { ...parsed.options }] : [parsed.kind];
};

describe('typed text', () => {
  test.each<[string, unknown[]]>([
    ['network', ['network', {}]],
    ['/network', ['network', {}]],
    ['/NETWORK@assay_bot', ['network', {}]],
    ['  /Node   List  ', ['node list', {}]],
    ['node list down', ['node list', { state: 'down' }]],
    ['node list LLMProxy', ['node list', { type: 'LLMProxy' }]],
    ['node list 2', ['node list', { type: '2' }]],
    ['node list down LLMProxy 2', ['node list', { state: 'down', type: 'LLMProxy', page: '2' }]],
    ['node list page:2 down', ['node list', { state: 'down', page: '2' }]],
    ['node list type:"LLM Proxy"', ['node list', { type: 'LLM Proxy' }]],
    ['node list "LLM Proxy"', ['node list', { type: 'LLM Proxy' }]],
    ['node status https://gw1.example:8443', ['node status', { node: 'https://gw1.example:8443' }]],
    ['node status node:gw1:8443', ['node status', { node: 'gw1:8443' }]],
    ['node history gw1 7d', ['node history', { node: 'gw1', window: '7d' }]],
    ['node history window:30d gw1', ['node history', { node: 'gw1', window: '30d' }]],
    ['alerts add node owner:0x12', ['alerts add', { kind: 'node', target: 'owner:0x12' }]],
    ['node', ['group']],
    ['node dance', ['unknown']],
    ['dance', ['unknown']],
    ['', ['unknown']],
    ['node status a b', ['too-many']],
    ['network now', ['too-many']],
    ['node status "', ['node status', { node: '"' }]],
    ['node status ""', ['node status', { node: '' }]],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('law: any text is read, and only declared options come out', () => {
    fc.assert(
      fc.property(fc.constantFrom('', ...commands.map(({ path }) => path.join(' '))), hostile, (head, rest) => {
        const parsed = parseText(`${head} ${rest}`, commands);
        if (parsed.kind !== 'command') return;
        const names = parsed.command.options.map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(Object.keys(parsed.options)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('law: words in quotes arrive whole, if there is no quote in them', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => !text.includes('"'));
    fc.assert(
      fc.property(word, (text) => {
        expect(read(`node list type:"${text}"`)).toEqual(['node list', { type: text }]);
      }),
    );
  });
});

describe('buttons', () => {
  test('law: what a button carries is what a press asks for, whole, or there is no button', () => {
    const mode = fc.constantFrom('edit' as const, 'reply' as const);
    const text = hostile.filter((value) => value !== '' && value.isWellFormed());
    fc.assert(
      fc.property(text, mode, fc.constantFrom(64, 100), (command, how, limit) => {
        const data = encodeButton({ label: 'x', command, mode: how }, limit);
        if (data === null) {
          expect(Buffer.byteLength(command)).toBeGreaterThan(limit - 2);
          return;
        }
        expect(Buffer.byteLength(data)).toBeLessThanOrEqual(limit);
        expect(decodeButton(data)).toEqual({ mode: how, command });
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(['', 'e:', 'x:network', 'network', ':', 'E:network'])('%j is not one of ours', (data) => {
    expect(decodeButton(data)).toBeNull();
  });
});
