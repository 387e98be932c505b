import { defaultGovThresholds } from '../insight/govThresholds.ts';
import { defaultThresholds } from '../insight/nodeHealth.ts';
import { defaultProofThresholds } from '../insight/proofLabels.ts';
import { defaultModelThresholds } from '../insight/registrationQueue.ts';

/** Every key of the environment that Assay knows. The example file, the documentation and the checks come from here. */
export interface Key {
  name: string;
  /** Shown in .env.example; empty where there is none. */
  fallback: string;
  summary: string;
  secret?: boolean;
}

export const KEYS: readonly Key[] = [
  {
    name: 'DISCORD_TOKEN',
    fallback: '',
    summary: 'Bot token from the Discord developer portal (Bot > Token). One platform is enough.',
    secret: true,
  },
  {
    name: 'DISCORD_API_URL',
    fallback: '',
    summary: 'Another Discord API, without the version: https://discord.com/api is the usual one.',
  },
  {
    name: 'TELEGRAM_TOKEN',
    fallback: '',
    summary: 'Bot token from @BotFather on Telegram. One platform is enough.',
    secret: true,
  },
  {
    name: 'TELEGRAM_API_ROOT',
    fallback: '',
    summary: 'Another Bot API server: https://api.telegram.org is the usual one.',
  },
  {
    name: 'DATABASE_URL',
    fallback: 'file:./data/assay.db',
    summary: 'Where everything is kept: file:./path.db (SQLite) or postgresql://user:password@host:5432/name.',
    secret: true,
  },
  {
    name: 'OG_RPC_URLS',
    fallback: 'https://ogevmdevnet.opengradient.ai',
    summary: 'JSON-RPC URLs of the OpenGradient chain, comma-separated, in order of preference.',
    secret: true,
  },
  { name: 'OG_CHAIN_ID', fallback: '10740', summary: 'The chain id that those URLs must serve.' },
  {
    name: 'OG_TEE_REGISTRY',
    fallback: '0x703cB174AEadB35D611858369B4b1111dC9Abda6',
    summary: 'Address of the TEERegistry.',
  },
  {
    name: 'OG_SETTLEMENT_RELAYS',
    fallback: '0xf1dc0d5Dcf2A01924faC78185B9227CF3EC839A5',
    summary: 'Settlement relays, comma-separated: others that emit settlements are shown as new.',
  },
  {
    name: 'OG_SETTLEMENT_SENDERS',
    fallback: '',
    summary: 'Accounts that may settle, comma-separated; others, and other relays, are then refused. Empty: anyone.',
  },
  {
    name: 'OG_HUB_URL',
    fallback: 'https://hub-api.opengradient.ai/api/v0',
    summary: 'The model hub’s public API, or none: then registration is unknown.',
  },
  { name: 'OG_HUB_INTERVAL_SECONDS', fallback: '300', summary: 'How often the hub’s whole list is read.' },
  {
    name: 'WALRUS_AGGREGATOR_URLS',
    fallback: 'https://aggregator.suicore.com',
    summary:
      'Walrus aggregators, comma-separated, in order of preference, or none: then storage and proofs are unknown.',
  },
  {
    name: 'OG_STORAGE_INTERVAL_SECONDS',
    fallback: '60',
    summary: 'How often storage is asked for an upload that is not listed yet; listed ones every hour.',
  },
  {
    name: 'OG_FACILITATOR_URL',
    fallback: 'https://facilitator.memchat.io',
    summary: 'The facilitator, for its count of requests (GET /usage), or none.',
  },
  {
    name: 'OG_INFERENCE_ADDRESSES',
    fallback: '0x00000000000000000000000000000000000000F4,0x8383C9bD7462F12Eb996DD02F78234C0421A6FaE',
    summary: 'Contracts whose events show that a model was used (precompile, InferenceHub), or none.',
  },
  {
    name: 'OG_SCHEDULER',
    fallback: '0x7179724De4e7FF9271FA40C0337c7f90C0508eF6',
    summary: 'The workflow scheduler, whose workflows name their model, or none.',
  },
  {
    name: 'BASE_RPC_URLS',
    fallback: '',
    summary: 'JSON-RPC URLs of Base, where inference is paid for; empty: payments are not read.',
    secret: true,
  },
  { name: 'BASE_CHAIN_ID', fallback: '8453', summary: 'The chain id that those URLs must serve.' },
  {
    name: 'BASE_PAYMENT_TOKEN',
    fallback: '0xFbC2051AE2265686a469421b2C5A2D5462FbF5eB',
    summary: 'The token that pays (OPG).',
  },
  {
    name: 'BASE_PAYEES',
    fallback: '0x9deEBB5D1b22e4a6e027977CeAd13893A7E4cC1a',
    summary: 'Who is paid, comma-separated; payment addresses of the registry count besides.',
  },
  {
    name: 'OG_GOV_PRECOMPILE',
    fallback: '0x0000000000000000000000000000000000000805',
    summary: 'The gov precompile, for proposals and votes, or none.',
  },
  {
    name: 'OG_STAKING_PRECOMPILE',
    fallback: '0x0000000000000000000000000000000000000800',
    summary: 'The staking precompile, for validators and their power, or none.',
  },
  {
    name: 'OG_SLASHING_PRECOMPILE',
    fallback: '0x0000000000000000000000000000000000000806',
    summary: 'The slashing precompile, for missed blocks and jailing, or none.',
  },
  {
    name: 'OG_GOVERNANCE_INTERVAL_SECONDS',
    fallback: '30',
    summary: 'How often proposals, votes and validators are asked for: votes by Cosmos messages leave no logs.',
  },
  {
    name: 'BEDROCK_RPC_URLS',
    fallback: '',
    summary: 'JSON-RPC URLs of BNB Chain, comma-separated, for veBR and its gauges; empty: Bedrock is not read.',
    secret: true,
  },
  { name: 'BEDROCK_CHAIN_ID', fallback: '56', summary: 'The chain id that those URLs must serve.' },
  {
    name: 'BEDROCK_ESCROW',
    fallback: '0xe9786294973de1CD376a0A6189d7aE250D490C16',
    summary: 'The vote escrow; voter, clock, curve, queue and lock NFT are asked from it.',
  },
  {
    name: 'BEDROCK_TOKEN',
    fallback: '0xFf7d6A96ae471BbCD7713aF9CB1fEeB16cf56B41',
    summary: 'The token that it should lock (BR).',
  },
  { name: 'BEDROCK_START_BLOCK', fallback: '47388486', summary: 'Logs are read from here: the block that made BR.' },
  { name: 'BEDROCK_INTERVAL_SECONDS', fallback: '60', summary: 'How often locks, gauges and clock are read.' },
  { name: 'BEDROCK_CONFIRMATIONS', fallback: '5', summary: 'Blocks before a log of that chain counts.' },
  {
    name: 'GOVERNANCE_SOURCES',
    fallback: '',
    summary:
      'More to read governance from: a JSON list of rows, or file:./rows.json (docs/governance-sources.md): curve, governor, snapshot, ve-season, holders.',
    secret: true,
  },
  { name: 'OG_POLL_INTERVAL_MS', fallback: '1000', summary: 'How often the head of the chain is asked for.' },
  {
    name: 'OG_FULL_READ_INTERVAL_SECONDS',
    fallback: '300',
    summary: 'How often the whole registry is read although no event asked for it.',
  },
  { name: 'OG_PROBE_INTERVAL_SECONDS', fallback: '60', summary: 'How often each gateway is asked, at most.' },
  { name: 'OG_PROBE_CONCURRENCY', fallback: '16', summary: 'How many gateways are asked at the same time.' },
  { name: 'OG_BACKFILL_DAYS', fallback: '7', summary: 'How far back heartbeats are read at the first start.' },
  {
    name: 'OG_CONFIRMATIONS',
    fallback: '1',
    summary: 'Blocks before a log counts; a CometBFT block is final at once.',
  },
  {
    name: 'NODE_HEARTBEAT_INTERVAL_SECONDS',
    fallback: String(defaultThresholds.heartbeatIntervalSeconds),
    summary: 'How often a gateway beats.',
  },
  {
    name: 'NODE_HEARTBEAT_LATE_SECONDS',
    fallback: String(defaultThresholds.heartbeatLateSeconds),
    summary: 'A heartbeat is late above this age.',
  },
  {
    name: 'NODE_HEARTBEAT_MISSED_SECONDS',
    fallback: String(defaultThresholds.heartbeatMissedSeconds),
    summary: 'A heartbeat is missed above this age; expired is the limit on chain.',
  },
  {
    name: 'NODE_PRICE_WARN_SECONDS',
    fallback: String(defaultThresholds.priceWarnSeconds),
    summary: 'A gateway’s price feed is stale above this age.',
  },
  {
    name: 'NODE_PRICE_REFUSED_SECONDS',
    fallback: String(defaultThresholds.priceRefusedSeconds),
    summary: 'Above this age of its price feed a gateway refuses paid requests.',
  },
  {
    name: 'NODE_UNREACHABLE_AFTER_PROBES',
    fallback: String(defaultThresholds.unreachableAfterProbes),
    summary: 'Probes in a row that must fail before they count.',
  },
  {
    name: 'NODE_PROBE_FRESH_SECONDS',
    fallback: String(defaultThresholds.probeFreshSeconds),
    summary: 'An older probe says nothing about now.',
  },
  {
    name: 'NODE_CERTIFICATE_WARN_DAYS',
    fallback: String(defaultThresholds.certificateWarnSeconds / 86_400),
    summary: 'Word of warning before a TLS certificate ends.',
  },
  {
    name: 'MODEL_LATE_SECONDS',
    fallback: String(defaultModelThresholds.lateSeconds),
    summary: 'A stored model is late to be listed after this, while the past week has fewer than 20 cases.',
  },
  {
    name: 'MODEL_LATE_CRITICAL_SECONDS',
    fallback: String(defaultModelThresholds.lateCriticalSeconds),
    summary: 'After this it is critical.',
  },
  {
    name: 'PROOF_BATCH_NORMAL_SECONDS',
    fallback: String(defaultProofThresholds.batchNormalSeconds),
    summary: 'A batch proof is slow above this delay.',
  },
  {
    name: 'PROOF_BATCH_SLOW_SECONDS',
    fallback: String(defaultProofThresholds.batchSlowSeconds),
    summary: 'And overdue above this one.',
  },
  {
    name: 'PROOF_INDIVIDUAL_NORMAL_SECONDS',
    fallback: String(defaultProofThresholds.individualNormalSeconds),
    summary: 'An individual proof is slow above this delay.',
  },
  {
    name: 'PROOF_INDIVIDUAL_OVERDUE_SECONDS',
    fallback: String(defaultProofThresholds.individualOverdueSeconds),
    summary: 'And overdue above this one.',
  },
  {
    name: 'PROOF_INDIVIDUAL_WARN_SECONDS',
    fallback: String(defaultProofThresholds.individualWarnSeconds),
    summary: 'Word of warning before an individual proof can no longer settle.',
  },
  {
    name: 'PROOF_INDIVIDUAL_EXPIRY_SECONDS',
    fallback: String(defaultProofThresholds.individualExpirySeconds),
    summary: 'After this it never can (MAX_INFERENCE_AGE of the verifier).',
  },
  {
    name: 'PROOF_SILENCE_SECONDS',
    fallback: String(defaultProofThresholds.silenceSeconds),
    summary: 'No batch for this long is told.',
  },
  {
    name: 'PROOF_DELAY_P90_SECONDS',
    fallback: String(defaultProofThresholds.delayP90Seconds),
    summary: 'A p90 of batch delays above this for half an hour is told.',
  },
  {
    name: 'PROOF_UNSIGNED_PERCENT',
    fallback: String(defaultProofThresholds.unsignedShare * 100),
    summary: 'A share of unsigned answers above this is told.',
  },
  {
    name: 'GOV_LARGE_VOTE_PERCENT',
    fallback: String(defaultGovThresholds.largeVotePercent),
    summary: 'A single vote above this share of what could vote (else of what was cast) is told.',
  },
  { name: 'SOURCE_NOTICE_AFTER_SECONDS', fallback: '300', summary: '"Cannot read the registry" is told after this.' },
  {
    name: 'ALLOW_PRIVATE_ENDPOINTS',
    fallback: 'false',
    summary: 'true lets gateways on loopback and private addresses be asked: only for a network of your own.',
  },
  {
    name: 'ADMIN_DESTINATION',
    fallback: '',
    summary: 'Who is told about the bot itself: discord:<channel id> or telegram:<chat id>[:<topic id>].',
  },
  {
    name: 'HEARTBEAT_URL',
    fallback: '',
    summary:
      'A dead-man’s switch (healthchecks.io and the like): asked for while collectors and chats work, silent otherwise.',
    secret: true,
  },
  { name: 'HEARTBEAT_INTERVAL_SECONDS', fallback: '60', summary: 'How often it is asked for.' },
  { name: 'HTTP_HOST', fallback: '127.0.0.1', summary: 'Address that /healthz listens on.' },
  { name: 'HTTP_PORT', fallback: '', summary: 'Port of /healthz, /readyz and /metrics; empty for none.' },
  { name: 'LOG_LEVEL', fallback: 'info', summary: 'trace, debug, info, warn, error or silent.' },
];
