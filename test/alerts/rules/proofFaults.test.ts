import { expect, test } from 'vitest';
import { proofParty } from '../../../src/alerts/rules/proofParty.ts';
import { proofRoot } from '../../../src/alerts/rules/proofRoot.ts';
import { proofSignature } from '../../../src/alerts/rules/proofSignature.ts';
import type { SettlementParty } from '../../../src/store/proofRepository.ts';
import {
  CHAIN_START,
  HOSTILE,
  type Moment,
  node,
  ownerOf,
  record,
  settlement,
  teeIdOf,
  WALL_START_MS,
} from '../facts.ts';
import { brief, play, tell } from './story.ts';

const moment = (at: number, proofs: Moment['proofs'], nodes: Moment['nodes'] = []): Moment => ({
  at,
  nodes,
  proofs: proofs ?? {},
});
const wrong = (id: number, more: Parameters<typeof settlement>[1] = {}) =>
  settlement(id, { state: 'root-mismatch', reason: 'the tree has another root', ...more });

test('a root that does not match is told once, and ends without a word when a day has passed', () => {
  const { told, open } = play(
    [proofRoot],
    [moment(10, { faults: [wrong(1)] }), moment(20, { faults: [wrong(1)] }), moment(90_000, {})],
  );
  expect(brief(told)).toEqual(['10 fired wrong critical']);
  expect(open).toEqual([]);
  expect(told[0]?.text).toContain(
    'The Merkle root on chain is not that of the proof that was published: the tree has another root.',
  );
  expect(told[0]?.view.actions?.map(({ command }) => command)).toEqual([`proof check ${settlement(1).blobId}`]);
});

test('the same transaction under another number, as after a reorganisation, is the same fault', () => {
  const again = wrong(7, { txHash: settlement(1).txHash });
  expect(tell(proofRoot, [moment(10, { faults: [wrong(1)] }), moment(20, { faults: [again] })])).toHaveLength(1);
});

test.each(['count-mismatch', 'malformed'] as const)('%s is told as what it is', (state) => {
  const [told] = tell(proofRoot, [moment(10, { faults: [wrong(1, { state })] })]);
  expect(told?.text).toContain(state === 'malformed' ? 'published as the proof is none' : 'another number of answers');
});

test('while nothing was read, nothing ends', () => {
  const { open } = play([proofRoot], [moment(10, { faults: [wrong(1)] }), { at: 20, nodes: [] }]);
  expect(open).toHaveLength(1);
});

test('a flood of one new emitter is told as one, and does not drown the relay that was there before', () => {
  const stranger = ownerOf(9);
  const flood = Array.from({ length: 500 }, (_, id) => wrong(id, { emitter: stranger }));
  const newParties = [party({ address: stranger })];
  const { told } = play([proofRoot], [moment(10, { faults: [...flood, wrong(900)], newParties })]);
  const heard = told.filter(({ inhibitedBy }) => inhibitedBy === null);
  expect(heard.map(({ view }) => view.title).sort()).toEqual([
    expect.stringMatching(/^Proof does not match: transaction 0x/),
    'Proofs do not match: 500 settlements',
  ]);
  expect(told.length).toBeLessThan(30);
});

test('of a flood that goes beyond what is looked at no further ones are opened as the oldest are cut off', () => {
  const stranger = ownerOf(9);
  const newParties = [party({ address: stranger })];
  const flood = (from: number, count: number) => ({
    faults: Array.from({ length: count }, (_, id) => wrong(from + id, { emitter: stranger })),
    newParties,
  });
  const few = play([proofRoot], [moment(10, flood(0, 21))]).told.length;
  const moments = [10, 20, 30, 40].map((at) => moment(at, at === 10 ? flood(0, 21) : flood(at * 100, 1_000)));
  expect(play([proofRoot], moments).told).toHaveLength(few);
});

const forged = (id: number, bad: number, more: Parameters<typeof settlement>[1] = {}) =>
  settlement(id, { counts: { ...settlement(id).counts, 'bad-signature': bad }, ...more });

