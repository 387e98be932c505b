import fc from 'fast-check';
import {
  type AbiEvent,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  type Hex,
  keccak256,
  parseAbi,
  toEventSelector,
} from 'viem';
import { describe, expect, test } from 'vitest';
import type { GaugeEvent } from '../../../src/lib/gaugeFacts.ts';
import type { RawLog } from '../../../src/sources/evm/rawLog.ts';
import { decodeGaugeLog, VE_TOPICS, type VeEmitters, type VeRole } from '../../../src/sources/ve/gaugeLogs.ts';

const EVENTS = {
  voted:
    'event Voted(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 tokenId, uint256 votingPowerCastForGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  reset:
    'event Reset(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 tokenId, uint256 votingPowerRemovedFromGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'later-voted':
    'event Voted(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 votingPowerCastForGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'later-reset':
    'event Reset(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 votingPowerRemovedFromGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'gauge-created': 'event GaugeCreated(address indexed gauge, address indexed creator, string metadataURI)',
  'gauge-activated': 'event GaugeActivated(address indexed gauge)',
  'gauge-deactivated': 'event GaugeDeactivated(address indexed gauge)',
  'gauge-metadata': 'event GaugeMetadataUpdated(address indexed gauge, string metadataURI)',
  transfer: 'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  deposit:
    'event Deposit(address indexed depositor, uint256 indexed tokenId, uint256 indexed startTs, uint256 value, uint256 newTotalLocked)',
  withdraw:
    'event Withdraw(address indexed depositor, uint256 indexed tokenId, uint256 value, uint256 ts, uint256 newTotalLocked)',
  'exit-queued': 'event ExitQueued(uint256 indexed tokenId, address indexed holder, uint256 exitDate)',
  'season-started': 'event SeasonStarted(uint16 seasonIndex, uint48 startTimestamp)',
} as const satisfies Record<keyof typeof VE_TOPICS, string>;
type Name = keyof typeof EVENTS;

const eventOf = (name: Name): AbiEvent => parseAbi([EVENTS[name]] as readonly string[])[0] as AbiEvent;
/** In mixed case, as viem writes addresses; nodes do not. */
const addressOf = (number: number): Hex => getAddress(`0x${(0xabcdef00 + number).toString(16).padStart(40, '0')}`);
const [ESCROW, NFT, QUEUE, CLOCK, VOTER, WHO, GAUGE] = [1, 2, 3, 4, 5, 6, 7].map(addressOf) as [
  Hex,
  Hex,
  Hex,
  Hex,
  Hex,
  Hex,
  Hex,
];
const low = (address: Hex): Hex => address.toLowerCase() as Hex;
const ROLES: Record<VeRole, Hex> = { escrow: ESCROW, lockNFT: NFT, queue: QUEUE, clock: CLOCK, voter: VOTER };
const EMITTERS: VeEmitters = new Map(
  Object.entries(ROLES).map(([role, address]) => [low(address), new Set([role as VeRole])]),
);
const HASH = keccak256('0x01');

function logOf(name: Name, emitter: Hex, args: Record<string, unknown>): RawLog {
  const event = eventOf(name);
  const plain = event.inputs.filter((input) => !input.indexed);
  return {
    address: emitter,
    blockNumber: '0x10',
    blockHash: HASH,
    blockTimestamp: '0x65f00000',
    logIndex: '0x3',
    transactionHash: HASH,
    topics: encodeEventTopics({ abi: [event], args } as never) as Hex[],
    data: encodeAbiParameters(plain, plain.map((input) => args[input.name as string]) as never),
  };
}
const decode = (log: RawLog): GaugeEvent | null => decodeGaugeLog(log, EMITTERS, new Map());

