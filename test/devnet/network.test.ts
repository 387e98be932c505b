import { type Hex, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { GOV_PRECOMPILE } from './governance.ts';
import { type DevNetwork, startNetwork } from './network.ts';
import type { StuckAt } from './uploads.ts';
import { SLASHING_PRECOMPILE, STAKING_PRECOMPILE } from './validators.ts';

let network: DevNetwork;

beforeAll(async () => {
  network = await startNetwork({ gateways: 2, pastDays: 0.2, pastAnswers: 3, payments: true });
}, 60_000);

afterAll(() => network.close());

const get = async (url: string): Promise<{ status: number; body: unknown }> => {
  const answer = await fetch(url);
  return { status: answer.status, body: await answer.json().catch(() => null) };
};
const listed = async (): Promise<string[]> => {
  const found: string[] = [];
  for (let page = 0; ; page += 1) {
    const { body } = await get(`${network.env.OG_HUB_URL}/models/?page=${page}&limit=100`);
    found.push(...(body as { name: string }[]).map(({ name }) => name));
    if ((body as unknown[]).length < 100) return found;
  }
};
const isStored = async (blobId: string): Promise<boolean> =>
  (await fetch(`${network.env.WALRUS_AGGREGATOR_URLS}/v1/blobs/${blobId}`, { method: 'HEAD' })).ok;
const topics = async (address: Hex): Promise<Hex[]> =>
  (await network.chain.client.getLogs({ address, fromBlock: 0n })).map((log) => (log.topics as Hex[])[0] as Hex);

describe('the small network', () => {
  it('names only addresses of this machine', () => {
    const urls = Object.values(network.env).filter((value) => value.includes('://'));
    expect(urls).toHaveLength(5);
    for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
  });

  it('has a past in which answers were settled', async () => {
    expect(network.facilitator.settled.length).toBeGreaterThan(10);
    const [first] = network.facilitator.settled;
    const { status } = await network.chain.client.getTransactionReceipt({ hash: first?.txHash as Hex });
    expect(status).toBe('success');
    expect(await isStored(first?.blobId as string)).toBe(true);
  });

  it('has proposals and validators where the configuration looks for them', async () => {
    const { config } = parseConfig({ ...network.env }, { needsPlatform: false });
    const { gov, staking, slashing } = config.opengradient.precompiles;
    expect([gov, staking, slashing]).toEqual([GOV_PRECOMPILE, STAKING_PRECOMPILE, SLASHING_PRECOMPILE]);
    const abi = parseAbi([
      'function getTallyResult(uint64 proposalId) view returns ((string yes, string abstain, string no, string noWithVeto) tallyResult)',
    ]);
    const id = await network.governance.submit({ title: 'A sixth validator', messages: ['/poa.MsgAddValidator'] });
    for (const { name } of network.governance.validators.list) await network.governance.vote(id, name, 'yes');
    const args = [id] as const;
    const { yes } = await network.chain.client.readContract({
      ...{ address: gov as Hex, abi, functionName: 'getTallyResult', args },
    });
    expect(yes).toBe(String(5n * 10n ** 18n));
  });

  it('counts requests that are never settled', async () => {
    const total = async (): Promise<number> =>
      ((await get(`${network.env.OG_FACILITATOR_URL}/usage?days=90`)).body as { totalRequests: number }).totalRequests;
    const before = await total();
    const settled = network.facilitator.settled.length;
    network.infer('amber', 7, 'private');
    expect(await network.facilitator.flush()).toEqual([]);
    expect(await total()).toBe(before + 7);
    expect(network.facilitator.settled).toHaveLength(settled);
    expect((await get(`${network.env.OG_FACILITATOR_URL}/usage?days=91`)).status).toBe(400);
  });

  it('leaves uploads stuck at the stage that was asked for', async () => {
    const stages: (StuckAt | null)[] = ['not-stored', 'stored', 'incomplete', 'gone', 'format', 'used-unlisted', null];
    for (const stuckAt of stages) await network.uploads.upload({ name: stuckAt ?? 'well', stuckAt, delaySeconds: 60 });
    network.uploads.tick();
    expect(await listed()).toEqual([]);
    await network.chain.mine(3_600);
    network.uploads.tick();
    expect(await listed()).toEqual(['not-stored', 'incomplete', 'gone', 'format', 'well']);
    const stored = await Promise.all(network.uploads.all.map(({ blobId }) => isStored(blobId)));
    expect(stored).toEqual([false, true, true, false, true, true, true]);
    const detail = await get(`${network.env.OG_HUB_URL}/models/incomplete?authorUsername=acme`);
    expect(detail.body).not.toHaveProperty('description');
    const files = await get(`${network.env.OG_HUB_URL}/models/format/versions/1.00/files?authorUsername=acme`);
    expect(files.body).toMatchObject([{ name: 'model.safetensors', ipfsCid: network.uploads.all[4]?.blobId }]);
    expect(await topics(network.inference.precompile)).toEqual([
      '0x1b283af3452f3718585ce100f80d9aa81fc60924db4a582a36db6aae3b109d87',
    ]);
  });

  it('takes a burst of 2,000 uploads and lists them in batches', async () => {
    const before = (await listed()).length;
    const uploads = await network.uploads.burst(2_000, { batchSize: 150, everySeconds: 60 });
    expect(new Set(uploads.map(({ blobId }) => blobId)).size).toBe(2_000);
    await network.chain.mine(60);
    network.uploads.tick();
    expect(await listed()).toHaveLength(before + 150);
    await network.chain.mine(3_600);
    network.uploads.tick();
    expect((await listed()).slice(before)).toEqual(uploads.map(({ name }) => name));
  });

  it('shows use of a model on chain in every way the reference names', async () => {
    const { inference } = network;
    await inference.runOnHub('a-model');
    const workflow = await inference.schedule('a-model');
    await inference.runWorkflow(workflow);
    expect(await topics(inference.inferenceHub)).toEqual([
      '0xc1396ff68bc2d8630100df29ce5561fa99078c602e8676ab72a53e37095d7168',
    ]);
    expect(await topics(inference.scheduler)).toEqual([
      '0x2f401f04107164177693d79d92457c4baa184a9b5a5265d3e6d4ab0ab6716724',
    ]);
    expect(await topics(workflow)).toEqual(['0x5a1ed425a160d1bc929890b991acc0e3d25a6f5db1ac65c07ee4c917708f76d4']);
  });

  it('has a second chain where inference is paid for', async () => {
    const { BASE_RPC_URLS, BASE_PAYMENT_TOKEN } = network.env;
    expect(BASE_RPC_URLS).not.toBe(network.env.OG_RPC_URLS);
    await network.payments?.pay(3);
    const address = BASE_PAYMENT_TOKEN as Hex;
    const logs = await network.payments?.chain.client.getLogs({ address, fromBlock: 0n });
    const transfer = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
    expect(logs?.map((log) => (log.topics as Hex[])[0])).toEqual([transfer, transfer, transfer]);
  });

  it('settles by itself while it runs', async () => {
    const before = network.facilitator.settled.length;
    network.run(60, 100);
    network.infer('birch', 2, 'individual');
    network.infer('amber', 20);
    await expect.poll(() => network.facilitator.settled.length, { timeout: 10_000 }).toBe(before + 3);
  });
});
