import { metricsOf } from '../../src/insight/concentration.ts';
import { GaugeReplay } from '../../src/insight/gaugeReplay.ts';
import type { Hex } from '../../src/lib/facts.ts';
import { type EpochClock, type GaugeEvent, gaugeCursor, type Lock } from '../../src/lib/gaugeFacts.ts';
import type { ProposalReading, VoteReading } from '../../src/lib/governanceFacts.ts';
import type { GovernanceNetwork } from '../../src/lib/governanceNetwork.ts';
import { type SetKind, setId } from '../../src/lib/influence.ts';
import { knownFromKey } from '../../src/lib/proofFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { ESCROW, gaugeReading, lock, log, minted, VOTER, WEI } from '../store/gaugeSample.ts';
import { proposal, terms, validator, voter } from '../store/governanceSample.ts';
import { block, hex } from '../store/sample.ts';
import { NOW, NOW_MS } from './seed.ts';

/**
 * What the watchers would have stored of a year's governance: OpenGradient with five validators and proposals in every status, Bedrock
 * with eight epochs of gauge votes, a whale and a season that began, and Orchard, a Snapshot space with free choices.
 */
export async function seedGovernance(store: Store): Promise<void> {
  await seedProposals(store);
  await seedGauges(store);
  await seedSnapshot(store);
  await seedSets(store);
  await governanceIsFresh(store);
}

export const GOVERNANCE = 'opengradient.governance';
export const VALIDATORS = 'opengradient.validators';
export const VOTES = 'bedrock.votes';
export const SNAPSHOT = 'orchard.snapshot';

const DAY = 86_400;
const HOUR = 3_600;

/** A network that a test adds to `bot.context.governance`. */
export const ORCHARD: GovernanceNetwork = {
  name: 'orchard',
  title: 'Orchard DAO',
  origins: [{ source: SNAPSHOT, kind: 'snapshot', words: 'Snapshot space orchard.eth' }],
  missing: ['Token holders of Orchard DAO are not read here: no explorer is configured.'],
  caution: [],
};

/** Every source was read just now, and answered. */
export async function governanceIsFresh(
  store: Store,
  sources: readonly string[] = [GOVERNANCE, VALIDATORS, VOTES, SNAPSHOT],
): Promise<void> {
  for (const source of sources) {
    await store.sources.put({
      ...{ source, state: 'fresh', lastSuccessAtMs: NOW_MS - 5_000, lastAttemptAtMs: NOW_MS - 5_000 },
      ...{ failingSinceMs: null, error: null, shortError: null },
    });
  }
}

/** It was read an hour ago, and does not answer since. */
export async function isFailing(store: Store, source: string): Promise<void> {
  await store.sources.put({
    ...{ source, state: 'failing', lastSuccessAtMs: NOW_MS - HOUR * 1000, lastAttemptAtMs: NOW_MS - 5_000 },
    ...{ failingSinceMs: NOW_MS - HOUR * 1000, error: 'ECONNREFUSED', shortError: 'no answer' },
  });
}

// OpenGradient

/** By name; their addresses are `validatorOf(0)` and on. Each has one unit of power. */
export const MONIKERS = ['cedar', 'elm', 'fir', 'oak', 'pine'] as const;
export const validatorOf = (index: number): Hex => voter(0x51 + index);

export const seedValidators = (store: Store, changes: Parameters<typeof validator>[1][] = []): Promise<void> =>
  store.governance.saveValidators({
    source: VALIDATORS,
    readings: MONIKERS.map((moniker, index) => validator(0x51 + index, { moniker, ...changes[index] })),
    clockSeconds: NOW - 5,
    nowMs: NOW_MS - 5_000,
  });

export const ballot = (index: number, choice: number): VoteReading => ({
  voter: validatorOf(index),
  choices: [{ choice, weight: '1' }],
  power: WEI,
  castAtSeconds: null,
});

/** Terms of the chain: five units of bonded power, a third of it is the quorum. */
const poaTerms = terms({ eligible: 5n * WEI, quorum: (5n * WEI * 334n) / 1000n });

const tallyOf = (votes: readonly VoteReading[], choices = 4): bigint[] =>
  Array.from({ length: choices }, (_, at) =>
    votes.reduce((sum, { choices: [first], power }) => (first?.choice === at ? sum + (power ?? 0n) : sum), 0n),
  );