const votedArgs = {
  ...{ voter: WHO, gauge: GAUGE, epoch: 1_448n, tokenId: 2n ** 200n, timestamp: 1_700_000_000n },
  ...{ votingPowerCastForGauge: 10n ** 27n, votingPowerRemovedFromGauge: 10n ** 27n },
  ...{ totalVotingPowerInGauge: 3n * 10n ** 27n, totalVotingPowerInContract: 2n ** 255n },
};
const VOTE = {
  ...{ from: low(WHO), gauge: low(GAUGE), epoch: 1_448, valueWei: 10n ** 27n },
  ...{ gaugeTotalWei: 3n * 10n ** 27n, totalWei: 2n ** 255n },
};
const CASES: [Name, VeRole, Record<string, unknown>, Partial<GaugeEvent>][] = [
  ['voted', 'voter', votedArgs, { kind: 'voted', tokenId: 2n ** 200n, ...VOTE }],
  ['reset', 'voter', votedArgs, { kind: 'reset', tokenId: 2n ** 200n, ...VOTE }],
  ['later-voted', 'voter', votedArgs, { kind: 'voted', tokenId: null, ...VOTE }],
  ['later-reset', 'voter', votedArgs, { kind: 'reset', tokenId: null, ...VOTE }],
  [
    'gauge-created',
    'voter',
    { gauge: GAUGE, creator: WHO, metadataURI: 'ipfs://Gauge \u202e1' },
    { kind: 'gauge-created', gauge: low(GAUGE), from: low(WHO), text: 'ipfs://Gauge 1' },
  ],
  ['gauge-activated', 'voter', { gauge: GAUGE }, { kind: 'gauge-activated', gauge: low(GAUGE) }],
  ['gauge-deactivated', 'voter', { gauge: GAUGE }, { kind: 'gauge-deactivated', gauge: low(GAUGE) }],
  [
    'gauge-metadata',
    'voter',
    { gauge: GAUGE, metadataURI: 'é'.repeat(2_000) },
    { kind: 'gauge-metadata', gauge: low(GAUGE), text: `${'é'.repeat(299)}…` },
  ],
  [
    'transfer',
    'lockNFT',
    { from: WHO, to: ESCROW, tokenId: 5n },
    { kind: 'transfer', from: low(WHO), to: low(ESCROW), tokenId: 5n },
  ],
  [
    'deposit',
    'escrow',
    { depositor: WHO, tokenId: 5n, startTs: 1_700_000_000n, value: 7n, newTotalLocked: 9n },
    { kind: 'deposit', from: low(WHO), tokenId: 5n, atSeconds: 1_700_000_000, valueWei: 7n, totalWei: 9n },
  ],
  [
    'withdraw',
    'escrow',
    { depositor: WHO, tokenId: 5n, value: 7n, ts: 1_700_000_000n, newTotalLocked: 2n },
    { kind: 'withdraw', from: low(WHO), tokenId: 5n, valueWei: 7n, totalWei: 2n },
  ],
  [
    'exit-queued',
    'queue',
    { tokenId: 5n, holder: WHO, exitDate: 1_700_000_000n },
    { kind: 'exit-queued', tokenId: 5n, from: low(WHO), atSeconds: 1_700_000_000 },
  ],
  [
    'season-started',
    'clock',
    { seasonIndex: 3, startTimestamp: 1_700_000_000 },
    { kind: 'season-started', season: 3, atSeconds: 1_700_000_000 },
  ],
];
const NOTHING = {
  ...{ from: null, to: null, gauge: null, tokenId: null, epoch: null, valueWei: null, gaugeTotalWei: null },
  ...{ totalWei: null, weightBps: null, atSeconds: null, season: null, text: null },
};

test('topics are those of the signatures', () => {
  for (const [name, topic] of Object.entries(VE_TOPICS))
    expect(toEventSelector(eventOf(name as Name)), name).toBe(topic);
});

describe.each(CASES)('%s', (name, role, args, says) => {
  test('is read as it was emitted', () => {
    expect(decode(logOf(name, ROLES[role], args))).toEqual({
      ...NOTHING,
      ...{ blockNumber: 16n, logIndex: 3, blockTimestampSeconds: 0x65f00000, txHash: HASH, emitter: low(ROLES[role]) },
      ...says,
    });
  });

  test('of a contract that has no say in it does not count', () => {
    for (const [other, address] of [...Object.entries(ROLES), ['stranger', WHO] as const]) {
      if (other !== role) expect(decode(logOf(name, address, args)), other).toBeNull();
    }
  });

  test('that is cut short, or has fewer topics, is skipped rather than misread', () => {
    const log = logOf(name, ROLES[role], args);
    fc.assert(
      fc.property(fc.nat(log.data.length), fc.nat(log.topics.length), (length, topics) => {
        const cut = decode({
          ...log,
          data: log.data.slice(0, Math.max(2, length)) as Hex,
          topics: log.topics.slice(0, topics),
        });
        if (cut !== null) {
          const { text, ...rest } = cut;
          const { text: _, ...whole } = decode(log) ?? { text: null };
          expect(rest).toEqual(whole);
          expect(text === null || text === says.text).toBe(true);
        }
      }),
    );
  });
});

test('numbers that cannot be meant are skipped', () => {
  expect(decode(logOf('voted', VOTER, { ...votedArgs, epoch: 2n ** 60n }))).toBeNull();
  expect(decode(logOf('exit-queued', QUEUE, { tokenId: 1n, holder: WHO, exitDate: 2n ** 255n }))).toBeNull();
});
