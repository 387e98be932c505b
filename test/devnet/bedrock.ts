import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from 'viem';
import { ESCROW_ABI } from './bedrockAbi.ts';
import { type BedrockAddresses, bedrockCalls, type VoteForm } from './bedrockCalls.ts';
import { type Call, startBedrockChain } from './bedrockChain.ts';
import { type BedrockView, readBedrock } from './bedrockViews.ts';
import { type Artifact, compileContracts } from './compile.ts';

export const EPOCH_SECONDS = 1_209_600;
export const WEEK_SECONDS = 604_800;
/** One BR, in wei. */
export const BR = 10n ** 18n;
const HOUR_SECONDS = 3_600;
const MULTICALL3: Hex = '0xcA11bde05977b3631167028862bE2a173976CA11';

const OURS = ['SeasonClock', 'VotingEscrow', 'ExitQueue', 'LockNft', 'SeasonGaugeVoter', 'AddressGaugeVoter'];

export interface BedrockOptions {
  chainId?: number;
  /** Chain time of the first block; default now. */
  startSeconds?: number;
  /** Default by lock token. */
  form?: VoteForm;
  /** A clock with seasons, and a voter and curve that heed them; default yes. The address voter heeds none, as in the original. */
  seasons?: boolean;
  /** Multicall3 stands at its well-known address; default no. */
  multicall?: boolean;
  /** Votes are taken at any time; default in the first week of an epoch, as on the real clock. */
  alwaysOpen?: boolean;
  /** Of the address voter: votes stand until cast anew, and fall when a lock leaves (default). false: they end with the epoch. */
  hook?: boolean;
}

/** An address of nobody's, the same for the same name. */
export const walletOf = (name: string): Hex => `0x${keccak256(toHex(name)).slice(26)}`;
const ADMIN = walletOf('admin of bedrock');

type Drivers<T extends Record<string, (...args: never[]) => Call>> = {
  [K in keyof T]: (...args: Parameters<T[K]>) => Promise<Hex>;
};

export type DevBedrock = Awaited<ReturnType<typeof startBedrock>>;

/**
 * Bedrock in small, on a chain of its own: BR, the escrow and all that it names. Every call of `calls` is also a method that
 * sends it in a block of its own and rejects with `Reverted` when it did nothing.
 */