/** As a source says it, with the tally of these votes. */
export const poaProposal = (
  ref: string,
  votes: readonly VoteReading[],
  more: Partial<ProposalReading> = {},
): ProposalReading =>
  proposal(ref, {
    ...{ terms: poaTerms, tally: tallyOf(votes), proposer: validatorOf(0) },
    ...{ submittedAtSeconds: NOW - 3 * DAY, startAtSeconds: NOW - 2 * DAY, endAtSeconds: NOW + 5 * HOUR + 720 },
    ...more,
  });

/** Read at that time by a chain that agrees with this bot's clock. */
export const saveOn = (
  store: Store,
  source: string,
  said: { reading: ProposalReading; votes?: readonly VoteReading[] | undefined }[],
  atSeconds = NOW - 5,
): Promise<void> =>
  store.governance.saveProposals({
    source,
    readings: said.map(({ reading }) => reading),
    votes: new Map(
      said.flatMap(({ reading, votes }) =>
        votes === undefined ? [] : [[reading.ref, { votes, isComplete: true }] as const],
      ),
    ),
    clockSeconds: atSeconds,
    nowMs: atSeconds * 1000,
  });

/** Who voted what on those that are over: the index is the validator, the number the choice; fewer and fewer take part. */
const PAST: [ref: string, title: string, status: ProposalReading['status'], daysAgo: number, choices: number[]][] = [
  ['1', 'Admit validator cedar-2', 'passed', 340, [0, 0, 0, 0, 0]],
  ['2', 'Raise the block gas limit', 'passed', 200, [0, 0, 0, 0, 2]],
  ['3', 'Upgrade to v0.6.0', 'passed', 120, [0, 0, 0, 0]],
  ['4', 'Shorten the voting period', 'rejected', 80, [0, 2, 2, 2]],
  ['5', 'Burn the community pool', 'rejected', 60, [3, 3, 0, 0]],
  ['6', 'Enable missing precompiles', 'failed', 40, [0, 0, 0]],
  ['7', 'Raise the deposit', 'rejected', 20, [0]],
  ['8', 'Upgrade to v0.7.0', 'passed', 5, [0, 0]],
];

/** Proposals of the chain: 1 to 8 are over and their votes pruned, 9 collects its deposit, 10 to 12 are open. */
async function seedProposals(store: Store): Promise<void> {
  await seedValidators(store);
  for (const [ref, title, status, daysAgo, choices] of PAST) {
    const end = NOW - daysAgo * DAY;
    const votes = choices.map((choice, index) => ballot(index, choice));
    const times = { submittedAtSeconds: end - 3 * DAY, startAtSeconds: end - 2 * DAY, endAtSeconds: end };
    const reading = poaProposal(ref, votes, { title, ...times });
    await saveOn(store, GOVERNANCE, [{ reading, votes }], end - HOUR);
    // The chain forgets single votes with the final tally.
    await saveOn(store, GOVERNANCE, [{ reading: { ...reading, status }, votes: [] }], end + HOUR);
  }
  await saveOn(store, GOVERNANCE, [{ reading: poaProposal('11', [], { title: 'Extend the pilot' }) }], NOW - DAY);
  const votes = [ballot(0, 0), ballot(1, 0), ballot(2, 2)];
  await saveOn(store, GOVERNANCE, [
    {
      reading: poaProposal('9', [], {
        ...{ title: 'Add a faucet', status: 'deposit', tally: null, kinds: ['/cosmos.gov.v1.MsgExecLegacyContent'] },
        ...{ startAtSeconds: null, endAtSeconds: null },
      }),
    },
    { reading: poaProposal('10', [], { title: 'Lower the fees', endAtSeconds: NOW + 2 * DAY }), votes: [] },
    { reading: poaProposal('11', [], { title: 'Extend the pilot', endAtSeconds: NOW + 3 * DAY }), votes: [] },
    {
      reading: poaProposal('12', votes, {
        title: 'Admit validator larch',
        summary: 'Larch has run a node on the test network since May.',
      }),
      votes,
    },
  ]);
}

// Bedrock

const EPOCH_SECONDS = 14 * DAY;
/** This epoch: it began two and a half days ago. */
export const EPOCH = Math.floor(NOW / EPOCH_SECONDS);
const FIRST = EPOCH - 7;
/** The first epoch of season 2. */
const RESET = EPOCH - 3;

