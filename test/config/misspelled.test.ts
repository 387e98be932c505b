import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEYS } from '../../src/config/keys.ts';
import { misspelledKeys } from '../../src/config/misspelled.ts';
import { parseConfig } from '../../src/config.ts';

const names = KEYS.map(({ name }) => name);
const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ_');

/** One slip of the fingers: a letter left out, doubled, wrong, or two swapped. */
const slip = fc
  .record({
    name: fc.constantFrom(...names),
    at: fc.nat(),
    kind: fc.constantFrom('drop', 'insert', 'replace', 'swap'),
    letter,
  })
  .map(({ name, at, kind, letter: other }) => {
    const i = at % name.length;
    const [before, after] = [name.slice(0, i), name.slice(i + 1)];
    if (kind === 'drop') return { name, typed: before + after };
    if (kind === 'insert') return { name, typed: before + other + name.slice(i) };
    if (kind === 'replace') return { name, typed: before + other + after };
    return { name, typed: before + (name[i + 1] ?? '') + name[i] + name.slice(i + 2) };
  })
  .filter(({ typed }) => !names.includes(typed));

/** One letter apart from something that is one letter apart from it: either may have been meant. */
const TWINS = ['HTTP_HOST', 'HTTP_PORT'];

test('one slip in any key is noticed and the key is named', () => {
  fc.assert(
    fc.property(slip, ({ name, typed }) => {
      const found = misspelledKeys([typed]);
      expect(found).toEqual([{ name: typed, meant: expect.any(String) }]);
      expect(TWINS.includes(name) ? TWINS : [name]).toContain(found[0]?.meant);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['OG_RPC_URL', 'OG_RPC_URLS'],
  ['DISCORDTOKEN', 'DISCORD_TOKEN'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['TELEGRAM_TOKENS', 'TELEGRAM_TOKEN'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_TOKEN'],
  ['DISCORD_BOT_TOKEN', 'DISCORD_TOKEN'],
  ['DISCORD_API_TOKEN', 'DISCORD_TOKEN'],
  ['TELEGRAM_API_URL', 'TELEGRAM_API_ROOT'],
  ['OG_RPC', 'OG_RPC_URLS'],
  ['OG_REGISTRY_TEE', 'OG_TEE_REGISTRY'],
  ['OG_PROBE_SECONDS', 'OG_PROBE_INTERVAL_SECONDS'],
  ['ASSAY_TELEGRAM_TOKEN', 'TELEGRAM_TOKEN'],
  ['ASSAY_DATABASE_URL', 'DATABASE_URL'],
  ['telegram_token', 'TELEGRAM_TOKEN'],
  ['Discord_Token', 'DISCORD_TOKEN'],
  ['database_url', 'DATABASE_URL'],
  ['http_port', 'HTTP_PORT'],
  ['telegram_bot_token', 'TELEGRAM_TOKEN'],
])('%s is taken for %s', (typed, meant) => {
  expect(misspelledKeys([typed])).toEqual([{ name: typed, meant }]);
});

test.each(['DISCORD_CLIENT_ID', 'OG_', 'TELEGRAM_WEBHOOK', 'ASSAY_COLOUR', 'BEDROCK_REGION', 'WALRUS_EPOCHS'])(
  '%s begins like a key of ours and is like none: it is noticed, and nothing is guessed',
  (name) => {
    expect(misspelledKeys([name])).toEqual([{ name, meant: null }]);
    expect(parseConfig({ [name]: 'x' }, { needsPlatform: false }).warnings).toEqual([
      `${name} is not a key that Assay knows`,
    ]);
  },
);

test('any key of ours in another case is taken for it, and never for a second one', () => {
  for (const name of names)
    expect(misspelledKeys([name.toLowerCase()])).toEqual([{ name: name.toLowerCase(), meant: name }]);
});

test('whatever begins with a prefix of ours is noticed once, and what is guessed is a key', () => {
  const word = fc.constantFrom('OG', 'DISCORD', 'TELEGRAM', 'ASSAY', 'API', 'TOKEN', 'URLS', 'RPC', 'HUB', 'X1', '');
  fc.assert(
    fc.property(fc.constantFrom('OG_', 'DISCORD_', 'ASSAY_'), fc.array(word, { maxLength: 5 }), (prefix, words) => {
      const name = prefix + words.join('_');
      fc.pre(!names.includes(name) && name.length <= 60);
      const found = misspelledKeys([name]);
      expect(found).toHaveLength(1);
      expect([...names, null]).toContain(found[0]?.meant);
    }),
  );
});

test('a name that a stranger put into the environment cannot move the cursor', () => {
  const { warnings } = parseConfig({ 'OG_\u001b[2J\u0007': 'x' }, { needsPlatform: false });
  expect(warnings).toHaveLength(1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(warnings[0]).not.toMatch(/[\u0000-\u001f]/);
});

test('what other programs put into an environment is no misspelling', () => {
  const others = [
    ...['PATH', 'HOME', 'SHELL', 'TERM', 'LANG', 'LC_ALL', 'PWD', 'OLDPWD', 'USER', 'LOGNAME', 'HOSTNAME', '_'],
    ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_VERSION'],
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'ALL_PROXY', 'npm_config_user_agent', 'CI', 'TZ'],
    ...['POSTGRES_PASSWORD', 'PGHOST', 'DATABASE_HOST', 'LOG_FILE', 'LOG_DIR', 'KUBERNETES_SERVICE_PORT'],
  ];
  expect(misspelledKeys(others)).toEqual([]);
  expect(misspelledKeys(names)).toEqual([]);
});

test('a misspelling is a warning that names both, and no error', () => {
  const { warnings } = parseConfig({ OG_RPC_URL: 'https://x.example' }, { needsPlatform: false });
  expect(warnings).toEqual(['OG_RPC_URL is not a key that Assay knows; did you mean OG_RPC_URLS?']);
});

test('that private endpoints are asked is a warning', () => {
  const { warnings } = parseConfig({ ALLOW_PRIVATE_ENDPOINTS: 'true' }, { needsPlatform: false });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('ALLOW_PRIVATE_ENDPOINTS');
});

test('names as long as one likes cost nothing', () => {
  const long = `DISCORD_${'X'.repeat(1_000_000)}`;
  const started = performance.now();
  expect(misspelledKeys([long])).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1_000);
});
