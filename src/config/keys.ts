import { defaultThresholds } from '../insight/nodeHealth.ts';

/** Every key of the environment that Assay knows. The example file, the documentation and the checks come from here. */
export interface Key {
  name: string;
  /** Shown in .env.example; empty where there is none. */
  fallback: string;
  summary: string;
  secret?: boolean;
  /** Known name of a part that this version does not have yet. */
  later?: boolean;
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
    summary: 'Settlement relays, comma-separated; `assay doctor` follows them to the registry.',
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
  ...[
    'OG_FACILITATOR_URL',
    'OG_HUB_URL',
    'WALRUS_AGGREGATOR_URLS',
    'BEDROCK_RPC_URLS',
    'BEDROCK_CHAIN_ID',
    'BEDROCK_ESCROW',
  ].map((name) => ({ name, fallback: '', summary: 'Read by a later version.', later: true })),
];
