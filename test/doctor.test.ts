import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../src/config.ts';
import { runDoctor } from '../src/doctor.ts';
import type { Finding } from '../src/doctorFinding.ts';
import { startBedrock } from './devnet/bedrock.ts';
import { curveRow, deployCurve } from './devnet/curve.ts';
import { deployGovernor, governorRow } from './devnet/governor.ts';
import { type DevNetwork, startNetwork } from './devnet/network.ts';
import { snapshotRow, startSnapshot } from './devnet/snapshot.ts';
import { runAssay } from './rigs/assayProcess.ts';
import { LOG_REFUSALS, startRpcProxy } from './rigs/rpcProxy.ts';

let network: DevNetwork;
let folder: string;
/** A port that nothing listens on. */
let closedPort: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-doctor-'));
  // A little in the past, so that the blocks of the registrations are not ahead of now; then it is brought there.
  network = await startNetwork({ gateways: 2, startSeconds: Math.floor(Date.now() / 1000) - 600 });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closedPort = (server.address() as { port: number }).port;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  await network.settle('amber', 3);
  await network.uploads.upload({ author: 'acme', name: 'fraud-net' });
  network.uploads.tick();
  await catchUp();
  network.uploads.tick();
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A block with the time of now. */
async function catchUp(): Promise<void> {
  await network.chain.mine(Math.max(1, Math.floor(Date.now() / 1000) - network.chain.nowSeconds()));
}

const envWith = (more: Record<string, string> = {}): Record<string, string> => ({
  ...network.env,
  DATABASE_URL: `file:${join(folder, 'a.db')}`,
  ...more,
});

async function findings(more: Record<string, string> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of runDoctor(parseConfig(envWith(more), { needsPlatform: false }).config))
    found.push(finding);
  return found;
}
const about = (found: readonly Finding[], check: string): Finding | undefined =>
  found.find((one) => one.check.startsWith(check));

test('a network that is as assumed: every line holds, and each assumption has its line', async () => {
  const found = await findings();
  expect(found.filter(({ outcome }) => outcome !== 'holds')).toEqual([]);
  expect(found.map(({ check }) => check.replace(/0x\S+|127\.0\.0\.1:\d+/g, '…'))).toEqual([
    'database',
    'chain id at …',
    'head of the chain',
    'code at TEERegistry …',
    'Multicall3 …',
    'registry answers',
    'struct layout',
    'node types',
    'heartbeatMaxAge',
    'approved measurements',
    'gateway https://…',
    'log range of 10,000 blocks',
    'relay … -> verifier -> registry',
    'settlements in the last 10,000 blocks',
    'limits of the verifier behind …',
    'facilitator at …',
    'hub at …',
    'storage at …',
    'code at … (use)',
    'code at … (use)',
    'scheduler …',
    'gov precompile …',
    'staking precompile …',
    'slashing precompile …',
  ]);
  expect(about(found, 'gov precompile')?.detail).toMatch(/^quorum 33.4 %, threshold 50 %, veto 33.4 %; 0 proposals/);
  expect(about(found, 'staking precompile')?.detail).toMatch(/^5 validators, 5 bonded, the same power each/);
  expect(about(found, 'slashing precompile')?.detail).toBe('5 signing records, window of 100 blocks');
  expect(about(found, 'registry answers')?.detail).toBe('2 registrations');
  expect(about(found, 'struct layout')?.detail).toBe('11 fields');
  expect(about(found, 'node types')?.detail).toBe('0 LLMProxy, 1 Validator');
  expect(about(found, 'settlements')?.detail).toBe(`${network.settlements.relay} 1`);
  expect(about(found, 'limits')?.detail).toContain('up to 1 h after it was signed, and 5 min ahead');
  expect(about(found, 'facilitator')?.detail).toContain('3 requests');
  expect(about(found, 'hub')?.detail).toBe('1 model; of the first: 1 version');
  expect(about(found, 'storage')?.detail).toBe('the first file that the hub lists is readable');
});

