import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEYS } from '../../src/config/keys.ts';
import { ConfigError, parseConfig, secretsOf } from '../../src/config.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';

const TELEGRAM_TOKEN = '123456789:AAEabcdefghijklmnopqrstuvwxyz012345';
const NO_PLATFORM = { needsPlatform: false };

function problemsOf(env: Record<string, string>, needsPlatform = false) {
  try {
    parseConfig(env, { needsPlatform });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
const keysOf = (env: Record<string, string>, needsPlatform = false): string[] =>
  problemsOf(env, needsPlatform).map(({ key }) => key);

/** For every key that is read: values that no one can have meant. */
const MALFORMED: Record<string, string[]> = {
  DISCORD_TOKEN: ['has spaces in it', '"quoted-token-abcdef"', 'short'],
  DISCORD_API_URL: ['discord.com/api', 'ftp://discord.com', 'https://', 'https://discord.com/api/v9'],
  TELEGRAM_TOKEN: ['AAEabcdefghijklmnop', '123:', '12345 :AAEabcdefghijk'],
  TELEGRAM_API_ROOT: ['api.telegram.org', 'file:///etc/passwd'],
  DATABASE_URL: ['./data/assay.db', 'mysql://u@h/d', 'file:', 'sqlite:./x.db'],
  OG_RPC_URLS: [',', 'https://a.example,not a url', 'ws://a.example', 'https://a.example,https://a.example'],
  OG_CHAIN_ID: ['0', '-1', '10740.5', '0x29f4', 'ten', '1e4', '9999999999999'],
  OG_TEE_REGISTRY: ['0x703c', '703cB174AEadB35D611858369B4b1111dC9Abda6', `0x${'g'.repeat(40)}`],
  OG_SETTLEMENT_RELAYS: ['0x12', `0x${'1'.repeat(40)},x`],
  OG_SETTLEMENT_SENDERS: ['0x12', 'anyone'],
  OG_HUB_URL: ['hub.example', 'ftp://hub.example'],
  OG_HUB_INTERVAL_SECONDS: ['0', '5m'],
  WALRUS_AGGREGATOR_URLS: ['aggregator.example', 'https://a.example,https://a.example', ','],
  OG_STORAGE_INTERVAL_SECONDS: ['0', '901'],
  OG_FACILITATOR_URL: ['facilitator.example', 'off'],
  OG_INFERENCE_ADDRESSES: ['0xF4', 'no'],
  OG_SCHEDULER: ['0x71', `0x${'1'.repeat(41)}`],
  BASE_RPC_URLS: ['base.example', 'ws://base.example'],
  BASE_CHAIN_ID: ['0', 'base'],
  BASE_PAYMENT_TOKEN: ['OPG', '0x'],
  BASE_PAYEES: ['0x9d', 'all'],
  MODEL_LATE_SECONDS: ['0', '30m'],
  MODEL_LATE_CRITICAL_SECONDS: ['0', '604801'],
  PROOF_BATCH_NORMAL_SECONDS: ['0', 'x'],
  PROOF_BATCH_SLOW_SECONDS: ['0', '604801'],
  PROOF_INDIVIDUAL_NORMAL_SECONDS: ['0', '-1'],
  PROOF_INDIVIDUAL_OVERDUE_SECONDS: ['0', '10m'],
  PROOF_INDIVIDUAL_WARN_SECONDS: ['0', 'x'],
  PROOF_INDIVIDUAL_EXPIRY_SECONDS: ['0', '604801'],
  PROOF_SILENCE_SECONDS: ['0', 'x'],
  PROOF_DELAY_P90_SECONDS: ['0', 'x'],
  PROOF_UNSIGNED_PERCENT: ['101', '-1', '10%'],
  GOV_LARGE_VOTE_PERCENT: ['0', '101', '20%'],
  OG_GOV_PRECOMPILE: ['0x805', 'off'],
  OG_STAKING_PRECOMPILE: ['0x800', 'off'],
  OG_SLASHING_PRECOMPILE: ['0x806', 'off'],
  OG_GOVERNANCE_INTERVAL_SECONDS: ['0', '3601', '1m'],
  BEDROCK_RPC_URLS: ['bsc.example', 'ws://bsc.example'],
  BEDROCK_CHAIN_ID: ['0', 'bsc'],
  BEDROCK_ESCROW: ['veBR', '0x'],
  BEDROCK_TOKEN: ['BR', '0x12'],
  BEDROCK_START_BLOCK: ['-1', 'latest'],
  BEDROCK_INTERVAL_SECONDS: ['0', '86401'],
  BEDROCK_CONFIRMATIONS: ['0', '1001'],
  GOVERNANCE_SOURCES: ['snapshot', '{}', '[{"kind":"snapshot"}]', 'file:/nowhere/rows.json', '[1]'],
  OG_POLL_INTERVAL_MS: ['0', '49', '600001', '1s'],
  OG_FULL_READ_INTERVAL_SECONDS: ['0', '86401'],
  OG_PROBE_INTERVAL_SECONDS: ['0', '-5', 'often'],
  OG_PROBE_CONCURRENCY: ['0', '257'],
  OG_BACKFILL_DAYS: ['401', '-1'],
  OG_CONFIRMATIONS: ['0', '1001'],
  NODE_HEARTBEAT_INTERVAL_SECONDS: ['0', '15m'],
  NODE_HEARTBEAT_LATE_SECONDS: ['0', 'x'],
  NODE_HEARTBEAT_MISSED_SECONDS: ['0', '604801'],
  NODE_PRICE_WARN_SECONDS: ['0', 'NaN'],
  NODE_PRICE_REFUSED_SECONDS: ['0', 'Infinity'],
  NODE_UNREACHABLE_AFTER_PROBES: ['0', '101'],
  NODE_PROBE_FRESH_SECONDS: ['0', ' 1 2 '],
  NODE_CERTIFICATE_WARN_DAYS: ['366', '-1'],
  SOURCE_NOTICE_AFTER_SECONDS: ['0', '86401'],
  ALLOW_PRIVATE_ENDPOINTS: ['yes', '1', 'TRUE'],
  ADMIN_DESTINATION: ['discord', 'slack:12345', 'discord:me', 'telegram:-100:topic', 'telegram:'],
  HEARTBEAT_URL: ['hc-ping.com/5f2c', 'ftp://hc-ping.com/5f2c'],
  HEARTBEAT_INTERVAL_SECONDS: ['0', '3601', '1m'],
  HTTP_HOST: ['a b', 'http://0.0.0.0'],
  HTTP_PORT: ['65536', '-1', 'http'],
  LOG_LEVEL: ['verbose', 'INFO', '3'],
};
const READ = KEYS.map(({ name }) => name);

test('the table of malformed values covers every key that is read', () => {
  expect(Object.keys(MALFORMED).sort()).toEqual([...READ].sort());
});

test.each(Object.entries(MALFORMED))('%s: what is malformed is named, and nothing else is', (name, values) => {
  // HTTP_HOST is read only where a port asks for it.
  const listening: Record<string, string> = name === 'HTTP_HOST' ? { HTTP_PORT: '8080' } : {};
  for (const value of values) expect(keysOf({ ...listening, [name]: value }), value).toEqual([name]);
});

test.each(READ)('%s missing or empty is its default', (name) => {
  const { config } = parseConfig({}, NO_PLATFORM);
  expect(parseConfig({ [name]: '' }, NO_PLATFORM).config).toEqual(config);
  expect(parseConfig({ [name]: '   ' }, NO_PLATFORM).config).toEqual(config);
});

test('everything that is wrong is said at once, one line a key', () => {
  fc.assert(
    fc.property(fc.subarray(READ, { minLength: 1 }), fc.nat(), (names, seed) => {
      const env = Object.fromEntries(
        names.map((name) => [name, MALFORMED[name]?.[seed % (MALFORMED[name]?.length ?? 1)] as string]),
      );
      const wrong = keysOf({ ...env, HTTP_PORT: env.HTTP_PORT ?? '8080' });
      // A bad HTTP_PORT leaves HTTP_HOST unread: there is nothing to listen on.
      const unread = env.HTTP_PORT === undefined ? [] : ['HTTP_HOST'];
      expect(new Set(wrong).size).toBe(wrong.length);
      expect(wrong).toEqual(expect.arrayContaining(names.filter((name) => !unread.includes(name))));
    }),
  );
});

test('the message lists every problem with what was expected and what was found', () => {
  const problems = problemsOf({ OG_CHAIN_ID: 'ten', LOG_LEVEL: 'loud' });
  const { message } = new ConfigError(problems);
  expect(message).toBe(
    [
      'The configuration has 2 errors:',
      '  OG_CHAIN_ID: expected a whole number from 1 to 2147483647, not “ten”',
      '  LOG_LEVEL: expected trace, debug, info, warn, error, fatal or silent, not “loud”',
    ].join('\n'),
  );
});

test('`none` turns a source off, in any case; what needs two lists may have one empty', () => {
  const off = { OG_HUB_URL: 'none', WALRUS_AGGREGATOR_URLS: 'None', OG_FACILITATOR_URL: 'none' };
  const { opengradient } = parseConfig(
    { ...off, OG_INFERENCE_ADDRESSES: 'none', OG_SCHEDULER: 'NONE' },
    NO_PLATFORM,
  ).config;
  expect(opengradient).toMatchObject({
    hubUrl: null,
    aggregatorUrls: [],
    facilitatorUrl: null,
    inferenceAddresses: [],
    scheduler: null,
    payments: null,
    settlementSenders: [],
  });
});

test.each(KEYS.filter(({ secret }) => secret).map(({ name }) => name))(
  '%s: a malformed value is not repeated, for it may hold a secret',
  (name) => {
    const value = 'hunter2 hunter2://hunter2';
    const [problem] = problemsOf({ [name]: value });
    expect(problem?.key).toBe(name);
    expect(problem?.problem).not.toContain('hunter2');
  },
);

test.each(['DISCORD_API_URL', 'TELEGRAM_API_ROOT'])('%s: credentials in a malformed URL are not repeated', (name) => {
  const [problem] = problemsOf({ [name]: 'ftp://bot:hunter2@proxy.example/x' });
  expect(problem?.key).toBe(name);
  expect(problem?.problem).not.toContain('hunter2');
});

test('what a stranger could have put into the environment cannot move the cursor or fill the screen', () => {
  const [problem] = problemsOf({ OG_CHAIN_ID: `\u001b[2J${'9'.repeat(5_000)}` });
  expect(problem?.problem).not.toContain('\u001b');
  expect(problem?.problem.length).toBeLessThan(200);
});

test.each<[string, Record<string, string>, string]>([
  ['late before a beat is due', { NODE_HEARTBEAT_LATE_SECONDS: '899' }, 'NODE_HEARTBEAT_LATE_SECONDS'],
  ['missed not after late', { NODE_HEARTBEAT_MISSED_SECONDS: '960' }, 'NODE_HEARTBEAT_MISSED_SECONDS'],
  ['critical not after late', { MODEL_LATE_CRITICAL_SECONDS: '1800' }, 'MODEL_LATE_CRITICAL_SECONDS'],
  ['slow not after normal', { PROOF_BATCH_SLOW_SECONDS: '960' }, 'PROOF_BATCH_SLOW_SECONDS'],
  ['overdue not after normal', { PROOF_INDIVIDUAL_OVERDUE_SECONDS: '120' }, 'PROOF_INDIVIDUAL_OVERDUE_SECONDS'],
  ['warned not after overdue', { PROOF_INDIVIDUAL_WARN_SECONDS: '600' }, 'PROOF_INDIVIDUAL_WARN_SECONDS'],
  ['expired not after warned', { PROOF_INDIVIDUAL_EXPIRY_SECONDS: '2700' }, 'PROOF_INDIVIDUAL_EXPIRY_SECONDS'],
  ['refused not after warned', { NODE_PRICE_REFUSED_SECONDS: '600' }, 'NODE_PRICE_REFUSED_SECONDS'],
  ['probes stale before the next', { OG_PROBE_INTERVAL_SECONDS: '901' }, 'NODE_PROBE_FRESH_SECONDS'],
  ['a host and no port', { HTTP_HOST: '0.0.0.0' }, 'HTTP_PORT'],
])('a contradiction is named: %s', (_, env, key) => {
  expect(keysOf(env)).toEqual([key]);
});

test.each<[string, Record<string, string>, string]>([
  ['no token at all', {}, 'DISCORD_TOKEN, TELEGRAM_TOKEN'],
  ['an admin on a platform without token', { TELEGRAM_TOKEN, ADMIN_DESTINATION: 'discord:12345' }, 'ADMIN_DESTINATION'],
  ['an API address without token', { TELEGRAM_TOKEN, DISCORD_API_URL: 'https://d.example' }, 'DISCORD_API_URL'],
])('start needs a platform: %s', (_, env, key) => {
  expect(keysOf(env, true)).toEqual([key]);
  // A question in the terminal and the doctor need none.
  expect(keysOf(env, false)).toEqual([]);
});

test('without a token the message names the demo, which needs none', () => {
  expect(problemsOf({}, true)[0]?.problem).toContain('npm run demo');
  expect(keysOf({ TELEGRAM_TOKEN }, true)).toEqual([]);
  expect(keysOf({ DISCORD_TOKEN: 'abc.def-ghijklm' }, true)).toEqual(['DISCORD_TOKEN']);
});

test('the empty environment is the documented network with the documented limits, frozen', () => {
  const { config, warnings } = parseConfig({}, NO_PLATFORM);
  expect(warnings).toEqual([]);
  expect(config).toMatchObject({
    opengradient: { chainId: 10_740, rpcUrls: ['https://ogevmdevnet.opengradient.ai'] },
    thresholds: defaultThresholds,
    sourceNoticeAfterMs: 300_000,
    allowPrivateEndpoints: false,
    http: null,
  });
  expect(() => config.opengradient.rpcUrls.push('x')).toThrow(TypeError);
});

test('units are what the names say', () => {
  const env = { OG_PROBE_INTERVAL_SECONDS: '30', OG_POLL_INTERVAL_MS: '250', NODE_CERTIFICATE_WARN_DAYS: '2' };
  const { config } = parseConfig({ ...env, ADMIN_DESTINATION: 'telegram:-100:7' }, NO_PLATFORM);
  expect(config.opengradient).toMatchObject({ probeIntervalMs: 30_000, pollIntervalMs: 250 });
  expect(config.thresholds.certificateWarnSeconds).toBe(172_800);
  expect(config.adminDestination).toEqual({ platform: 'telegram', chatId: '-100', threadId: '7' });
});

test.each([
  ['https://discord.com/api', 'https://discord.com/api'],
  ['https://discord.com/api/', 'https://discord.com/api'],
  ['https://discord.com/api/v10', 'https://discord.com/api'],
  ['https://discord.com/api/v10//', 'https://discord.com/api'],
  ['http://127.0.0.1:1234/v10', 'http://127.0.0.1:1234'],
  ['http://127.0.0.1:1234/v10/', 'http://127.0.0.1:1234'],
  ['http://127.0.0.1:1234/', 'http://127.0.0.1:1234'],
  ['http://proxy.example/v10/discord', 'http://proxy.example/v10/discord'],
])('DISCORD_API_URL %s is %s: discord.js adds the version itself', (url, apiUrl) => {
  const env = { DISCORD_TOKEN: 'MTA0MDAwMDAwMDAwMDAwMDAwMA.GsEcRt.discord', DISCORD_API_URL: url };
  expect(parseConfig(env, NO_PLATFORM).config.discord?.apiUrl).toBe(apiUrl);
});

test.each([
  ['https://api.telegram.org', 'https://api.telegram.org'],
  ['https://api.telegram.org/', 'https://api.telegram.org'],
  ['http://127.0.0.1:8081/proxy//', 'http://127.0.0.1:8081/proxy'],
])('TELEGRAM_API_ROOT %s is %s', (url, root) => {
  expect(parseConfig({ TELEGRAM_TOKEN, TELEGRAM_API_ROOT: url }, NO_PLATFORM).config.telegram?.apiRoot).toBe(root);
});

test('any environment whatsoever is either read or refused with names', () => {
  const value = fc.oneof(fc.string(), fc.constantFrom(...Object.values(MALFORMED).flat()), fc.webUrl());
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...READ), value), (env) => {
      for (const { key, problem } of problemsOf(env, true)) {
        expect(key).not.toBe('');
        expect(problem).not.toBe('');
      }
      if (problemsOf(env).length === 0) secretsOf(parseConfig(env, NO_PLATFORM).config);
    }),
    { numRuns: 500 },
  );
});