test('bad signatures of a batch are counted; those of an individual one name its node', () => {
  const nodes = [node(4, [record(1)])];
  const answer = {
    ...{ teeId: teeIdOf(1), requestHash: teeIdOf(5), outputHash: teeIdOf(6), signedAtSeconds: CHAIN_START },
    ...{ signature: new Uint8Array(256), payer: null },
  };
  const { told, open } = play(
    [proofSignature],
    [
      moment(
        10,
        { faults: [forged(1, 3), forged(2, 1, { kind: 'individual', answer, blobId: HOSTILE }), wrong(3)] },
        nodes,
      ),
    ],
  );
  expect(brief(told)).toEqual(['10 fired forged critical', '10 fired forged critical']);
  expect(told[0]?.text).toContain('3 answers not signed by the node that each names; 20 others in it are valid.');
  expect(told[1]?.view.title).toBe('Bad signature: node1.example');
  expect(told[1]?.view.actions).toEqual([]);
  expect(open.map(({ nodeId, owner }) => [nodeId, owner])).toEqual([
    [null, null],
    [4, ownerOf(1)],
  ]);
});

test('a reason from outside stays text, and short', () => {
  const [told] = tell(proofRoot, [moment(10, { faults: [wrong(1, { reason: HOSTILE })] })]);
  expect(told?.text.length).toBeLessThan(800);
  expect(told?.text).not.toMatch(/[\u202e\n]/);
});

function party(more: Partial<SettlementParty> = {}): SettlementParty {
  return {
    ...{ address: ownerOf(1), kind: 'emitter', firstSeenAtSeconds: CHAIN_START, firstSeenAtMs: WALL_START_MS },
    ...{ lastSeenAtSeconds: CHAIN_START, events: 3, atFirst: false },
    ...more,
  };
}

test.each([
  [[], [], 'emitter', 'they count, as the operator has no list'],
  [[ownerOf(2)], [], 'emitter', 'refused'],
  [[ownerOf(2)], [ownerOf(1)], 'emitter', 'they count, as it is on the operator’s list'],
  [[ownerOf(1).toUpperCase().replace('X', 'x')], [], 'sender', 'they count, as it is on the operator’s list'],
  [[ownerOf(2)], [ownerOf(1)], 'sender', 'refused'],
] as const)('with senders %j and relays %j a new %s is said to be: %s', (senders, relays, kind, words) => {
  const rule = proofParty({ senders, relays });
  const told = tell(rule, [
    moment(10, { newParties: [party({ kind })] }),
    moment(20, { newParties: [party({ kind, events: 9 })] }),
    moment(90_000, {}),
  ]);
  expect(brief(told)).toEqual(['10 fired new info']);
  expect(told[0]?.view.title).toMatch(new RegExp(`^New ${kind} of settlements: 0x`));
  expect(told[0]?.text).toContain(words);
});

test('hundreds of new emitters within an hour are ten and the rest', () => {
  const rule = proofParty({ senders: [], relays: [] });
  const many = Array.from({ length: 300 }, (_, at) =>
    party({ address: ownerOf(at), firstSeenAtMs: WALL_START_MS + at }),
  );
  const told = tell(rule, [moment(10, { newParties: many.slice(0, 150) }), moment(20, { newParties: many })]);
  expect(told).toHaveLength(11);
  expect(told.at(-1)?.view.title).toBe('New emitters and senders: 140');
});

test('those of an hour that were told as one are not told one by one when the first of them are a day old', () => {
  const rule = proofParty({ senders: [], relays: [] });
  const many = Array.from({ length: 30 }, (_, at) =>
    party({ address: ownerOf(at), firstSeenAtMs: WALL_START_MS + at * 60_000 }),
  );
  const after = (seconds: number) =>
    many.filter(({ firstSeenAtMs }) => WALL_START_MS + seconds * 1000 - firstSeenAtMs <= 86_400_000);
  const told = tell(
    rule,
    [1_800, 86_460, 86_700, 87_600].map((seconds) => moment(seconds, { newParties: after(seconds) })),
  );
  expect(told.map(({ at }) => at).filter((at) => at > 1_800)).toEqual([]);
  expect(told).toHaveLength(11);
});
