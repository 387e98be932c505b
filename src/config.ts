import type { z } from 'zod';
import * as fields from './config/fields.ts';
import { governanceRows } from './config/governanceRows.ts';
import { KEYS } from './config/keys.ts';
import { misspelledKeys } from './config/misspelled.ts';
import { defaultGovThresholds, type GovThresholds } from './insight/govThresholds.ts';
import type { NodeThresholds } from './insight/nodeHealth.ts';
import type { ProofThresholds } from './insight/proofLabels.ts';
import type { ModelThresholds } from './insight/registrationQueue.ts';
import type { Address } from './lib/delivery.ts';
import { AssayError } from './lib/errors.ts';
import { PART_OF } from './lib/governanceFacts.ts';
import type { GovernanceRow } from './lib/governanceRow.ts';
import { redactor } from './lib/logger.ts';
import { cleanText } from './lib/units.ts';
import type { NetworkOptions } from './watch/watch.ts';

/** Everything the environment may set, parsed once, frozen. */
export interface Config {
  discord: { token: string; apiUrl: string | null } | null;
  telegram: { token: string; apiRoot: string | null } | null;
  databaseUrl: string;
  opengradient: NetworkOptions;
  /** Bedrock, where it is configured, and the rows of GOVERNANCE_SOURCES. */
  governance: GovernanceRow[];
  thresholds: NodeThresholds;
  modelThresholds: ModelThresholds;
  proofThresholds: ProofThresholds;
  govThresholds: GovThresholds;
  /** "Cannot read the registry" is told after this. */
  sourceNoticeAfterMs: number;
  allowPrivateEndpoints: boolean;
  adminDestination: Address | null;
  /** Pinged while the bot works; secret. */
  heartbeat: { url: string; everyMs: number } | null;
  http: { host: string; port: number } | null;
  logLevel: string;
}

export interface Problem {
  key: string;
  problem: string;
}

