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
])('%s is taken for %s', (typed, meant) => {
  expect(misspelledKeys([typed])).toEqual([{ name: typed, meant }]);
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

test('a key of a later version is a warning too, and private endpoints are', () => {
  const { warnings } = parseConfig(
    { OG_HUB_URL: 'https://x.example', ALLOW_PRIVATE_ENDPOINTS: 'true' },
    { needsPlatform: false },
  );
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain('OG_HUB_URL');
  expect(warnings[1]).toContain('ALLOW_PRIVATE_ENDPOINTS');
});

test('names as long as one likes cost nothing', () => {
  const long = `DISCORD_${'X'.repeat(1_000_000)}`;
  const started = performance.now();
  expect(misspelledKeys([long])).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1_000);
});