export const ALICE = voter(0xa1);
export const BOB = voter(0xb0);
const CAROL = voter(0xc1);
const DAVE = voter(0xd1);
const ERIN = voter(0xe1);
/** On the way out. */
export const FRANK = voter(0xf1);
/** Voted for the first time two epochs ago. */
const GIL = voter(0x91);

/** By token; Alice owns three. */
const LOCKS: readonly [id: number, owner: Hex, br: bigint][] = [
  [1, ALICE, 400_000n],
  [2, ALICE, 150_000n],
  [3, BOB, 90_000n],
  [4, CAROL, 60_000n],
  [5, DAVE, 40_000n],
  [6, ERIN, 20_000n],
  [7, ALICE, 50_000n],
  [8, FRANK, 30_000n],
  [9, GIL, 15_000n],
];

export const [UNIBTC, BRBTC, UNNAMED, OLD] = [0x6a1, 0x6b2, 0x6c3, 0x6d4].map((id) =>
  hex((BigInt(id) << 148n) + BigInt(id), 20),
) as [Hex, Hex, Hex, Hex];
/** What their metadata says. */
const METADATA: readonly [Hex, string][] = [
  [UNIBTC, '{"name":"uniBTC vault","site":"https://bedrock.example"}'],
  [BRBTC, 'brBTC on Berachain'],
  [UNNAMED, 'ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'],
  [OLD, 'Pool of 2025'],
];

/** Which locks voted in each epoch, from the first one on. */
const VOTED: readonly number[][] = [
  [1, 2, 3, 4, 5, 6, 8],
  [1, 2, 3, 4, 5, 6, 8],
  [1, 2, 3, 4, 5, 6],
  [1, 2, 3, 4, 5, 8],
  [1, 2, 3, 4],
  [1, 2, 3, 9],
  [1, 2, 3],
  [1, 7, 9],
];

const startOf = (epoch: number): number => epoch * EPOCH_SECONDS;

const clockAt = (seconds: number): EpochClock => {
  const epoch = Math.floor(seconds / EPOCH_SECONDS);
  const [voteStartSeconds, voteEndSeconds] = [startOf(epoch) + HOUR, startOf(epoch) + 7 * DAY - HOUR];
  return {
    epoch,
    startSeconds: startOf(epoch),
    endSeconds: startOf(epoch + 1),
    voteStartSeconds,
    voteEndSeconds,
    votingActive: seconds >= voteStartSeconds && seconds < voteEndSeconds,
  };
};

/** It grows by one half for each epoch since the season began. */
const powerAt = (br: bigint, epoch: number): bigint => {
  const since = BigInt(epoch >= RESET ? epoch - RESET : epoch - FIRST);
  return (br * WEI * (2n + since)) / 2n;
};

/** Alice votes for one gauge, all others for two. */
const shares = (id: number, power: bigint): [Hex, bigint][] =>
  id <= 2
    ? [[UNIBTC, power]]
    : [
        [BRBTC, (power * 2n) / 3n],
        [id === 3 ? UNNAMED : UNIBTC, power - (power * 2n) / 3n],
      ];

