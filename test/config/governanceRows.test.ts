import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError, parseConfig, secretsOf } from '../../src/config.ts';

const ADDRESS = `0x${'aB'.repeat(20)}`;
const ON_CHAIN = { rpcUrls: ['https://rpc.example/key-1234567890abcdef'], chainId: 1, startBlock: 5 };

const rows = (text: unknown, more: Record<string, string> = {}) =>
  parseConfig(
    { ...more, GOVERNANCE_SOURCES: typeof text === 'string' ? text : JSON.stringify(text) },
    { needsPlatform: false },
  ).config;

function problemOf(text: unknown): string {
  try {
    rows(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ problem }) => problem).join('\n');
    throw error;
  }
  return '';
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test('a row of each kind is read, with what it may leave out', () => {
  const { governance } = rows([
    { kind: 'snapshot', network: 'acme', space: 'acme.eth' },
    { kind: 'governor', network: 'acme', title: 'ACME Inc.', governor: ADDRESS, ...ON_CHAIN },
    { kind: 'curve', network: 'curve', escrow: ADDRESS, controller: ADDRESS, ...ON_CHAIN, confirmations: 2 },
    { kind: 've-season', network: 'other', escrow: ADDRESS, ...ON_CHAIN, intervalSeconds: 10 },
    { kind: 'holders', network: 'opengradient', api: 'https://x.example/api/v2/', token: ADDRESS, symbol: 'OPG' },
  ]);
  expect(governance).toMatchObject([
    { title: 'Acme', api: 'https://hub.snapshot.org/graphql', apiKey: null, intervalMs: 60_000 },
    { title: 'ACME Inc.', governor: ADDRESS.toLowerCase(), token: null, startBlock: 5n, confirmations: 5 },
    { title: 'Curve', confirmations: 2, intervalMs: 300_000 },
    { token: null, intervalMs: 10_000 },
    { api: 'https://x.example/api/v2', exclude: {}, limit: 1_000, intervalMs: 3_600_000 },
  ]);
});

test('Bedrock is the first of them once its chain can be asked, and not there before', () => {
  expect(rows('[]').governance).toEqual([]);
  const { governance } = rows([{ kind: 'snapshot', network: 'bedrock', space: 'br.eth' }], {
    BEDROCK_RPC_URLS: 'https://bsc.example',
  });
  expect(governance.map(({ network, kind }) => `${network} ${kind}`)).toEqual([
    'bedrock ve-season',
    'bedrock snapshot',
  ]);
});

test('a second source of Bedrock’s votes is refused: its keys name one already', () => {
  expect(() =>
    rows([{ kind: 've-season', network: 'bedrock', escrow: ADDRESS, ...ON_CHAIN }], {
      BEDROCK_RPC_URLS: 'https://bsc.example',
    }),
  ).toThrow(/GOVERNANCE_SOURCES: there is another row for bedrock\.votes/);
});

test('a file may hold the list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-rows-'));
  folders.push(folder);
  const path = join(folder, 'rows.json');
  writeFileSync(path, JSON.stringify([{ kind: 'snapshot', network: 'acme', space: 'acme.eth' }]));
  expect(rows(`file:${path}`).governance).toHaveLength(1);
  expect(problemOf(`file:${path}x`)).toContain('ENOENT');
});

describe('what is wrong is named by row and key, and its value is not', () => {
  test.each([
    ['{}', /JSON list/],
    ['nonsense', /it is not JSON/],
    [[{ kind: 'snapshot', network: 'acme' }], /row 1, space/],
    [[{ kind: 'snapshot', network: 'Acme Inc', space: 'a.eth' }], /row 1, network: expected a name/],
    [[{ kind: 'polls', network: 'acme' }], /row 1, kind/],
    [[{ kind: 'governor', network: 'acme', ...ON_CHAIN }], /row 1, governor/],
    [
      [{ kind: 'curve', network: 'a1', escrow: ADDRESS, controller: ADDRESS, ...ON_CHAIN, chainId: 0 }],
      /row 1, chainId/,
    ],
    [[{ kind: 'snapshot', network: 'acme', space: 'a.eth', sapce: 1 }], /row 1, as a whole.*sapce/],
    [
      [
        { kind: 'curve', network: 'acme', escrow: ADDRESS, controller: ADDRESS, ...ON_CHAIN },
        { kind: 've-season', network: 'acme', escrow: ADDRESS, ...ON_CHAIN },
      ],
      /row 2: there is another row for acme\.votes/,
    ],
  ])('%j', (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  test('law: whatever is there is a list of rows or an error of this key, and never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        fc.pre(text.trim() !== '' && !text.startsWith('file:'));
        try {
          expect(Array.isArray(rows(text).governance)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect((error as ConfigError).problems.map(({ key }) => key)).toEqual(['GOVERNANCE_SOURCES']);
        }
      }),
    );
  });
});

test('keys and paths in rows are secrets', () => {
  const config = rows([
    { kind: 'snapshot', network: 'acme', space: 'acme.eth', apiKey: 'snap-secret-1' },
    { kind: 'governor', network: 'acme', governor: ADDRESS, ...ON_CHAIN },
  ]);
  expect(secretsOf(config)).toEqual(expect.arrayContaining(['snap-secret-1', 'key-1234567890abcdef']));
  expect(problemOf([{ kind: 'snapshot', network: 'acme', space: 'no', apiKey: 'snap-secret-1' }])).not.toContain(
    'secret',
  );
});