test('rules that cannot be read, and a chain without validators, differ', async () => {
  const { setParams, validators } = network.governance;
  await setParams({ quorum: '33.4%' });
  for (const { name } of validators.list) await validators.change(name, { status: 'unbonding' });
  const found = await findings();
  await setParams({ quorum: '0.334000000000000000' });
  for (const { name } of validators.list) await validators.change(name, { status: 'bonded' });
  expect(about(found, 'gov precompile')).toMatchObject({ outcome: 'differs' });
  expect(about(found, 'gov precompile')?.detail).toMatch(/^quorum unknown, threshold 50 %/);
  expect(about(found, 'staking precompile')).toMatchObject({ outcome: 'differs' });
  expect(about(found, 'staking precompile')?.detail).toMatch(/^5 validators, 0 bonded/);
});

test('another chain than configured is named by both ids', async () => {
  const found = await findings({ OG_CHAIN_ID: '1' });
  expect(about(found, 'chain id')).toMatchObject({ outcome: 'differs', detail: '10740, configured 1' });
});

test('addresses at which there is no such contract differ; what hangs on them is not made up', async () => {
  const nothing = `0x${'9'.repeat(40)}`;
  const found = await findings({ OG_TEE_REGISTRY: nothing, OG_SETTLEMENT_RELAYS: nothing });
  expect(about(found, 'code at TEERegistry')).toMatchObject({
    outcome: 'differs',
    detail: 'nothing is deployed there',
  });
  expect(about(found, 'registry answers')).toMatchObject({
    outcome: 'differs',
    detail: expect.stringContaining(`there is no registry at ${nothing}`),
  });
  for (const check of ['struct layout', 'node types', 'heartbeatMaxAge', 'approved measurements', 'a gateway']) {
    expect(about(found, check)).toMatchObject({ outcome: 'could not ask', detail: 'nothing to ask it at, see above' });
  }
  expect(about(found, 'relay')?.outcome).toBe('differs');
});

test('another contract than a registry at its address differs, although it has code', async () => {
  const found = await findings({ OG_TEE_REGISTRY: network.chain.relay });
  expect(about(found, 'code at TEERegistry')?.outcome).toBe('holds');
  expect(about(found, 'registry answers')).toMatchObject({
    outcome: 'differs',
    detail: expect.stringContaining('there is no registry'),
  });
  expect(about(found, 'struct layout')?.outcome).toBe('could not ask');
});

test('a relay that leads to another registry differs', async () => {
  const found = await findings({ OG_TEE_REGISTRY: network.chain.verifier });
  expect(about(found, 'relay')).toMatchObject({ outcome: 'differs' });
});

test('a node that cannot be asked is “could not ask”, never “differs”, and so is all that rests on it', async () => {
  const found = await findings({ OG_RPC_URLS: `http://127.0.0.1:${closedPort}` });
  expect(found.map(({ check, outcome }) => [check, outcome])).toEqual([
    ['database', 'holds'],
    [`chain id at 127.0.0.1:${closedPort}`, 'could not ask'],
    ['head of the chain', 'could not ask'],
    ...[
      'code at TEERegistry',
      'registry answers',
      'struct layout',
      'node types',
      'heartbeatMaxAge',
      'approved measurements',
      'a gateway',
      'log range of 10,000 blocks',
      expect.stringMatching(/^relay 0x.* -> verifier -> registry$/),
      'settlements in the last 10,000 blocks',
      expect.stringMatching(/^limits of the verifier behind 0x/),
    ].map((check) => [check, 'could not ask']),
    // What is asked elsewhere than at the chain is asked all the same.
    [expect.stringMatching(/^facilitator at /), 'holds'],
    [expect.stringMatching(/^hub at /), 'holds'],
    [expect.stringMatching(/^storage at /), 'holds'],
    ['use on chain', 'could not ask'],
    ...['gov', 'staking', 'slashing'].map((name) => [
      expect.stringMatching(new RegExp(`^${name} precompile 0x`)),
      'could not ask',
    ]),
  ]);
});

