import { describe, expect, test } from 'vitest';
import { inferenceSet, operatorSet } from '../../../src/insight/sets/nodes.ts';
import { publisherSet, useSet } from '../../../src/insight/sets/publishers.ts';
import { validatorSet } from '../../../src/insight/sets/validators.ts';
import type { Hex } from '../../../src/lib/facts.ts';
import type { ValidatorReading } from '../../../src/lib/governanceFacts.ts';
import { hex } from '../../store/sample.ts';

const [A, B] = [hex(0xa1, 20), hex(0xb1, 20)];
const INPUT = { network: 'opengradient', atSeconds: 1_000, words: 'somewhere' };
const weights = (set: { members: { id: string; weight: bigint }[] }) =>
  set.members.map(({ id, weight }) => [id, weight]);

const validator = (address: Hex, tokens: number, more: Partial<ValidatorReading> = {}): ValidatorReading => ({
  address,
  consensus: null,
  moniker: '',
  status: 'bonded',
  jailed: false,
  tombstoned: false,
  tokensWei: BigInt(tokens) * 10n ** 18n,
  jailedUntilSeconds: null,
  missedBlocks: null,
  windowBlocks: null,
  minSignedPpm: null,
  startHeight: null,
  ...more,
});

test('validators: the bonded ones by their tokens, by a name that is safe to show', () => {
  const set = validatorSet(
    [
      validator(A, 1, { moniker: ' al\u200Bpha\n' }),
      validator(B, 2),
      validator(hex(3, 20), 9, { status: 'unbonding', jailed: true }),
      validator(hex(4, 20), 0),
    ],
    INPUT,
  );
  expect(set.members).toEqual([
    { id: B, label: B, weight: 2n * 10n ** 18n },
    { id: A, label: 'alpha', weight: 10n ** 18n },
  ]);
  expect(set.unit).toEqual({ symbol: 'power', decimals: 18 });
  expect(set.left).toEqual(['1 validator not bonded', '1 bonded validator without power']);
});

describe('nodes', () => {
  const record = (owner: Hex, enabled = true, registeredAtSeconds = 1) => ({ owner, enabled, registeredAtSeconds });
  const nodes = [
    { id: 1, records: [record(A), record(A, true, 2)] },
    { id: 2, records: [record(A.toUpperCase().replace('0X', '0x') as Hex)] },
    { id: 3, records: [record(A, false, 9), record(B, true, 3), record(A, true, 2)] },
    { id: 4, records: [record(B, false)] },
  ];

  test('count once each for the owner of their newest enabled registration', () => {
    const set = operatorSet(nodes, INPUT);
    expect(weights(set)).toEqual([
      [A, 2n],
      [B, 1n],
    ]);
    expect(set.left).toEqual(['1 node not enabled', '3 nodes of 2 owners: each owner counts as one']);
    expect(operatorSet([], INPUT).members).toEqual([]);
  });

  test('bring their answers to their owners, the network’s own sum apart', () => {
    const rows = [
      { nodeId: 0, valid: 100 },
      { nodeId: 1, valid: 7 },
      { nodeId: 2, valid: 1 },
      { nodeId: 4, valid: 5 },
      { nodeId: -1, valid: 2 },
      { nodeId: 99, valid: 1 },
      { nodeId: 3, valid: 0 },
    ];
    const window = { fromSeconds: 500, knownFromSeconds: 400 };
    const set = inferenceSet(rows, nodes, { ...INPUT, ...window });
    expect(weights(set)).toEqual([
      [A, 8n],
      [B, 5n],
    ]);
    expect(set.left).toEqual([
      '3 answers of no known node',
      '3 nodes of 2 owners: each owner counts as one',
      'answers that nobody settled are not seen',
    ]);
    const part = inferenceSet([], nodes, { ...INPUT, ...window, knownFromSeconds: 600 });
    expect(part.left).toEqual(['settlements are known only since 1970-01-01 00:10:00 UTC']);
    const unknown = inferenceSet([], nodes, { ...INPUT, ...window, knownFromSeconds: null });
    expect(unknown.left).toEqual(['settlements are known not for all of that time']);
  });
});

test('authors are one whatever their case; by listings and by use they are different sets', () => {
  const authors = [
    { author: 'Acme', models: 2, uses: 0 },
    { author: 'acme', models: 1, uses: 3 },
    { author: 'Zed', models: 0, uses: 40 },
  ];
  expect(publisherSet(authors, INPUT).members).toEqual([{ id: 'acme', label: 'Acme', weight: 3n }]);
  const used = useSet(authors, { ...INPUT, unlistedUses: 1, sharedFiles: 2 });
  expect(weights(used)).toEqual([
    ['zed', 40n],
    ['acme', 3n],
  ]);
  expect(used.left).toEqual([
    '1 use of files that no model is known to have',
    '2 files of several authors: counted for whom it was first seen listed',
  ]);
});