function gaugeLogs(): GaugeEvent[] {
  const begin = startOf(FIRST) - 20 * DAY;
  const events = METADATA.map(([gauge, text], at) => log('gauge-created', begin + at, { gauge, text, from: ESCROW }));
  for (const [id, owner, br] of LOCKS) {
    const at = begin + 100 + id;
    const tokenId = BigInt(id);
    events.push(minted(at, tokenId, owner));
    events.push(log('deposit', at, { logIndex: 1, emitter: ESCROW, from: owner, tokenId, valueWei: br * WEI }));
  }
  const seasonStarts = (season: number, start: number, announced: number): unknown =>
    events.push(log('season-started', announced, { emitter: hex(0xc1, 20), season, atSeconds: start }));
  seasonStarts(1, startOf(FIRST), begin + 200);
  let standing = new Map<number, [Hex, bigint][]>();
  for (const [index, ids] of VOTED.entries()) {
    const epoch = FIRST + index;
    const at = startOf(epoch) + 2 * HOUR;
    if (epoch === RESET) {
      seasonStarts(2, startOf(RESET), startOf(RESET) - DAY);
      standing = new Map();
    }
    for (const id of ids) {
      const [, owner, br] = LOCKS[id - 1] as (typeof LOCKS)[number];
      const votes = shares(id, powerAt(br, epoch));
      const common = { from: owner, tokenId: BigInt(id), epoch };
      const resets = (standing.get(id) ?? []).map(([gauge, valueWei]) => ({ kind: 'reset' as const, gauge, valueWei }));
      const casts = votes.map(([gauge, valueWei]) => ({ kind: 'voted' as const, gauge, valueWei }));
      for (const [logIndex, { kind, ...rest }] of [...resets, ...casts].entries()) {
        events.push(log(kind, at + id * 60, { logIndex, ...common, ...rest }));
      }
      standing.set(id, votes);
    }
  }
  const left = startOf(EPOCH - 1) + 9 * DAY;
  events.push(
    log('exit-queued', left, { from: FRANK, tokenId: 8n, atSeconds: left + 14 * DAY, emitter: hex(0x9e, 20) }),
  );
  events.push(log('transfer', left, { logIndex: 1, emitter: hex(0x7f, 20), from: FRANK, to: ESCROW, tokenId: 8n }));
  events.push(log('gauge-deactivated', left + 60, { gauge: OLD }));
  return events.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
}

const locksAt = (seconds: number): Lock[] =>
  LOCKS.map(([id, owner, br]) => {
    const exiting = id === 8 && seconds >= startOf(EPOCH);
    const power = exiting ? 0n : powerAt(br, Math.floor(seconds / EPOCH_SECONDS));
    return lock(id, owner, power, { amountWei: br * WEI, exiting, exitAtSeconds: exiting ? NOW + 6 * DAY : null });
  });

/** The gauge source as it is read now; what could vote is known of this epoch and the five before. */
export async function seedGauges(store: Store): Promise<void> {
  const events = gaugeLogs();
  await store.gauges.saveEvents(VOTES, events, { name: gaugeCursor(VOTES, 56), block: block(NOW - 5) });
  await store.meta.set(knownFromKey(gaugeCursor(VOTES, 56)), String(startOf(FIRST) - 30 * DAY));
  const replay = new GaugeReplay(VOTER);
  replay.apply(events);
  const { gaugeTotals, totalWei } = replay.stateAt(NOW - 5);
  const moments = [5, 4, 3, 2, 1].map((ago) => startOf(EPOCH - ago) + 6 * DAY);
  for (const at of [...moments, NOW - 5]) {
    const clock = clockAt(at);
    await store.gauges.saveReading(
      gaugeReading({
        block: block(at),
        clock,
        season: clock.epoch >= RESET ? { index: 2, startSeconds: startOf(RESET), endSeconds: null } : SEASON_ONE,
        gauges: METADATA.map(([address, text]) => ({
          ...{ address, text, active: address !== OLD, createdAtSeconds: startOf(FIRST) - 20 * DAY },
          votesWei: gaugeTotals.get(address) ?? 0n,
        })),
        totalCastWei: totalWei,
        totalLockedWei: LOCKS.reduce((sum, [, , br]) => sum + br * WEI, 0n),
        locks: locksAt(at),
      }),
      at * 1000,
    );
  }
}

const SEASON_ONE = { index: 1, startSeconds: startOf(FIRST), endSeconds: startOf(RESET) };

// Orchard

/** Ids as Snapshot has them. */
export const orchardRef = (id: number): string => hex((BigInt(0x3f9a00 + id) << 232n) + BigInt(id));

export const freeTerms = terms({
  ...{ unit: { symbol: 'APPLE', decimals: 18 }, eligible: null, eligibleWords: '', quorum: 1_000n * WEI },
  ...{ quorumChoices: [0, 1, 2], threshold: null, veto: null, yes: null, against: [], vetoChoice: null },
});

export const orchardVote = (id: number, choices: VoteReading['choices'], apples: bigint): VoteReading => ({
  ...{ voter: voter(0x1000 + id), choices, power: apples * WEI, castAtSeconds: NOW - HOUR - id * 60 },
});