test('one of several nodes that cannot be asked does not keep the rest from being checked', async () => {
  const found = await findings({ OG_RPC_URLS: `http://127.0.0.1:${closedPort},${network.chain.rpcUrl}` });
  expect(found.filter(({ outcome }) => outcome === 'could not ask').map(({ check }) => check)).toEqual([
    `chain id at 127.0.0.1:${closedPort}`,
  ]);
  expect(about(found, 'relay')?.outcome).toBe('holds');
});

test('a settler that is not configured differs, and so does a limit that is assumed wrongly', async () => {
  const found = await findings({
    OG_SETTLEMENT_RELAYS: network.settlements.openRelay,
    PROOF_INDIVIDUAL_EXPIRY_SECONDS: '7200',
  });
  expect(about(found, 'settlements')).toMatchObject({
    outcome: 'differs',
    detail: `${network.settlements.relay} 1 (not configured)`,
  });
  expect(about(found, 'limits')?.outcome).not.toBe('holds');
});

test('hub, storage and facilitator that do not answer could not be asked; what is turned off is not looked at', async () => {
  const closed = `http://127.0.0.1:${closedPort}`;
  const found = await findings({ OG_HUB_URL: closed, WALRUS_AGGREGATOR_URLS: closed, OG_FACILITATOR_URL: closed });
  for (const check of ['hub', 'storage', 'facilitator']) expect(about(found, check)?.outcome).toBe('could not ask');
  const off = { OG_HUB_URL: 'none', WALRUS_AGGREGATOR_URLS: 'none', OG_FACILITATOR_URL: 'none', OG_SCHEDULER: 'none' };
  const precompiles = { OG_GOV_PRECOMPILE: 'none', OG_STAKING_PRECOMPILE: 'none', OG_SLASHING_PRECOMPILE: 'none' };
  const rest = await findings({ ...off, ...precompiles, OG_INFERENCE_ADDRESSES: 'none' });
  expect(rest.at(-1)?.check).toContain('limits of the verifier');
});

