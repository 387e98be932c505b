import { evaluate } from '../../src/alerts/evaluate.ts';
import type { GaugeBook } from '../../src/alerts/gaugeBook.ts';
import { govSources } from '../../src/alerts/govRule.ts';
import type { AlertFacts, Rule } from '../../src/alerts/rule.ts';
import { GaugeReplay } from '../../src/insight/gaugeReplay.ts';
import type { Hex, SourceState } from '../../src/lib/facts.ts';
import type { GaugeEvent, Lock } from '../../src/lib/gaugeFacts.ts';
import type { GovernanceNetwork } from '../../src/lib/governanceNetwork.ts';
import type {
  GovernanceFacts,
  StoredProposal,
  StoredValidator,
  StoredVote,
} from '../../src/store/governanceRepository.ts';
import type { StoredIncident } from '../../src/store/store.ts';
import { applied, CHAIN_START, factsAt, ownerOf, status, teeIdOf, WALL_START_MS, wordsOf } from './facts.ts';

export const CHAIN = 'opengradient.governance';
export const VALIDATORS = 'opengradient.validators';
export const GAUGES = 'bedrock.votes';
export const SPACE = 'bedrock.snapshot';

export const NETWORKS: readonly GovernanceNetwork[] = [
  {
    ...{ name: 'opengradient', title: 'OpenGradient', missing: [], caution: [] },
    origins: [
      { source: CHAIN, kind: 'cosmos', words: 'gov precompile 0x0000…0805 on chain 10740' },
      { source: VALIDATORS, kind: 'validators', words: 'staking precompile 0x0000…0800 on chain 10740' },
    ],
  },
  {
    ...{ name: 'bedrock', title: 'Bedrock', missing: [], caution: [] },
    origins: [
      { source: GAUGES, kind: 've-season', words: 'vote escrow 0xe978…0c16 on chain 56' },
      { source: SPACE, kind: 'snapshot', words: 'Snapshot space bedrock.eth' },
    ],
  },
];
export const SOURCES = govSources(NETWORKS);

export const atMs = (at: number): number => WALL_START_MS + at * 1000;
/** By the clock of every source here: it differs from this bot's. */
export const clockAt = (at: number): number => CHAIN_START + at;
export const DAY = 86_400;
export const HOUR = 3_600;

/** Proposal 1 of the chain, first seen at the start of the story; voting began an hour before and runs three days in all. */
export function proposal(more: Partial<StoredProposal> = {}): StoredProposal {
  return {
    ...{ id: 1, source: CHAIN, ref: '12', title: 'Raise the block gas limit', summary: '', proposer: ownerOf(9) },
    ...{ status: 'voting', kinds: ['/cosmos.gov.v1.MsgExecLegacyContent'], submittedAtSeconds: clockAt(-HOUR) },
    ...{ startAtSeconds: clockAt(-HOUR), endAtSeconds: clockAt(3 * DAY - HOUR) },
    ...{ choices: ['yes', 'abstain', 'no', 'no with veto'], tally: [0n, 0n, 0n, 0n] },
    terms: {
      ...{ unit: { symbol: 'power', decimals: 0 }, eligible: 100n, eligibleWords: 'bonded power', otherEligible: null },
      ...{ quorum: 40n, quorumChoices: [0, 1, 2, 3], threshold: { num: 1n, den: 2n }, veto: { num: 1n, den: 3n } },
      ...{ yes: 0, against: [2, 3], vetoChoice: 3, shielded: false },
    },
    ...{ votesCount: null, link: null, atFirst: false, firstSeenAtMs: atMs(0), lastReadAtMs: atMs(0) },
    ...{ statusAtMs: atMs(0), previousEndAtSeconds: null, endChangedAtMs: null, closedAtMs: null },
    ...{ closedAtSeconds: null, votesReadAtMs: null, storedVotes: 0 },
    ...more,
  };
}

export const vote = (voter: number, power: bigint, at: number, more: Partial<StoredVote> = {}): StoredVote => ({
  ...{ voter: ownerOf(voter), choices: [{ choice: 0, weight: '1' }], power, castAtSeconds: null },
  ...{ proposalId: 1, firstSeenAtMs: atMs(at), changedAtMs: null, atFirst: false },
  ...more,
});

