import { createHash } from 'node:crypto';
import { encodeFunctionData, getAddress, type Hex } from 'viem';
import type { DevChain } from './chain.ts';
import type { Artifact } from './compile.ts';

export const STAKING_PRECOMPILE: Hex = '0x0000000000000000000000000000000000000800';
export const SLASHING_PRECOMPILE: Hex = '0x0000000000000000000000000000000000000806';

/** One unit of power: what a validator that is added gets. */
export const POWER_UNIT = 10n ** 18n;

const NAMES = ['aurora', 'boreas', 'cirrus', 'dione', 'eos', 'fornax'] as const;
const STATUS_CODE = { unbonded: 1, unbonding: 2, bonded: 3 } as const;

/** As the SDK starts with, in seconds and 1e18-scaled. */
const SLASHING_PARAMS = {
  signedBlocksWindow: 100n,
  minSignedPerWindow: { value: 5n * 10n ** 17n, precision: 18 },
  downtimeJailDuration: 600n,
  slashFractionDoubleSign: { value: 5n * 10n ** 16n, precision: 18 },
  slashFractionDowntime: { value: 10n ** 16n, precision: 18 },
};

/** One validator as the two precompiles say it. Texts go out as they are, hostile ones too. */
export interface DevValidator {
  /** How it is called here; its moniker at first. */
  name: string;
  moniker: string;
  /** The operator's account: votes come from it. */
  address: Hex;
  /** Lower case: first twenty bytes of SHA-256 of its consensus key. */
  consensus: Hex;
  /** base64 of 32 bytes. */
  consensusPubkey: string;
  status: keyof typeof STATUS_CODE;
  tokensWei: bigint;
  jailed: boolean;
  tombstoned: boolean;
  jailedUntilSeconds: number;
  missedBlocks: number;
  startHeight: number;
  /** There is no record in slashing: as of one that never signed. */
  unsigned: boolean;
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

function newValidator(name: string, about: Partial<DevValidator>): DevValidator {
  const key = sha256(`consensus key of ${name}`);
  return {
    name,
    moniker: name,
    address: `0x${sha256(`operator of ${name}`).toString('hex').slice(0, 40)}`,
    consensus: `0x${sha256(key).toString('hex').slice(0, 40)}`,
    consensusPubkey: key.toString('base64'),
    ...{ status: 'bonded', tokensWei: POWER_UNIT, jailed: false, tombstoned: false },
    ...{ jailedUntilSeconds: 0, missedBlocks: 0, startHeight: 1, unsigned: false },
    ...about,
  };
}

export type Validators = Awaited<ReturnType<typeof deployValidators>>;

/**
 * The staking and slashing precompiles of a chain, with `count` validators of one power each (PoA). Every change is one
 * transaction or two in one block, and leaves no log unless `evm` asks for it.
 */
export async function deployValidators(chain: DevChain, count = 5) {
  const contract = (name: string): Artifact => chain.contracts[name] as Artifact;
  const staking = (functionName: string, ...args: unknown[]) => ({
    to: STAKING_PRECOMPILE,
    data: encodeFunctionData({ abi: contract('StakingPrecompile').abi, functionName, args }),
  });
  const slashing = (functionName: string, ...args: unknown[]) => ({
    to: SLASHING_PRECOMPILE,
    data: encodeFunctionData({ abi: contract('SlashingPrecompile').abi, functionName, args }),
  });
  /** All in one block; the last one is waited for. */
  async function send(calls: readonly { to: Hex; data: Hex }[]): Promise<void> {
    for (const { to, data } of calls.slice(0, -1)) await chain.queue(to, data);
    const last = calls.at(-1);
    if (last !== undefined) await chain.transact(last.to, last.data);
  }
  await chain.client.setCode({ address: STAKING_PRECOMPILE, bytecode: contract('StakingPrecompile').deployed });
  await chain.client.setCode({ address: SLASHING_PRECOMPILE, bytecode: contract('SlashingPrecompile').deployed });

  const list: DevValidator[] = [];
  let params = SLASHING_PARAMS;
  const find = (name: string): DevValidator => {
    const found = list.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no validator is called ${name}`);
    return found;
  };

  const puts = (one: DevValidator) => [
    staking('putValidator', one.address, {
      operatorAddress: getAddress(one.address),
      consensusPubkey: one.consensusPubkey,
      jailed: one.jailed,
      status: STATUS_CODE[one.status],
      tokens: one.tokensWei,
      delegatorShares: one.tokensWei * 10n ** 18n,
      description: { moniker: one.moniker, identity: '', website: '', securityContact: '', details: '' },
      unbondingHeight: 0n,
      unbondingTime: 0n,
      commission: 0n,
      minSelfDelegation: 1n,
    }),
    one.unsigned
      ? slashing('dropSigningInfo', one.consensus)
      : slashing('putSigningInfo', {
          validatorAddress: one.consensus,
          startHeight: BigInt(one.startHeight),
          indexOffset: 0n,
          jailedUntil: BigInt(one.jailedUntilSeconds),
          tombstoned: one.tombstoned,
          missedBlocksCounter: BigInt(one.missedBlocks),
        }),
  ];
  /** Anything of one validator changed, as slashing and staking would do it without a log. */
  async function change(name: string, about: Partial<DevValidator>): Promise<DevValidator> {
    const one = Object.assign(find(name), about);
    await send(puts(one));
    return one;
  }
  /** A validator joins, with one power; PoA does it when a proposal has passed. Its name is its moniker unless said. */
  async function add(name: string, about: Partial<DevValidator> = {}): Promise<DevValidator> {
    if (list.some((one) => one.name === name)) throw new Error(`there is a validator ${name}`);
    const one = newValidator(name, about);
    list.push(one);
    await send(puts(one));
    return one;
  }

  list.push(...NAMES.slice(0, count).map((name) => newValidator(name, {})));
  await send([slashing('putParams', params), ...list.flatMap(puts)]);

  return {
    /** As they are now; change them by the functions only. */
    list: list as readonly DevValidator[],
    find,
    add,
    change,
    async remove(name: string): Promise<void> {
      const one = find(name);
      list.splice(list.indexOf(one), 1);
      await send([staking('dropValidator', one.address), slashing('dropSigningInfo', one.consensus)]);
    },
    /** Out of the set and its counter at zero again, as the SDK does for downtime; default ten minutes of chain time. */
    jail(name: string, untilSeconds = chain.nowSeconds() + 600): Promise<DevValidator> {
      return change(name, { jailed: true, status: 'unbonding', jailedUntilSeconds: untilSeconds, missedBlocks: 0 });
    },
    async unjail(name: string, { evm = false } = {}): Promise<void> {
      const one = await change(name, { jailed: false, status: 'bonded' });
      if (evm) await send([slashing('tellUnjailed', one.address)]);
    },
    tombstone(name: string): Promise<DevValidator> {
      return change(name, { jailed: true, tombstoned: true, status: 'unbonding', jailedUntilSeconds: 253_402_300_799 });
    },
    setMissed: (name: string, missedBlocks: number): Promise<DevValidator> => change(name, { missedBlocks }),
    setPower: (name: string, tokensWei: bigint): Promise<DevValidator> => change(name, { tokensWei }),
    async setParams(some: Partial<typeof SLASHING_PARAMS>): Promise<void> {
      params = { ...params, ...some };
      await send([slashing('putParams', params)]);
    },
  };
}
