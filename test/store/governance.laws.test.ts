import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROPOSAL_STATUSES, type ProposalReading, type VoteReading } from '../../src/lib/governanceFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { SOURCE, validator, voter } from './governanceSample.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((some) => some.replaceAll('\0', ''));
const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const seconds = fc.nat({ max: 2 ** 31 + 7 });
const choice = fc.nat({ max: 9 });
const orNull = <Value>(some: fc.Arbitrary<Value>) => fc.option(some, { nil: null });
const ratio = orNull(fc.record({ num: amount, den: amount }));

const reading = (ref: string): fc.Arbitrary<ProposalReading> =>
  fc.record({
    ...{ ref: fc.constant(ref), title: text, summary: text, proposer: orNull(text), link: orNull(text) },
    status: fc.constantFrom(...PROPOSAL_STATUSES),
    ...{ kinds: fc.array(text), choices: fc.array(text), tally: orNull(fc.array(amount)) },
    // Submitted at another moment it would be another proposal (a chain that was reset).
    submittedAtSeconds: orNull(fc.constant(1_000)),
    ...{ startAtSeconds: orNull(seconds), endAtSeconds: orNull(seconds) },
    votesCount: orNull(fc.nat()),
    terms: fc.record({
      unit: fc.record({ symbol: text, decimals: fc.nat({ max: 18 }) }),
      ...{ eligible: orNull(amount), eligibleWords: text, otherEligible: orNull(fc.record({ amount, words: text })) },
      ...{ quorum: orNull(amount), quorumChoices: fc.array(choice), threshold: ratio, veto: ratio },
      ...{ yes: orNull(choice), against: fc.array(choice), vetoChoice: orNull(choice), shielded: fc.boolean() },
    }),
  });

const ballot = (id: number): fc.Arbitrary<VoteReading> =>
  fc.record({
    voter: fc.constant(voter(id)),
    choices: fc.array(fc.record({ choice, weight: text }), { maxLength: 3 }),
    ...{ power: orNull(amount), castAtSeconds: orNull(seconds) },
  });

describe.each(DIALECTS)('what is known of governance, by law, on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
    url = await rig.emptyDatabase();
    store = await rig.open(url);
  });
  afterAll(() => rig.close());
  const runs = { numRuns: dialect === 'sqlite' ? 60 : 25 };
  let at = 0;

  test('what is saved is what is read', async () => {
    const votes = fc.subarray([1, 2, 3, 4]).chain((ids) => fc.tuple(...ids.map(ballot)));
    await fc.assert(
      fc.asyncProperty(reading('1'), votes, async (said, ballots) => {
        at += 1;
        const source = `s${at}.snapshot`;
        await store.governance.saveProposals({
          ...{ source, readings: [said], votes: new Map([['1', { votes: ballots, isComplete: true }]]) },
          ...{ clockSeconds: 5, nowMs: at },
        });
        const found = await store.governance.findProposal([source], '1');
        expect(found).toMatchObject({ source, storedVotes: ballots.length, firstSeenAtMs: at });
        expect(Object.fromEntries(Object.keys(said).map((key) => [key, (found as never)[key]]))).toEqual(said);
        const stored = await store.governance.votes(found?.id ?? 0, 10);
        const plain = stored.map(({ voter: who, choices, power, castAtSeconds }) => ({
          ...{ voter: who, choices, power, castAtSeconds },
        }));
        expect(plain.sort((a, b) => (a.voter < b.voter ? -1 : 1))).toEqual(ballots);
        // Said again, nothing has happened.
        const again = at;
        at += 1;
        await store.governance.saveProposals({
          ...{ source, readings: [said], votes: new Map([['1', { votes: ballots, isComplete: false }]]) },
          ...{ clockSeconds: 6, nowMs: at },
        });
        const { lastReadAtMs, ...rest } = (await store.governance.findProposal([source], '1')) ?? { lastReadAtMs: 0 };
        expect(lastReadAtMs).toBe(again + 1);
        expect({ ...rest, lastReadAtMs: again }).toEqual(found);
        expect(await store.governance.votes(found?.id ?? 0, 10)).toEqual(stored);
      }),
      runs,
    );
  }, 60_000);

  test('texts that a database cannot take are made so that it can', async () => {
    const bad = 'a\0b\ud800c';
    await store.governance.saveProposals({
      ...{ source: SOURCE, clockSeconds: 1, nowMs: 1, votes: new Map() },
      readings: [{ ...(fc.sample(reading('bad'), 1)[0] as ProposalReading), title: bad, choices: [bad] }],
    });
    const found = await store.governance.findProposal([SOURCE], 'bad');
    expect([found?.title, found?.choices]).toEqual(['ab\ufffdc', [bad]]);
    await store.governance.saveValidators({
      ...{ source: SOURCE, clockSeconds: 1, nowMs: 1, readings: [validator(1, { moniker: bad })] },
    });
    expect(await store.governance.validators(SOURCE)).toMatchObject([{ moniker: 'ab\ufffdc' }]);
  });

  test('whatever a source says, in whatever order: votes grow, moments are in order, and closed has a moment', async () => {
    const word = fc.record({
      said: orNull(reading('1')),
      ballots: fc.option(fc.subarray([1, 2, 3]).chain((ids) => fc.tuple(...ids.map(ballot)))),
      isComplete: fc.boolean(),
    });
    const CLOSED = ['passed', 'rejected', 'failed', 'canceled', 'queued', 'executed', 'closed'];
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        at += 1;
        const source = `w${at}.governor`;
        let votes = 0;
        let tallied = false;
        for (const { said, ballots, isComplete } of words) {
          at += 1;
          await store.governance.saveProposals({
            ...{ source, readings: said === null ? [] : [said], clockSeconds: at, nowMs: at },
            votes: new Map(ballots === null ? [] : [['1', { votes: ballots, isComplete }]]),
          });
          const found = await store.governance.findProposal([source], '1');
          if (found === null) continue;
          expect(found.storedVotes).toBeGreaterThanOrEqual(votes);
          votes = found.storedVotes;
          expect(await store.governance.votes(found.id, 10)).toHaveLength(votes);
          expect(found.tally !== null || !tallied).toBe(true);
          tallied = found.tally !== null;
          expect(found.closedAtMs !== null).toBe(CLOSED.includes(found.status));
          const moments = [found.statusAtMs, found.closedAtMs, found.endChangedAtMs, found.votesReadAtMs];
          for (const moment of moments) {
            if (moment === null) continue;
            expect(moment).toBeGreaterThanOrEqual(found.firstSeenAtMs);
            expect(moment).toBeLessThanOrEqual(at);
          }
          expect(found.previousEndAtSeconds === null).toBe(found.endChangedAtMs === null);
        }
      }),
      runs,
    );
  }, 60_000);
});