export const validator = (index: number, more: Partial<StoredValidator> = {}): StoredValidator => ({
  ...{ address: ownerOf(index), consensus: ownerOf(index + 50), moniker: `validator-${index}`, status: 'bonded' },
  ...{ jailed: false, tombstoned: false, tokensWei: 10n ** 18n, jailedUntilSeconds: null },
  ...{ missedBlocks: 0, windowBlocks: 1_000, minSignedPpm: 500_000, startHeight: 1n },
  ...{ source: VALIDATORS, atFirst: true, firstSeenAtMs: atMs(-30 * DAY), lastReadAtMs: atMs(0) },
  ...{ jailedAtMs: null, unjailedAtMs: null, goneAtMs: null, returnedAtMs: null },
  ...{ previousTokensWei: null, powerChangedAtMs: null },
  ...more,
});

const ESCROW: Hex = `0x${'e9'.repeat(20)}`;
const VOTER_CONTRACT: Hex = `0x${'70'.repeat(20)}`;
const GAUGE: Hex = `0x${'6a'.repeat(20)}`;
const ZERO: Hex = `0x${'0'.repeat(40)}`;

let logIndex = 0;
/** One log, of which is said only what matters. */
export function gaugeEvent(at: number, more: Partial<GaugeEvent> & Pick<GaugeEvent, 'kind'>): GaugeEvent {
  logIndex += 1;
  return {
    ...{
      blockNumber: BigInt(10_000_000 + at),
      logIndex,
      blockTimestampSeconds: clockAt(at),
      txHash: teeIdOf(logIndex),
    },
    ...{ emitter: VOTER_CONTRACT, from: null, to: null, gauge: null, tokenId: null, epoch: null, valueWei: null },
    ...{ gaugeTotalWei: null, totalWei: null, weightBps: null, atSeconds: null, season: null, text: null },
    ...more,
  };
}

export const minted = (token: number, owner: number, at = -40 * DAY): GaugeEvent =>
  gaugeEvent(at, { kind: 'transfer', emitter: ESCROW, from: ZERO, to: ownerOf(owner), tokenId: BigInt(token) });

export const voted = (token: number, owner: number, epoch: number, at: number, power = 10n): GaugeEvent =>
  gaugeEvent(at, {
    ...{ kind: 'voted', from: ownerOf(owner), gauge: GAUGE, tokenId: BigInt(token), epoch, valueWei: power },
  });

export const lock = (token: number, owner: number, more: Partial<Lock> = {}): Lock => ({
  ...{ id: String(token), owner: ownerOf(owner), amountWei: 10n, startSeconds: 0, endSeconds: null, powerWei: 10n },
  ...{ exiting: false, exitAtSeconds: null },
  ...more,
});

/** The window of epoch 7 opened an hour before the story begins, and is a week long; the epoch two. */
export const EPOCH = { epoch: 7, from: -HOUR, to: 7 * DAY - HOUR };

