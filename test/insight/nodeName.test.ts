import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeLabel, shortNodeId } from '../../src/insight/nodeLabel.ts';
import { type NamedNode, resolveNode } from '../../src/insight/nodeName.ts';
import { recordOf } from '../bot/seed.ts';

const id = (start: string): string => `0x${start.padEnd(64, '7')}`;
const OWNER = `0x${'aa'.repeat(20)}`;
const LONELY = `0x${'bb'.repeat(20)}`;

const NODES: NamedNode[] = [
  { id: 1, key: 'https://alpha.example', teeIds: [id('1234aa'), id('9999')], owner: OWNER },
  { id: 2, key: 'https://beta.example:8443', teeIds: [id('1234bb')], owner: OWNER },
  { id: 3, key: 'https://13.59.207.188', teeIds: [id('5678')], owner: LONELY },
  { id: 4, key: `tee:${id('abcd')}`, teeIds: [id('abcd')], owner: `0x${'cc'.repeat(20)}` },
];

test.each<[string, unknown]>([
  [id('1234aa'), { kind: 'node', id: 1 }],
  [id('9999'), { kind: 'node', id: 1 }],
  ['0x1234a', { kind: 'node', id: 1 }],
  ['9999', { kind: 'node', id: 1 }],
  ['0x1234', { kind: 'ambiguous', ids: [1, 2] }],
  ['https://ALPHA.example:443/', { kind: 'node', id: 1 }],
  ['http://alpha.example', { kind: 'node', id: 1 }],
  ['beta', { kind: 'node', id: 2 }],
  ['13.59.207.188', { kind: 'node', id: 3 }],
  ['.example', { kind: 'ambiguous', ids: [1, 2] }],
  [OWNER, { kind: 'owner', owner: OWNER, ids: [1, 2] }],
  [OWNER.toUpperCase().replace('0X', '0x'), { kind: 'owner', owner: OWNER, ids: [1, 2] }],
  [LONELY, { kind: 'owner', owner: LONELY, ids: [3] }],
  ['abcd', { kind: 'node', id: 4 }],
  // Three digits are too few for the start of an id.
  ['0x123', { kind: 'unknown', nearest: [1, 2, 3, 4] }],
])('%s means', (typed, expected) => {
  expect(resolveNode(typed, NODES)).toEqual(expected);
});

test('a full id wins over an endpoint that merely contains it', () => {
  const impostor: NamedNode = {
    id: 9,
    key: `https://evil.example/${id('1234aa')}`,
    teeIds: [id('eeee')],
    owner: OWNER,
  };
  expect(resolveNode(id('1234aa'), [impostor, ...NODES])).toEqual({ kind: 'node', id: 1 });
});

test.each(['', '  ', 'https://', '///', ':443', 'http:///', '.e'])(
  '%j means no node, not even an only one',
  (typed) => {
    expect(resolveNode(typed, NODES.slice(0, 1)).kind).toBe('unknown');
  },
);

describe('laws', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('0x', '0x12', '.', '/'),
  );

  test('any text is answered, with nodes that exist, five guesses at most', () => {
    fc.assert(
      fc.property(text, (typed) => {
        const found = resolveNode(typed, NODES);
        const ids = 'ids' in found ? found.ids : 'nearest' in found ? found.nearest : [found.id];
        expect(new Set(ids).size).toBe(ids.length);
        for (const one of ids) expect(NODES.some((node) => node.id === one)).toBe(true);
        if (found.kind === 'unknown') expect(ids.length).toBeLessThanOrEqual(5);
        if (found.kind === 'ambiguous') expect(ids.length).toBeGreaterThan(1);
      }),
      { numRuns: 1_000 },
    );
  });

  test('every start of an id that no other id has, from four digits, means its node', () => {
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(
        fc.uniqueArray(hex, { minLength: 1, maxLength: 8 }),
        fc.nat(7),
        fc.integer({ min: 4, max: 63 }),
        (ids, at, length) => {
          const nodes = ids.map((digits, index) => ({
            id: index,
            key: `k${index}`,
            teeIds: [`0x${digits}`],
            owner: '',
          }));
          const wanted = ids[at % ids.length] ?? '';
          const prefix = wanted.slice(0, length);
          // Forty digits may be an address; none of these is an owner, so they are an id's start all the same.
          const alike = ids.filter((digits) => digits.startsWith(prefix)).length;
          const found = resolveNode(`0x${prefix}`, nodes);
          expect(found).toEqual(
            alike === 1 ? { kind: 'node', id: ids.indexOf(wanted) } : expect.objectContaining({ kind: 'ambiguous' }),
          );
        },
      ),
    );
  });

  test('a typing error in a name still finds it among the guesses', () => {
    const names = Array.from(
      { length: 30 },
      (_, index) => `https://node-${String.fromCharCode(97 + (index % 26))}${index}.example`,
    );
    const nodes = names.map((key, index) => ({
      id: index,
      key,
      teeIds: [id(index.toString(16).padStart(4, 'f'))],
      owner: '',
    }));
    fc.assert(
      fc.property(fc.nat(29), fc.integer({ min: 8, max: 12 }), (index, at) => {
        const name = names[index] ?? '';
        const typed = `${name.slice(0, at)}ö${name.slice(at)}`;
        const found = resolveNode(typed, nodes);
        expect(found.kind).toBe('unknown');
        expect('nearest' in found && found.nearest).toContain(index);
      }),
    );
  });
});

describe('labels', () => {
  test('the host and path of an endpoint, at most sixty characters, else the short id', () => {
    expect(nodeLabel({ key: 'https://gw.example:8443', records: [] })).toBe('gw.example:8443');
    expect(nodeLabel({ key: `https://${'x'.repeat(200)}`, records: [] })).toHaveLength(60);
    expect(nodeLabel({ key: `tee:${id('abcd')}`, records: [] })).toBe('0xabcd77…7777');
  });

  test('is never empty, whatever the endpoint', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('https://', 'http://\u200b', 'https://\n')),
        (key) => {
          fc.pre(key !== '');
          expect(nodeLabel({ key, records: [recordOf(3)] }).trim()).not.toBe('');
        },
      ),
    );
    expect(shortNodeId(id('12'))).toBe('0x127777777777');
  });
});
