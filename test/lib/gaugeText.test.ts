import { expect, test } from 'vitest';
import { nameInMetadata } from '../../src/lib/gaugeText.ts';

test.each([
  ['uniBTC vault', 'uniBTC vault'],
  ['{"name":"brBTC","site":"https://x.example"}', 'brBTC'],
  [' {"name":"spaced"}', 'spaced'],
  ['{"name":7}', ''],
  ['{"name":', ''],
  ['{}', ''],
  ['ipfs://bafybeigdyrzt5', ''],
  ['HTTPS://x.example/gauge.json', ''],
  ['data:application/json;base64,e30=', ''],
  ['', ''],
])('of %j it is %j', (text, name) => {
  expect(nameInMetadata(text)).toBe(name);
});
