import { expect, test } from 'vitest';
import { parseConfig, secretsOf } from '../src/config.ts';
import { governanceNetworks } from '../src/governanceNetworks.ts';

const ADDRESS = `0x${'ab'.repeat(20)}`;
const ON_CHAIN = { rpcUrls: ['https://user:s3cr3t-pass@rpc.example/key-1234567890abcdef'], chainId: 1, startBlock: 5 };
const ROWS = [
  { kind: 'snapshot', network: 'bedrock', space: 'acme.eth', apiKey: 'snapshot-secret-key' },
  { kind: 'curve', network: 'vine', title: 'Vine', escrow: ADDRESS, controller: ADDRESS, ...ON_CHAIN },
  { kind: 'governor', network: 'vine', title: 'Other', governor: ADDRESS, ...ON_CHAIN },
  {
    ...{ kind: 'holders', network: 'opengradient', token: ADDRESS, symbol: 'OPG' },
    api: 'https://user:s3cr3t-pass@x.example/1234567890abcdef/api/v2',
  },
];

function networks(env: Record<string, string> = {}, rows: readonly object[] = []) {
  const { config } = parseConfig({ ...env, GOVERNANCE_SOURCES: JSON.stringify(rows) }, { needsPlatform: false });
  const all = governanceNetworks(config);
  const of = (name: string) => {
    const found = all.find((network) => network.name === name);
    if (found === undefined) throw new Error(`no network ${name}`);
    return { ...found, sources: found.origins.map(({ source }) => source), lacks: found.missing.join(' ') };
  };
  return { config, all, of };
}

test('OpenGradient and Bedrock are always there, and say what they lack and what was tried', () => {
  const { all, of } = networks();
  expect(all.map(({ name, title }) => [name, title])).toEqual([
    ['opengradient', 'OpenGradient'],
    ['bedrock', 'Bedrock'],
  ]);
  expect(of('opengradient').sources).toEqual(['opengradient.governance', 'opengradient.validators']);
  expect(of('opengradient').caution.join(' ')).toMatch(/Proof of authority.*delegation is blocked/);
  expect(of('opengradient').lacks).toMatch(/No Snapshot space and no governor contract is known for OPG/);
  expect(of('bedrock').origins).toEqual([]);
  expect(of('bedrock').lacks).toMatch(/no RPC of its chain.*No Snapshot space is known for Bedrock.*multisig/);
  expect(all.every(({ missing }) => missing.some((words) => words.includes('no explorer is configured')))).toBe(true);
});

test('what is turned off has no source, and is said to be missing', () => {
  const off = networks({ OG_GOV_PRECOMPILE: 'none', OG_STAKING_PRECOMPILE: 'none' }).of('opengradient');
  expect(off.sources).toEqual([]);
  expect(off.lacks).toMatch(
    /Proposals of OpenGradient are not read here.*Validators of OpenGradient are not read here/,
  );
});

test('rows of one network belong together; what a row brings is not missing any more', () => {
  const { of, all } = networks({ BEDROCK_RPC_URLS: 'https://bsc.example' }, ROWS);
  expect(all.map(({ name }) => name)).toEqual(['opengradient', 'bedrock', 'vine']);
  expect(of('bedrock').sources).toEqual(['bedrock.votes', 'bedrock.snapshot']);
  expect(of('bedrock').lacks).not.toMatch(/Snapshot|no RPC/);
  expect(of('opengradient').sources).toContain('opengradient.holders');
  expect(of('opengradient').lacks).not.toContain('explorer');
  expect(of('vine')).toMatchObject({ title: 'Vine', sources: ['vine.votes', 'vine.governor'] });
  expect(of('bedrock').origins.map(({ words }) => words)).toEqual([
    'vote escrow 0xe97862…0c16 on chain 56',
    'Snapshot space acme.eth',
  ]);
});

test('where Curve gauges are voted for, the ten days are said, and nowhere else', () => {
  const { all } = networks({ BEDROCK_RPC_URLS: 'https://bsc.example' }, ROWS);
  const saying = all.filter(({ caution }) => caution.some((words) => words.includes('ten days')));
  expect(saying.map(({ name }) => name)).toEqual(['vine']);
});

test('nothing that readers see of it holds a key', () => {
  const { config, all } = networks({ BEDROCK_RPC_URLS: 'https://bsc.example/v2/abcdef0123456789' }, ROWS);
  const secrets = secretsOf(config);
  expect(secrets).toEqual(
    expect.arrayContaining(['snapshot-secret-key', 's3cr3t-pass', 'key-1234567890abcdef', 'v2/abcdef0123456789']),
  );
  const seen = JSON.stringify(all);
  expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
});
