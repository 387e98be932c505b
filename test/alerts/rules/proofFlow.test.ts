import { expect, test } from 'vitest';
import { proofDelay } from '../../../src/alerts/rules/proofDelay.ts';
import { proofSilence } from '../../../src/alerts/rules/proofSilence.ts';
import { proofUnsigned } from '../../../src/alerts/rules/proofUnsigned.ts';
import { defaultProofThresholds } from '../../../src/insight/proofLabels.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../../src/lib/proofFacts.ts';
import { CHAIN_START, type Moment } from '../facts.ts';
import { brief, tell } from './story.ts';

const moment = (at: number, proofs: Moment['proofs']): Moment => ({ at, nodes: [], proofs: proofs ?? {} });

const silence = proofSilence(defaultProofThresholds);
type Rise = number | null;
const quiet = (at: number, lastAt: number, facilitator: Rise, base: Rise = null): Moment =>
  moment(at, {
    lastBatchAtSeconds: CHAIN_START + lastAt,
    usage: [
      { source: 'facilitator', rise: facilitator },
      { source: 'base', rise: base },
    ],
  });

test('no batch for 30 min while the network is used is told, and ends with the next batch', () => {
  const told = tell(silence, [quiet(1_800, 0, 5), quiet(1_801, 0, 5, 2), quiet(1_900, 1_890, 5)]);
  expect(brief(told)).toEqual(['1801 fired in-use warning', '1900 resolved in-use warning']);
  expect(told[0]?.text).toContain('No batch for 30 min 1 s');
  expect(told[0]?.text).toContain('5 requests at the facilitator and 2 payments on Base in the last 30 min');
  expect(told[1]?.view.tone).toBe('ok');
});

test('where neither can be read there is no sign either way, and it says so', () => {
  const told = tell(silence, [quiet(1_801, 0, null), moment(1_900, { lastBatchAtSeconds: CHAIN_START })]);
  expect(brief(told)).toEqual(['1801 fired no-sign info']);
  expect(told[0]?.text).toContain('no sign either way');
});

test('where use is read and rests, nothing is missing', () => {
  expect(tell(silence, [quiet(1_801, 0, 0), quiet(9_000, 0, 0, null), quiet(9_100, 0, null, 0)])).toEqual([]);
});

test('use that rests for a while ends it, as something else than a batch', () => {
  const told = tell(silence, [
    quiet(1_801, 0, 5),
    quiet(2_000, 0, 0),
    quiet(2_100, 0, 1),
    quiet(3_000, 0, 0),
    quiet(3_900, 0, 0),
  ]);
  expect(brief(told)).toEqual(['1801 fired in-use warning', '3900 resolved in-use warning']);
  expect(told[1]?.view).toMatchObject({ tone: 'info', headline: 'Nothing left to prove' });
});

test('before any batch is known, and while settlements cannot be read, nothing is said', () => {
  expect(tell(silence, [moment(9_000, { usage: [{ source: 'base', rise: 5 }] })])).toEqual([]);
  const failing = { states: { [SETTLEMENT_SOURCE]: { state: 'failing' as const } } };
  expect(tell(silence, [{ ...quiet(1_900, 0, 5), ...failing }])).toEqual([]);
  expect(brief(tell(silence, [quiet(1_801, 0, 5), { ...quiet(1_900, 1_890, 5), ...failing }]))).toHaveLength(1);
});

test('a chain without batches for days is history', () => {
  expect(tell(silence, [quiet(86_401, 0, 5)])).toEqual([]);
});

const delay = proofDelay(defaultProofThresholds);
const slow = (at: number, p90: number, count = 40): Moment =>
  moment(at, {
    lastHour: [{ mode: 'batch', settled: count, unsigned: 0, badSignature: 0, recent: { count, p50: 600, p90 } }],
  });

test('a p90 above the threshold is told after half an hour of it, by chain time', () => {
  const told = tell(delay, [
    slow(0, 2_000),
    slow(1_799, 2_000),
    slow(1_800, 2_100),
    slow(2_000, 1_000),
    slow(2_600, 900),
  ]);
  expect(brief(told)).toEqual(['1800 fired slow warning', '2600 resolved slow warning']);
  expect(told[0]?.text).toContain('One in ten answers waits over 35 min');
  expect(told[0]?.text).toContain('Told above 30 min');
});

test('a p90 that was lower in between begins anew; one of four answers is none', () => {
  expect(tell(delay, [slow(0, 2_000), slow(900, 1_000), slow(1_800, 2_000), slow(3_000, 2_000)])).toEqual([]);
  expect(tell(delay, [slow(0, 2_000, 4), slow(3_000, 2_000, 4)])).toEqual([]);
});

test('while proofs cannot be checked nothing is said of delays', () => {
  const failing = { states: { [PROOF_SOURCE]: { state: 'failing' as const } } };
  expect(
    tell(delay, [
      { ...slow(0, 2_000), ...failing },
      { ...slow(2_000, 2_000), ...failing },
    ]),
  ).toEqual([]);
});

const unsigned = proofUnsigned(defaultProofThresholds);
const share = (at: number, bad: number, settled: number): Moment =>
  moment(at, { lastHour: [{ mode: 'batch', settled, unsigned: bad, badSignature: 0, recent: null }] });

test('a share of unsigned answers above a tenth is told from 20 answers on', () => {
  expect(tell(unsigned, [share(0, 2, 20), share(10, 19, 19)])).toEqual([]);
  const told = tell(unsigned, [share(0, 3, 20), share(100, 1, 40), share(700, 0, 5)]);
  expect(brief(told)).toEqual(['0 fired unsigned warning', '700 resolved unsigned warning']);
  expect(told[0]?.text).toContain('15 % without a signature: 3 of 20 answers settled in an hour. Told above 10 %.');
  expect(told[1]?.text).toContain('Too few answers to tell now');
});
