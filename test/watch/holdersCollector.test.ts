import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HoldersRow } from '../../src/lib/governanceRow.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { Collector } from '../../src/watch/collector.ts';
import { holdersCollector } from '../../src/watch/holdersCollector.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { startWebServer, type WebAnswer, type WebServer } from '../rigs/webServer.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const TOKEN: Hex = '0x00000000000000000000000000000000000000fe';
const POOL: Hex = '0x00000000000000000000000000000000000000A1';
const PAGE = 50;
const FRESH = { kind: 'fresh' };

/** Heaviest first, as Blockscout lists them. */
let balances: { hash: string; value: bigint; is_contract?: boolean | null; name?: string | null }[];
let instead: ((path: string) => WebAnswer | undefined) | null;
let supply: string | null;
let ratio: string;
let server: WebServer;
let rig: TemporaryStore;
let clock: SteppingClock;

const addressOf = (serial: number): Hex => `0x${(0x1000 + serial).toString(16).padStart(40, '0')}`;

function page(query: URLSearchParams): WebAnswer {
  const from = Number(query.get('items_count') ?? 0);
  const items = balances.slice(from, from + PAGE).map(({ hash, value, is_contract = false, name = null }) => ({
    address: { hash, is_contract, name, ens_domain_name: null },
    token_id: null,
    value: value.toString(),
  }));
  const last = items.at(-1);
  const next = last && from + PAGE < balances.length;
  return {
    json: {
      items,
      next_page_params: next ? { address_hash: last.address.hash, items_count: from + PAGE, value: last.value } : null,
    },
  };
}

beforeEach(async () => {
  balances = [];
  instead = null;
  supply = '1000000';
  ratio = '1.00';
  server = await startWebServer((path) => {
    const own = instead?.(path);
    if (own !== undefined) return own;
    const url = new URL(path, 'http://explorer');
    if (url.pathname === '/api/v2/main-page/indexing-status') return { json: { indexed_blocks_ratio: ratio } };
    if (url.pathname === `/api/v2/tokens/${TOKEN}/holders`) return page(url.searchParams);
    if (url.pathname !== `/api/v2/tokens/${TOKEN}`) return undefined;
    return {
      json: {
        address: TOKEN,
        decimals: '18',
        symbol: 'OPG',
        total_supply: supply,
        holders_count: String(balances.length),
      },
    };
  });
  rig = await temporaryStore();
  clock = new SteppingClock();
});
afterEach(() => Promise.all([server.close(), rig.cleanup()]));

function start(more: Partial<HoldersRow> = {}): Collector {
  return holdersCollector(
    {
      ...{ kind: 'holders', network: 'opengradient', title: 'OpenGradient', intervalMs: 3_600_000 },
      ...{ api: `${server.url}/api/v2`, token: TOKEN, symbol: 'OPG', exclude: {}, limit: 1_000 },
      ...more,
    },
    {
      ...{ store: rig.store, clock, random: () => 0.5, logger: createLogger('debug', [], () => undefined) },
      notice: () => undefined,
      signal: new AbortController().signal,
    },
  );
}
const collect = async (collector = start()) => await collector.collect(new AbortController().signal);
async function kept() {
  const day = await rig.store.sets.latest('opengradient.holders');
  if (day === null) throw new Error('no set is kept');
  const members = (await rig.store.sets.members(day.set, day.day))?.members ?? [];
  return { ...day, members };
}

test('holders of several pages are kept with what was left out, and what they cover', async () => {
  balances = [
    { hash: POOL, value: 500_000n, is_contract: true, name: 'Pool' },
    ...Array.from({ length: 120 }, (_, serial) => ({
      hash: addressOf(serial),
      value: 2_000n - BigInt(serial),
      is_contract: serial === 3,
      name: serial === 3 ? 'Vault\u202e\n' : null,
    })),
    { hash: addressOf(900), value: 0n },
  ];
  const held = balances.slice(1, -1);
  expect(await collect(start({ exclude: { [POOL.toLowerCase() as Hex]: 'liquidity' } }))).toEqual(FRESH);
  const set = await kept();
  expect(set.members.map(({ id, weight }) => [id, weight])).toEqual(held.map(({ hash, value }) => [hash, value]));
  expect(set.members[3]?.label).toBe('Vault (contract)');
  expect(set.latest.count).toBe(120);
  expect(set.about).toMatchObject({
    unit: { symbol: 'OPG', decimals: 18 },
    words: `holders of 0x000000…00fe at ${new URL(server.url).host}`,
  });
  const sum = held.reduce((total, { value }) => total + value, 0n);
  expect(set.about.left).toEqual([
    '0x000000…00a1 (liquidity) is left out: 50 % of the supply',
    `covers the largest 120 of 122 holders: ${Math.floor(Number(sum) / 1_000) / 10} % of the supply`,
    '1 of them are contracts, which may hold for others',
  ]);
  // One pause after each page, so that a public explorer is not pressed.
  expect(clock.slept).toHaveLength(3);
});