describe('governance elsewhere', () => {
  const NOTHING = `0x${'9'.repeat(40)}`;

  test('Bedrock as it should be holds: chain, contracts, vote window, season, old logs', async () => {
    const bedrock = await startBedrock({ startSeconds: Math.floor(Date.now() / 1000) - 86_400 });
    try {
      const found = (await findings(bedrock.env)).filter(({ check }) => check.startsWith('bedrock'));
      expect(found.map(({ outcome }) => outcome)).toEqual(['holds', 'holds', 'holds']);
      expect(found[1]?.detail).toMatch(/^locks 0x\S+; voter 0x\S+; epoch \d+ of 14 d; season \d+; power at most 8x$/);
      const wrong = await findings({ ...bedrock.env, BEDROCK_TOKEN: NOTHING, BEDROCK_CHAIN_ID: '56' });
      expect(about(wrong, 'bedrock ve-season: chain id')).toMatchObject({ outcome: 'differs' });
      expect(about(wrong, 'bedrock ve-season: contracts')?.outcome).toBe('could not ask');
      const proxy = await startRpcProxy(bedrock.chain.rpcUrl);
      proxy.logLimit = { blocks: 2, error: LOG_REFUSALS.quicknode };
      const narrow = await findings({ ...bedrock.env, BEDROCK_RPC_URLS: proxy.url });
      expect(about(narrow, 'bedrock ve-season: logs')?.outcome).toBe('holds');
      proxy.instead = (method) => (method === 'eth_getLogs' ? [] : null);
      const none = await findings({ ...bedrock.env, BEDROCK_RPC_URLS: proxy.url });
      expect(about(none, 'bedrock ve-season: logs')?.outcome).toBe('could not ask');
      await proxy.close();
      await bedrock.setVoter(NOTHING as `0x${string}`);
      expect(about(await findings(bedrock.env), 'bedrock ve-season: contracts')).toMatchObject({
        outcome: 'differs',
        detail: expect.stringContaining('its voter lists no gauges'),
      });
      const other = await findings({ ...bedrock.env, BEDROCK_TOKEN: NOTHING });
      expect(about(other, 'bedrock ve-season: contracts')).toMatchObject({
        outcome: 'differs',
        detail: expect.stringContaining('configured 0x999999'),
      });
    } finally {
      await bedrock.close();
    }
  });

  test('a governor, gauges of Curve’s kind and a Snapshot space are asked as their rows say', async () => {
    const [governor, curve, snapshot] = [
      await deployGovernor(network.chain),
      await deployCurve(network.chain),
      await startSnapshot(),
    ];
    try {
      snapshot.addSpace('devnet.eth');
      const rows = [
        governorRow(governor, { network: 'acme' }),
        curveRow(curve, { network: 'acme' }),
        snapshotRow(snapshot, { network: 'acme' }),
        snapshotRow(snapshot, { network: 'other', space: 'nobody.eth' }),
      ];
      const found = await findings({ GOVERNANCE_SOURCES: JSON.stringify(rows) });
      expect(about(found, 'acme governor: contracts')).toMatchObject({ outcome: 'holds' });
      expect(about(found, 'acme curve: contracts')).toMatchObject({ outcome: 'holds' });
      expect(about(found, 'acme snapshot')?.outcome).toBe('holds');
      expect(about(found, 'other snapshot')).toMatchObject({
        outcome: 'could not ask',
        detail: expect.stringContaining('the space nobody.eth'),
      });
    } finally {
      await snapshot.close();
    }
  });
});

test('a gateway with another certificate differs, one that is off or may not be asked could not be asked', async () => {
  const names = network.gateways.map(({ name }) => name);
  for (const name of names) await network.swapCertificate(name);
  expect(about(await findings(), 'gateway')).toMatchObject({
    outcome: 'differs',
    detail: expect.stringContaining('certificate-mismatch'),
  });
  expect(about(await findings({ ALLOW_PRIVATE_ENDPOINTS: 'false' }), 'gateway')?.outcome).toBe('could not ask');
  for (const name of names) await network.stopNode(name);
  expect(about(await findings(), 'gateway')?.outcome).toBe('could not ask');
});

test('a threshold that the chain’s own limit makes meaningless differs', async () => {
  const found = await findings({ NODE_HEARTBEAT_MISSED_SECONDS: '100000' });
  expect(about(found, 'heartbeatMaxAge')).toMatchObject({ outcome: 'differs' });
});

test('a chain that stands still differs by the age of its head', async () => {
  const old = await startNetwork({ gateways: 1, startSeconds: Math.floor(Date.now() / 1000) - 4_000 });
  try {
    const head = about(await findings(old.env), 'head of the chain');
    expect(head).toMatchObject({ outcome: 'differs', detail: expect.stringMatching(/1 h \d+ min old$/) });
  } finally {
    await old.close();
  }
});

test('the command prints a line each, and its exit code says whether something differs', async () => {
  await catchUp();
  const [unasked, differing] = await Promise.all([
    runAssay(['doctor'], envWith({ OG_RPC_URLS: `http://127.0.0.1:${closedPort}` }), folder),
    runAssay(['doctor'], envWith({ OG_CHAIN_ID: '1', DATABASE_URL: `file:${join(folder, 'b.db')}` }), folder),
  ]);
  expect(unasked?.code).toBe(75);
  for (const line of unasked.stdout.trimEnd().split('\n')) expect(line).toMatch(/^(holds|could not ask) +\S.*: .+$/);
  expect(differing.code).toBe(1);
  expect(differing.stdout).toMatch(/^differs +chain id at .*: 10740, configured 1$/m);
});