export const orchardProposal = (id: number, more: Partial<ProposalReading> = {}): ProposalReading =>
  proposal(orchardRef(id), {
    ...{ title: `Orchard vote ${id}`, kinds: ['single-choice'], proposer: voter(0x1001), terms: freeTerms },
    ...{ choices: ['Plant pears', 'Plant plums', 'Nothing'], tally: [0n, 0n, 0n] },
    ...{ submittedAtSeconds: NOW - 3 * DAY, startAtSeconds: NOW - 2 * DAY, endAtSeconds: NOW + 26 * HOUR },
    link: `https://snapshot.box/#/s:orchard.eth/proposal/${orchardRef(id)}`,
    ...more,
  });

/** 1 is over, with a split vote; 2 is open and its choices are free; 3 is open, and its votes are hidden. */
async function seedSnapshot(store: Store): Promise<void> {
  const one = (choice: number): VoteReading['choices'] => [{ choice, weight: '1' }];
  const split = [
    { choice: 0, weight: '0.6' },
    { choice: 1, weight: '0.4' },
  ];
  const past = [orchardVote(1, split, 500n), orchardVote(2, one(1), 300n), orchardVote(3, one(0), 20n)];
  const now = [orchardVote(1, one(0), 500n), orchardVote(2, one(1), 120n), orchardVote(4, one(1), 90n)];
  const hidden = [orchardVote(1, [], 500n), orchardVote(2, [], 120n)];
  const times = { submittedAtSeconds: NOW - 30 * DAY, startAtSeconds: NOW - 29 * DAY, endAtSeconds: NOW - 25 * DAY };
  await saveOn(store, SNAPSHOT, [
    {
      reading: orchardProposal(1, {
        ...{ title: 'Which trees first?', status: 'closed', kinds: ['weighted'], ...times },
        ...{ tally: [320n * WEI, 500n * WEI, 0n], votesCount: 3 },
      }),
      votes: past,
    },
    {
      reading: orchardProposal(2, { title: 'What to plant', tally: [500n * WEI, 210n * WEI, 0n], votesCount: 3 }),
      votes: now,
    },
    {
      reading: orchardProposal(3, {
        ...{ title: 'A secret ballot', tally: null, votesCount: 2, terms: { ...freeTerms, shielded: true } },
      }),
      votes: hidden,
    },
  ]);
}

// Sets by day

/** Keeps a set as it was `daysAgo`; members are `[label, weight]`, heaviest first, and their ids are their labels. */
async function seedSet(
  store: Store,
  network: string,
  kind: SetKind,
  members: readonly (readonly [label: string, weight: bigint])[],
  { daysAgo = 0, left = [] }: { daysAgo?: number; left?: string[] } = {},
): Promise<void> {
  const atSeconds = NOW - 5 - daysAgo * DAY;
  const symbol = kind === 'validators' ? 'power' : 'BR';
  await store.sets.save(
    {
      ...{ set: setId(network, kind), network, kind, atSeconds, left, words: `${kind} of ${network}` },
      unit: { symbol, decimals: 18 },
      members: members.map(([label, weight]) => ({ id: label, label, weight: weight * WEI })),
    },
    metricsOf(members.map(([, weight]) => weight * WEI)),
    atSeconds * 1000,
  );
}

/** Validators are as many as ever; the whale's share of the gauge votes grows from day to day. */
async function seedSets(store: Store): Promise<void> {
  for (const daysAgo of [30, 14, 7, 3, 1, 0]) {
    await seedSet(
      store,
      'opengradient',
      'validators',
      MONIKERS.map((name) => [name, 1n] as const),
      { daysAgo },
    );
    const whale = 1_500n - BigInt(daysAgo) * 30n;
    const voters = [
      [ALICE, whale],
      [BOB, 200n],
      [CAROL, 150n],
      [GIL, 40n],
    ] as const;
    await seedSet(store, 'bedrock', 'gauge-voters', voters, { daysAgo });
    await seedSet(
      store,
      'bedrock',
      'power',
      [
        [ALICE, 1_500n],
        [BOB, 225n],
        [CAROL, 150n],
        [DAVE, 100n],
        [ERIN, 50n],
      ],
      {
        daysAgo,
        left: ['1 lock on the way out'],
      },
    );
    await seedSet(
      store,
      'bedrock',
      'gauges',
      [
        [UNIBTC, 1_400n],
        [BRBTC, 300n - BigInt(daysAgo)],
        [UNNAMED, 75n],
      ],
      {
        daysAgo,
      },
    );
  }
}