/** What is known of Bedrock's gauges at a moment, by the real replay of its logs up to then. */
export function gaugesAt(
  at: number,
  {
    events = [],
    locks = [],
    epoch = EPOCH,
    eligible = [{ epoch: 6, to: -8 * DAY }],
    hasClock = true,
    isComplete = true,
  }: {
    events?: readonly GaugeEvent[];
    locks?: Lock[];
    epoch?: typeof EPOCH;
    /** Epochs that were read before their vote ended. */
    eligible?: { epoch: number; to: number; powerWei?: bigint; wallets?: number; season?: number }[];
    hasClock?: boolean;
    isComplete?: boolean;
  } = {},
): GaugeBook {
  const replay = new GaugeReplay();
  replay.apply(events.filter(({ blockTimestampSeconds }) => blockTimestampSeconds <= clockAt(at)));
  return {
    source: GAUGES,
    reading: {
      ...{ source: GAUGES, chainId: 56, unit: { symbol: 'veBR', decimals: 0 }, token: ESCROW },
      block: { number: BigInt(10_000_000 + at), hash: teeIdOf(1), timestampSeconds: clockAt(at) },
      contracts: { escrow: ESCROW, voter: VOTER_CONTRACT },
      clock: hasClock
        ? {
            ...{
              epoch: epoch.epoch,
              startSeconds: clockAt(epoch.from - HOUR),
              endSeconds: clockAt(epoch.to + 7 * DAY),
            },
            ...{ voteStartSeconds: clockAt(epoch.from), voteEndSeconds: clockAt(epoch.to) },
            votingActive: epoch.from <= at && at < epoch.to,
          }
        : null,
      ...{
        season: null,
        gauges: [],
        totalCastWei: null,
        totalLockedWei: null,
        tokenSupplyWei: null,
        maxPowerWei: null,
      },
      exitRules: { minLockSeconds: null, cooldownSeconds: null, feePpm: null },
      ...{ locks, standing: null, missing: [], readAtMs: atMs(at) },
    },
    state: replay.state,
    eligible: eligible.map(({ epoch: number, to, powerWei = 100n, wallets = 10, season }) => ({
      ...{ epoch: number, voteEndSeconds: clockAt(to), season: season ?? null, powerWei, wallets },
      readAtSeconds: clockAt(to - 60),
    })),
    completeSinceSeconds: isComplete ? clockAt(-400 * DAY) : null,
  };
}

export interface GovMoment {
  /** Seconds since the start of the story, by every clock. */
  at: number;
  proposals?: StoredProposal[];
  votes?: StoredVote[];
  followed?: GovernanceFacts['followed'];
  validators?: StoredValidator[];
  gauges?: GaugeBook[];
  followedVoters?: readonly string[];
  shifts?: AlertFacts['shifts'];
  /** Fresh where not said. */
  states?: Partial<Record<string, SourceState>>;
  /** By how much each clock lags behind the story. */
  lag?: number;
  /** False: nothing was ever read. */
  read?: boolean;
}

/** Facts as the alerter gathers them. */
export function govFactsAt(moment: GovMoment): AlertFacts {
  const { at, proposals = [], votes = [], followed = [], validators = [], lag = 0, states = {} } = moment;
  const byProposal = Map.groupBy(votes, ({ proposalId }) => proposalId);
  const sources = [CHAIN, VALIDATORS, SPACE].map((source) => ({
    ...{ source, readAtMs: atMs(at), clockSeconds: clockAt(at - lag) },
  }));
  return {
    ...factsAt({ at, nodes: [] }),
    governance: moment.read === false ? null : { sources, proposals, votes: byProposal, followed, validators },
    gauges: moment.gauges ?? [],
    followedVoters: moment.followedVoters ?? [],
    shifts: moment.shifts ?? [],
    sources: new Map(
      [CHAIN, VALIDATORS, SPACE, GAUGES].map((source) => [source, status(states[source] ?? 'fresh', { source })]),
    ),
  };
}

/** Rules over a few moments: what was told, as a reader would find it, and what is open at the end. */
export function playGov(rules: readonly Rule[], moments: readonly GovMoment[], before: StoredIncident[] = []) {
  let open = before;
  const told: {
    at: number;
    rule: string;
    subject: string;
    kind: string;
    level: string;
    title: string;
    text: string;
  }[] = [];
  for (const moment of moments) {
    const changes = evaluate(govFactsAt(moment), open, rules, null, new Map());
    for (const { incident, event } of changes) {
      if (event === undefined) continue;
      const { rule, subject, level } = incident;
      const { title, lines } = event.view;
      told.push({ at: moment.at, rule, subject, kind: event.kind, level, title, text: wordsOf(lines) });
    }
    // As the database gives them back: a restart lies between any two moments.
    open = applied(open, JSON.parse(JSON.stringify(changes)) as typeof changes);
  }
  return { told, open };
}

/** `at rule kind title`, for a look at the whole. */
export const briefly = ({ told }: ReturnType<typeof playGov>): string[] =>
  told.map(({ at, rule, kind, title }) => `${at} ${rule} ${kind} ${title}`);
