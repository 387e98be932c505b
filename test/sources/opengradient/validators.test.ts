import { createHash } from 'node:crypto';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import type { Precompile } from '../../../src/sources/opengradient/precompile.ts';
import { readSigning, withSigning } from '../../../src/sources/opengradient/slashingPrecompile.ts';
import { bondedWei, consensusAddress, readValidators } from '../../../src/sources/opengradient/stakingPrecompile.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import {
  deployValidators,
  POWER_UNIT,
  SLASHING_PRECOMPILE,
  STAKING_PRECOMPILE,
  type Validators,
} from '../../devnet/validators.ts';
import { returning } from '../../support/byteCode.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const FAKE: Hex = '0x00000000000000000000000000000000000f0800';

let chain: DevChain;
let validators: Validators;

beforeAll(async () => {
  chain = await startChain();
  validators = await deployValidators(chain);
});
afterAll(() => chain.close());

async function at(name: Precompile['name'], address: Hex): Promise<Precompile> {
  const client = new EvmClient({
    urls: [chain.rpcUrl],
    chainId: chain.chainId,
    clock: new SteppingClock(),
    random: () => 0.5,
  });
  return { name, address, client, block: await client.head() };
}
const read = async () =>
  withSigning(
    await readValidators(await at('staking', STAKING_PRECOMPILE)),
    await readSigning(await at('slashing', SLASHING_PRECOMPILE)),
  );

test('each validator is joined with its signing record by its consensus key', async () => {
  await validators.setMissed('boreas', 42);
  const jailed = await validators.jail('cirrus', 1_900_000_000);
  await validators.tombstone('dione');
  await validators.change('eos', { unsigned: true });
  const found = new Map((await read()).map((validator) => [validator.address as string, validator]));
  expect(found.size).toBe(validators.list.length);
  const of = (name: string) => found.get(validators.find(name).address);
  expect(of('boreas')).toMatchObject({ status: 'bonded', missedBlocks: 42, windowBlocks: 100, minSignedPpm: 500_000 });
  expect(of('cirrus')).toMatchObject({
    status: 'unbonding',
    jailed: true,
    jailedUntilSeconds: 1_900_000_000,
    consensus: jailed.consensus,
    tombstoned: false,
  });
  expect(of('dione')).toMatchObject({ tombstoned: true });
  expect(of('eos')).toMatchObject({ missedBlocks: null, startHeight: null, windowBlocks: 100 });
});

test('only bonded power counts', async () => {
  const all = await readValidators(await at('staking', STAKING_PRECOMPILE));
  const bonded = validators.list.filter(({ status }) => status === 'bonded');
  expect(bonded.length).toBeLessThan(all.length);
  expect(bondedWei(all)).toBe(BigInt(bonded.length) * POWER_UNIT);
});

test('without slashing nothing is known of missed blocks', async () => {
  const [first] = withSigning(await readValidators(await at('staking', STAKING_PRECOMPILE)), null);
  expect(first).toMatchObject({ missedBlocks: null, windowBlocks: null, minSignedPpm: null });
});

test('more than a page of validators with hostile names are read, each once', async () => {
  const other = await startChain();
  try {
    const many = await deployValidators(other, 0);
    for (let serial = 0; serial < 130; serial += 1)
      await many.add(`v${serial}`, { moniker: `\u202e\n${'M'.repeat(500)}` });
    const client = new EvmClient({
      urls: [other.rpcUrl],
      chainId: null,
      clock: new SteppingClock(),
      random: () => 0.5,
    });
    const block = await client.head();
    const found = await readValidators({ name: 'staking', address: STAKING_PRECOMPILE, client, block });
    expect(new Set(found.map(({ address }) => address))).toEqual(new Set(many.list.map(({ address }) => address)));
    expect(found.every(({ moniker }) => /^M{69}…$/.test(moniker))).toBe(true);
  } finally {
    await other.close();
  }
}, 60_000);

test('the consensus address is of the key’s bytes, and null for what is no key', () => {
  const key = Buffer.alloc(32, 7);
  const hash = createHash('sha256').update(key).digest('hex');
  expect(consensusAddress(key.toString('base64'))).toBe(`0x${hash.slice(0, 40)}`);
  expect(consensusAddress('')).toBeNull();
  expect(consensusAddress(Buffer.alloc(33).toString('base64'))).toBeNull();
  expect(consensusAddress('{"@type":"/cosmos.crypto.ed25519.PubKey"}')).toBeNull();
});

test.each(['staking', 'slashing'] as const)(
  'an undecodable answer of %s is an error that can be tried again',
  async (name) => {
    await chain.client.setCode({ address: FAKE, bytecode: returning('0x1234') });
    await chain.mine();
    const precompile = await at(name, FAKE);
    const question = name === 'staking' ? readValidators(precompile) : readSigning(precompile);
    await expect(question).rejects.toMatchObject({
      message: `the ${name} precompile of the chain answers otherwise than expected`,
      retryable: true,
    });
  },
);