export async function startBedrock(options: BedrockOptions = {}) {
  const { chainId = 5_656, startSeconds = Math.floor(Date.now() / 1000), seasons = true, hook = true } = options;
  let form = options.form ?? 'token';
  const contracts = compileContracts('bedrock');
  const errors = OURS.flatMap((name) => (contracts[name] as Artifact).abi.filter(({ type }) => type === 'error'));
  const chain = await startBedrockChain(chainId, startSeconds, errors);
  const code = (name: string, types = '', args: readonly unknown[] = []): Call => {
    const { bytecode } = contracts[name] as Artifact;
    const tail = types === '' ? '0x' : encodeAbiParameters(parseAbiParameters(types), args as never);
    return { from: ADMIN, to: null, data: `${bytecode}${tail.slice(2)}` };
  };
  const [clock, token, escrow, curve, queue, lockNft, views, voter] = Array.from({ length: 8 }, (_, index) =>
    chain.addressOf(ADMIN, index),
  ) as [Hex, Hex, Hex, Hex, Hex, Hex, Hex, Hex];
  const at: BedrockAddresses = { token, escrow, clock, curve, queue, lockNft, voter };
  const voterCode = (wanted: VoteForm): Call => {
    if (wanted === 'address') return code('AddressGaugeVoter', 'address, address, bool', [escrow, clock, hook]);
    return code(seasons ? 'SeasonGaugeVoter' : 'TokenGaugeVoter', 'address, address', [escrow, clock]);
  };
  const calls = bedrockCalls(at, ADMIN, () => form);
  await chain.actAll([
    code(seasons ? 'SeasonClock' : 'EpochClock'),
    code('BrToken'),
    code('VotingEscrow', 'address, address, uint256', [token, clock, BR]),
    code('PowerCurve', 'address, address, bool, uint48', [escrow, clock, seasons, 1]),
    code('ExitQueue', 'address, address, uint48, uint48, uint256', [
      escrow,
      clock,
      EPOCH_SECONDS,
      4 * WEEK_SECONDS,
      0n,
    ]),
    code('LockNft', 'address', [escrow]),
    code('Multicall3'),
    voterCode(form),
    calls.setParts(),
    calls.setVoter(voter),
    ...(options.alwaysOpen ? [calls.alwaysOpen(true)] : []),
  ]);
  if (options.multicall) {
    await chain.client.setCode({ address: MULTICALL3, bytecode: (contracts.Multicall3 as Artifact).deployed });
  }

  const drivers = Object.fromEntries(
    Object.entries(calls).map(([name, make]) => [
      name,
      (...args: unknown[]) => chain.act((make as (...args: unknown[]) => Call)(...args)),
    ]),
  ) as Drivers<typeof calls>;
  const voters: { address: Hex; form: VoteForm; fromBlock: bigint }[] = [{ address: voter, form, fromBlock: 0n }];
  const epochStart = (): number => chain.nowSeconds() - (chain.nowSeconds() % EPOCH_SECONDS);

  return {
    ...drivers,
    chain,
    calls,
    admin: ADMIN,
    /** `at.voter` is the one that the escrow names now. */
    at,
    /** Every voter that ever was, oldest first. */
    voters,
    form: (): VoteForm => form,
    seasons,
    hook,
    /** Tokens for that wallet, and leave to lock them. */
    fund: (wallet: Hex, amountWei: bigint): Call[] => [calls.mint(wallet, amountWei), calls.allow(wallet)],
    /** Locks so much of new BR for that wallet; gives the receipt's number. */
    async lock(wallet: Hex, amountWei: bigint): Promise<bigint> {
      await chain.actAll([calls.mint(wallet, amountWei), calls.allow(wallet), calls.createLock(wallet, amountWei)]);
      return await chain.client.readContract({ address: escrow, abi: ESCROW_ABI, functionName: 'lastLockId' });
    },
    /** A gauge of that name, at an address that follows from it. */
    async gauge(name: string): Promise<Hex> {
      const gauge = walletOf(`gauge ${name}`);
      await chain.act(calls.createGauge(gauge, name));
      return gauge;
    },
    /** A new voter stands, without gauges; the escrow names it, and no log says so. */
    async switchVoter(wanted: VoteForm): Promise<Hex> {
      const address = chain.addressOf(ADMIN, 0);
      await chain.actAll([voterCode(wanted), calls.setVoter(address)]);
      form = wanted;
      at.voter = address;
      voters.push({ address, form, fromBlock: await chain.client.getBlockNumber({ cacheTime: 0 }) });
      return address;
    },
    /** To the next second in which votes are taken, of this epoch or the next; nothing when they are taken now. */
    async toVoteWindow(): Promise<void> {
      const elapsed = chain.nowSeconds() - epochStart();
      if (elapsed >= WEEK_SECONDS - HOUR_SECONDS) await chain.toSeconds(epochStart() + EPOCH_SECONDS + HOUR_SECONDS);
      else await chain.toSeconds(epochStart() + HOUR_SECONDS);
    },
    /** To the first second in which votes are no longer taken in this epoch; nothing when that is over. */
    toVoteEnd: (): Promise<void> => chain.toSeconds(epochStart() + WEEK_SECONDS - HOUR_SECONDS),
    toNextEpoch: (): Promise<void> => chain.toSeconds(epochStart() + EPOCH_SECONDS),
    toNextCheckpoint: (): Promise<void> =>
      chain.toSeconds(chain.nowSeconds() - (chain.nowSeconds() % WEEK_SECONDS) + WEEK_SECONDS),
    /** What the contracts say at the end of that block (default the newest), asked of the voter of then. */
    async view(blockNumber?: bigint): Promise<BedrockView> {
      const block = blockNumber ?? (await chain.client.getBlockNumber({ cacheTime: 0 }));
      const then = voters.findLast(({ fromBlock }) => fromBlock <= block) ?? (voters[0] as (typeof voters)[number]);
      const asked = { form: then.form, seasons, voters: chain.senders(), blockNumber: block };
      return await readBedrock(chain, views, { ...at, voter: then.address }, asked);
    },
    /** What the bot's environment must say to watch it. */
    env: {
      BEDROCK_RPC_URLS: chain.rpcUrl,
      BEDROCK_CHAIN_ID: String(chainId),
      BEDROCK_ESCROW: escrow,
      BEDROCK_TOKEN: token,
      BEDROCK_START_BLOCK: '0',
      BEDROCK_INTERVAL_SECONDS: '1',
      BEDROCK_CONFIRMATIONS: '1',
    },
    close: (): Promise<void> => chain.close(),
  };
}