test('the largest ones only are read, up to the limit', async () => {
  balances = Array.from({ length: 200 }, (_, serial) => ({ hash: addressOf(serial), value: 1_000n - BigInt(serial) }));
  await collect(start({ limit: 60 }));
  expect((await kept()).members).toHaveLength(60);
  expect(server.asked.filter((path) => path.includes('/holders'))).toHaveLength(2);
  expect((await kept()).about.left[0]).toContain('the largest 60 of 200 holders');
});

test('a supply that is not said, and an explorer that lags, are said', async () => {
  balances = [{ hash: addressOf(1), value: 5n }];
  supply = null;
  ratio = '0.93';
  await collect();
  expect((await kept()).about.left).toEqual([
    'covers the largest 1 of 1 holder: a share of the supply that is not known',
    'the explorer has read 93 % of the blocks',
  ]);
});

describe('an explorer that cannot be relied on', () => {
  beforeEach(() => {
    balances = Array.from({ length: 120 }, (_, serial) => ({ hash: addressOf(serial), value: 9n }));
  });
  const holdersOnly =
    (answer: WebAnswer) =>
    (path: string): WebAnswer | undefined =>
      path.includes('/holders') ? answer : undefined;

  test.each<[string, WebAnswer, string]>([
    ['names nobody', { json: { items: [], next_page_params: null } }, 'the explorer names no holder'],
    ['answers otherwise', { json: { holders: [] } }, 'answers otherwise than expected'],
    [
      'sends a balance that is no number',
      { json: { items: [{ address: { hash: POOL }, value: 'lots' }] } },
      'answers otherwise',
    ],
    ['redirects', { status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' }, 'redirect'],
    ['is broken', { status: 500, body: '' }, 'HTTP 500'],
    ['answers HTML', { body: '<html>' }, 'not JSON'],
    [
      'repeats its pages',
      { json: { items: [{ address: { hash: POOL }, value: '5' }], next_page_params: { page: 1 } } },
      'answers otherwise',
    ],
  ])('and %s is failing, and nothing is kept', async (_, answer, words) => {
    instead = holdersOnly(answer);
    await expect(collect()).rejects.toThrow(words);
    expect(await rig.store.sets.known()).toEqual([]);
  });

  test('a day that is kept stays when it fails later', async () => {
    await collect();
    const before = await kept();
    instead = holdersOnly({ status: 500, body: '' });
    await expect(collect()).rejects.toThrow();
    expect(await kept()).toEqual(before);
  });

  test('and asks for a pause gets it', async () => {
    const collector = start();
    instead = () => ({ status: 429, headers: { 'retry-after': '120' }, body: '' });
    await expect(collect(collector)).rejects.toThrow('asks for fewer questions');
    const asked = server.asked.length;
    clock.advance(60_000);
    await expect(collect(collector)).rejects.toThrow('asks for fewer questions');
    expect(server.asked).toHaveLength(asked);
    instead = null;
    clock.advance(61_000);
    expect(await collect(collector)).toEqual(FRESH);
  });

  test('and does not say how far it has indexed is read all the same', async () => {
    instead = (path) => (path.includes('indexing-status') ? { status: 404, body: '' } : undefined);
    expect(await collect()).toEqual(FRESH);
  });

  test('an explorer that names less of the token, or fewer holders, than it lists is not believed in that', async () => {
    balances = [1, 2].map((serial) => ({ hash: addressOf(serial), value: 700_000n }));
    instead = (path) =>
      path.endsWith(TOKEN) ? { json: { decimals: '6', total_supply: '1000000', holders_count: '1' } } : undefined;
    await start().collect(new AbortController().signal);
    const { about } = (await rig.store.sets.latest('opengradient.holders')) ?? {};
    expect(about?.left).toEqual([
      'covers the largest 2 of all holders, whose number is not known: more than the supply that the explorer names',
    ]);
  });

  test('and does not know the token is failing', async () => {
    await expect(collect(start({ token: POOL }))).rejects.toThrow('the explorer does not know that');
  });
});
