import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeKey } from '../../src/lib/nodeKey.ts';

const ID = `0x${'ab'.repeat(32)}`;
const OTHER = `0x${'cd'.repeat(32)}`;

test.each([
  ['https://GW.Example:443/', 'https://gw.example'],
  ['HTTPS://gw.example//', 'https://gw.example'],
  ['https://gw.example:8443/api/', 'https://gw.example:8443/api'],
  ['https://gw.example/A?b=C#d', 'https://gw.example/A?b=C'],
  ['https://user:password@gw.example', 'https://gw.example'],
  [' https://gw.example\n', 'https://gw.example'],
  ['not a url', 'not a url'],
  ['', `tee:${ID}`],
  ['\u200b', `tee:${ID}`],
])('%j is the node %s', (endpoint, key) => {
  expect(nodeKey(endpoint, ID)).toBe(key);
});

test('an enclave that restarts behind the same endpoint is the same node', () => {
  expect(nodeKey('https://gw.example', ID)).toBe(nodeKey('https://GW.example/', OTHER));
});

test('nobody can claim the node of an empty endpoint by writing its key as an endpoint', () => {
  for (const claim of [`tee:${ID}`, `TEE:${ID}`, ` tee:${ID}`, `tee:\u200b${ID}`, `tee:///${ID}`, `te\u200be:${ID}`]) {
    expect(nodeKey(claim, OTHER)).not.toBe(nodeKey('', ID));
  }
});

test('law: a key is bounded, and written one way: the key of a key is itself', () => {
  const endpoint = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  fc.assert(
    fc.property(endpoint, (text) => {
      const key = nodeKey(text, ID);
      expect([...key].length).toBeLessThanOrEqual(256);
      expect(key).not.toBe('');
      expect(key).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, size: 'small' }), (text) => {
      const key = nodeKey(text, ID);
      fc.pre([...key].length < 256);
      expect(nodeKey(key, ID)).toBe(key);
    }),
  );
});