/** All that is wrong with the environment, at once. Its message is for whoever starts the program; it holds no secret. */
export class ConfigError extends AssayError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ key, problem }) => `  ${key}: ${problem}`);
    super(
      `The configuration has ${problems.length === 1 ? 'an error' : `${problems.length} errors`}:\n${lines.join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** Parses the environment. Throws ConfigError with everything that is wrong; `warnings` is what is merely odd. */
export function parseConfig(env: Env, options: { needsPlatform: boolean }): { config: Config; warnings: string[] } {
  const reader = new Reader(env);
  const config = read(reader);
  const problems = [...reader.problems, ...contradictions(env, config, reader.problems, options)];
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: deepFreeze(config), warnings: warningsOf(env) };
}

/** Values that must never reach a log: tokens, and URLs that may carry credentials or keys. */
export function secretsOf(config: Config): string[] {
  const heartbeat = config.heartbeat === null ? [] : [config.heartbeat.url];
  const urls = [
    config.databaseUrl,
    ...heartbeat,
    ...config.opengradient.rpcUrls,
    ...(config.opengradient.payments?.rpcUrls ?? []),
    ...config.governance.flatMap((row) => ('rpcUrls' in row ? row.rpcUrls : [row.api])),
  ].flatMap((text) => {
    if (!URL.canParse(text)) return [];
    const { password, pathname, search, searchParams, protocol } = new URL(text);
    const path = protocol === 'file:' ? '' : pathname.slice(1);
    const values = [...searchParams.values()].filter((value) => value.length >= 8);
    return [password, decoded(password), ...(path.length >= 16 ? [path] : []), search.slice(1), ...values];
  });
  const keys = config.governance.map((row) => (row.kind === 'snapshot' ? row.apiKey : null) ?? undefined);
  return [config.discord?.token, config.telegram?.token, ...keys, ...urls].filter(
    (text) => text !== undefined && text !== '',
  ) as string[];
}

/** As a driver reads it; a `%` that encodes nothing stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const withoutCredentials = redactor([]);

/** Reads keys one by one and remembers every problem; a bad value reads as its default so that reading goes on. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  get<T>(name: string, schema: z.ZodType<T, string>): T {
    const key = KEYS.find((known) => known.name === name);
    const fallback = key?.fallback ?? '';
    const text = this.#env[name]?.trim() || fallback;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    const found = key?.secret ? '' : `, not “${cleanText(withoutCredentials(text), 60)}”`;
    this.problems.push({ key: name, problem: `${parsed.error.issues[0]?.message ?? 'not readable'}${found}` });
    return fallback === '' ? (null as T) : schema.parse(fallback);
  }

  optional<T>(name: string, schema: z.ZodType<T, string>): T | null {
    return this.#env[name]?.trim() ? this.get(name, schema) : null;
  }
}

function read(reader: Reader): Config {
  const discordToken = reader.optional('DISCORD_TOKEN', fields.discordToken);
  const telegramToken = reader.optional('TELEGRAM_TOKEN', fields.telegramToken);
  const discordApiUrl = reader.optional('DISCORD_API_URL', fields.discordApiUrl);
  const telegramApiRoot = reader.optional('TELEGRAM_API_ROOT', fields.apiRoot);
  const port = reader.optional('HTTP_PORT', fields.integer(0, 65_535));
  const heartbeatUrl = reader.optional('HEARTBEAT_URL', fields.httpUrl);
  const second = (name: string, min: number, max: number) => reader.get(name, fields.integer(min, max));
  const baseRpcUrls = reader.optional('BASE_RPC_URLS', fields.httpUrls);
  const base = {
    chainId: reader.get('BASE_CHAIN_ID', fields.integer(1, 2 ** 31 - 1)),
    token: reader.get('BASE_PAYMENT_TOKEN', fields.address),
    payees: reader.get('BASE_PAYEES', fields.addresses),
  };
  const bedrock = readBedrock(reader);
  const rows = reader.optional('GOVERNANCE_SOURCES', governanceRows) ?? [];
  const heartbeatMs = second('HEARTBEAT_INTERVAL_SECONDS', 1, 3_600) * 1000;
  return {
    discord: discordToken === null ? null : { token: discordToken, apiUrl: discordApiUrl },
    telegram: telegramToken === null ? null : { token: telegramToken, apiRoot: telegramApiRoot },
    databaseUrl: reader.get('DATABASE_URL', fields.databaseUrl),
    opengradient: {
      rpcUrls: reader.get('OG_RPC_URLS', fields.httpUrls),
      chainId: reader.get('OG_CHAIN_ID', fields.integer(1, 2 ** 31 - 1)),
      teeRegistry: reader.get('OG_TEE_REGISTRY', fields.address),
      settlementRelays: reader.get('OG_SETTLEMENT_RELAYS', fields.addresses),
      settlementSenders: reader.optional('OG_SETTLEMENT_SENDERS', fields.addresses) ?? [],
      hubUrl: reader.get('OG_HUB_URL', fields.orNone(fields.apiRoot)),
      hubIntervalMs: second('OG_HUB_INTERVAL_SECONDS', 1, 900) * 1000,
      aggregatorUrls: reader.get('WALRUS_AGGREGATOR_URLS', fields.orNone(fields.httpUrls)) ?? [],
      storageIntervalMs: second('OG_STORAGE_INTERVAL_SECONDS', 1, 900) * 1000,
      facilitatorUrl: reader.get('OG_FACILITATOR_URL', fields.orNone(fields.apiRoot)),
      inferenceAddresses: reader.get('OG_INFERENCE_ADDRESSES', fields.orNone(fields.addresses)) ?? [],
      scheduler: reader.get('OG_SCHEDULER', fields.orNone(fields.address)),
      payments: baseRpcUrls === null ? null : { rpcUrls: baseRpcUrls, ...base },
      precompiles: {
        gov: reader.get('OG_GOV_PRECOMPILE', fields.orNone(fields.address)),
        staking: reader.get('OG_STAKING_PRECOMPILE', fields.orNone(fields.address)),
        slashing: reader.get('OG_SLASHING_PRECOMPILE', fields.orNone(fields.address)),
      },
      governanceIntervalMs: second('OG_GOVERNANCE_INTERVAL_SECONDS', 1, 3_600) * 1000,
      pollIntervalMs: reader.get('OG_POLL_INTERVAL_MS', fields.integer(50, 60_000)),
      fullReadIntervalMs: second('OG_FULL_READ_INTERVAL_SECONDS', 1, 86_400) * 1000,
      probeIntervalMs: second('OG_PROBE_INTERVAL_SECONDS', 1, 86_400) * 1000,
      probeConcurrency: reader.get('OG_PROBE_CONCURRENCY', fields.integer(1, 256)),
      backfillDays: reader.get('OG_BACKFILL_DAYS', fields.integer(0, 400)),
      confirmations: reader.get('OG_CONFIRMATIONS', fields.integer(1, 1_000)),
    },
    governance: [...bedrock, ...rows],
    thresholds: {
      heartbeatIntervalSeconds: second('NODE_HEARTBEAT_INTERVAL_SECONDS', 1, 604_800),
      heartbeatLateSeconds: second('NODE_HEARTBEAT_LATE_SECONDS', 1, 604_800),
      heartbeatMissedSeconds: second('NODE_HEARTBEAT_MISSED_SECONDS', 1, 604_800),
      priceWarnSeconds: second('NODE_PRICE_WARN_SECONDS', 1, 604_800),
      priceRefusedSeconds: second('NODE_PRICE_REFUSED_SECONDS', 1, 604_800),
      unreachableAfterProbes: reader.get('NODE_UNREACHABLE_AFTER_PROBES', fields.integer(1, 100)),
      probeFreshSeconds: second('NODE_PROBE_FRESH_SECONDS', 1, 604_800),
      certificateWarnSeconds: reader.get('NODE_CERTIFICATE_WARN_DAYS', fields.integer(0, 365)) * 86_400,
    },
    modelThresholds: {
      lateSeconds: second('MODEL_LATE_SECONDS', 1, 604_800),
      lateCriticalSeconds: second('MODEL_LATE_CRITICAL_SECONDS', 1, 604_800),
    },
    proofThresholds: {
      batchNormalSeconds: second('PROOF_BATCH_NORMAL_SECONDS', 1, 604_800),
      batchSlowSeconds: second('PROOF_BATCH_SLOW_SECONDS', 1, 604_800),
      individualNormalSeconds: second('PROOF_INDIVIDUAL_NORMAL_SECONDS', 1, 604_800),
      individualOverdueSeconds: second('PROOF_INDIVIDUAL_OVERDUE_SECONDS', 1, 604_800),
      individualWarnSeconds: second('PROOF_INDIVIDUAL_WARN_SECONDS', 1, 604_800),
      individualExpirySeconds: second('PROOF_INDIVIDUAL_EXPIRY_SECONDS', 1, 604_800),
      silenceSeconds: second('PROOF_SILENCE_SECONDS', 1, 604_800),
      delayP90Seconds: second('PROOF_DELAY_P90_SECONDS', 1, 604_800),
      unsignedShare: reader.get('PROOF_UNSIGNED_PERCENT', fields.integer(0, 100)) / 100,
    },
    govThresholds: {
      ...defaultGovThresholds,
      largeVotePercent: reader.get('GOV_LARGE_VOTE_PERCENT', fields.integer(1, 100)),
    },
    sourceNoticeAfterMs: second('SOURCE_NOTICE_AFTER_SECONDS', 1, 86_400) * 1000,
    allowPrivateEndpoints: reader.get('ALLOW_PRIVATE_ENDPOINTS', fields.flag),
    adminDestination: reader.optional('ADMIN_DESTINATION', fields.destination),
    heartbeat: heartbeatUrl === null ? null : { url: heartbeatUrl, everyMs: heartbeatMs },
    http: port === null ? null : { host: reader.get('HTTP_HOST', fields.host), port },
    logLevel: reader.get('LOG_LEVEL', fields.logLevel),
  };
}

/** Read from where it is given a chain; else none. */
function readBedrock(reader: Reader): GovernanceRow[] {
  const rpcUrls = reader.optional('BEDROCK_RPC_URLS', fields.httpUrls);
  const row: Omit<GovernanceRow & { kind: 've-season' }, 'rpcUrls'> = {
    kind: 've-season',
    network: 'bedrock',
    title: 'Bedrock',
    chainId: reader.get('BEDROCK_CHAIN_ID', fields.integer(1, 2 ** 31 - 1)),
    escrow: reader.get('BEDROCK_ESCROW', fields.address),
    token: reader.get('BEDROCK_TOKEN', fields.address),
    startBlock: BigInt(reader.get('BEDROCK_START_BLOCK', fields.integer(0, 999_999_999_999))),
    intervalMs: reader.get('BEDROCK_INTERVAL_SECONDS', fields.integer(1, 86_400)) * 1000,
    confirmations: reader.get('BEDROCK_CONFIRMATIONS', fields.integer(1, 1_000)),
  };
  return rpcUrls === null ? [] : [{ ...row, rpcUrls }];
}

type Threshold = keyof (ModelThresholds & ProofThresholds);

/** Steps of a clock that must come one after the other. */
const ASCENDING: readonly [low: Threshold, high: Threshold, key: { low: string; high: string }][] = [
  ['lateSeconds', 'lateCriticalSeconds', { low: 'MODEL_LATE_SECONDS', high: 'MODEL_LATE_CRITICAL_SECONDS' }],
  ['batchNormalSeconds', 'batchSlowSeconds', { low: 'PROOF_BATCH_NORMAL_SECONDS', high: 'PROOF_BATCH_SLOW_SECONDS' }],
  [
    'individualNormalSeconds',
    'individualOverdueSeconds',
    { low: 'PROOF_INDIVIDUAL_NORMAL_SECONDS', high: 'PROOF_INDIVIDUAL_OVERDUE_SECONDS' },
  ],
  [
    'individualOverdueSeconds',
    'individualWarnSeconds',
    { low: 'PROOF_INDIVIDUAL_OVERDUE_SECONDS', high: 'PROOF_INDIVIDUAL_WARN_SECONDS' },
  ],
  [
    'individualWarnSeconds',
    'individualExpirySeconds',
    { low: 'PROOF_INDIVIDUAL_WARN_SECONDS', high: 'PROOF_INDIVIDUAL_EXPIRY_SECONDS' },
  ],
];

/** What each key by itself is fine with, but not together. */
function contradictions(
  env: Env,
  config: Config,
  found: readonly Problem[],
  options: { needsPlatform: boolean },
): Problem[] {
  const problems: Problem[] = [];
  const set = (name: string): boolean => Boolean(env[name]?.trim());
  const wrong = (key: string, problem: string): void => {
    if (!found.some((one) => one.key === key)) problems.push({ key, problem });
  };
  const { thresholds, opengradient, adminDestination } = config;
  const numbers = { ...config.modelThresholds, ...config.proofThresholds };
  if (options.needsPlatform && !set('DISCORD_TOKEN') && !set('TELEGRAM_TOKEN')) {
    wrong(
      'DISCORD_TOKEN, TELEGRAM_TOKEN',
      'neither is set: give one of them (see .env.example), or try `npm run demo`, which needs none',
    );
  }
  if (thresholds.heartbeatLateSeconds < thresholds.heartbeatIntervalSeconds) {
    wrong('NODE_HEARTBEAT_LATE_SECONDS', 'must not be below NODE_HEARTBEAT_INTERVAL_SECONDS, or every beat is late');
  }
  if (thresholds.heartbeatMissedSeconds <= thresholds.heartbeatLateSeconds) {
    wrong('NODE_HEARTBEAT_MISSED_SECONDS', 'must be above NODE_HEARTBEAT_LATE_SECONDS');
  }
  if (thresholds.priceRefusedSeconds <= thresholds.priceWarnSeconds) {
    wrong('NODE_PRICE_REFUSED_SECONDS', 'must be above NODE_PRICE_WARN_SECONDS');
  }
  for (const [low, high, key] of ASCENDING) {
    if (numbers[low] >= numbers[high]) wrong(key.high, `must be above ${key.low}`);
  }
  if (thresholds.probeFreshSeconds * 1000 < opengradient.probeIntervalMs) {
    wrong('NODE_PROBE_FRESH_SECONDS', 'must not be below OG_PROBE_INTERVAL_SECONDS, or no probe ever counts');
  }
  const votes = config.governance.filter(({ network, kind }) => network === 'bedrock' && PART_OF[kind] === 'votes');
  if (votes.length > 1)
    wrong('GOVERNANCE_SOURCES', 'there is another row for bedrock.votes: the keys BEDROCK_… make one');
  if (set('HTTP_HOST') && !set('HTTP_PORT')) wrong('HTTP_PORT', 'HTTP_HOST is set, so a port is needed as well');
  if (
    adminDestination &&
    !(adminDestination.platform === 'discord' ? config.discord : config.telegram) &&
    options.needsPlatform
  ) {
    wrong('ADMIN_DESTINATION', `names ${adminDestination.platform}, for which no token is set`);
  }
  for (const [token, url] of [
    ['DISCORD_TOKEN', 'DISCORD_API_URL'],
    ['TELEGRAM_TOKEN', 'TELEGRAM_API_ROOT'],
  ] as const) {
    if (set(url) && !set(token) && options.needsPlatform) wrong(url, `is set, but ${token} is not`);
  }
  return problems;
}

function warningsOf(env: Env): string[] {
  const names = Object.keys(env).filter((name) => env[name] !== undefined);
  return [
    ...misspelledKeys(names).map(({ name, meant }) => {
      const unknown = `${cleanText(name, 60)} is not a key that Assay knows`;
      return meant === null ? unknown : `${unknown}; did you mean ${meant}?`;
    }),
    ...(env.ALLOW_PRIVATE_ENDPOINTS === 'true'
      ? ['ALLOW_PRIVATE_ENDPOINTS is true: gateways on private addresses will be asked. Not for a public network.']
      : []),
  ];
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}
