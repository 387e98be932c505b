import {
  createTestClient,
  createWalletClient,
  encodeAbiParameters,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  publicActions,
  toHex,
} from 'viem';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';
import { startAnvil } from './anvil.ts';
import { type Artifact, compileContracts } from './compile.ts';

const MNEMONIC = 'test test test test test test test test test test test junk';
const RSA_PSS_ADDRESS = '0x0000000000000000000000000000000000000900';

export interface ChainOptions {
  chainId?: number;
  layout?: 10 | 11;
  /** Chain time of the first block; default now. */
  startSeconds?: number;
  heartbeatMaxAgeSeconds?: number;
}

export interface NewTee {
  publicKeyDer: Uint8Array;
  tlsCertificateDer: Uint8Array;
  endpoint: string;
  owner?: Hex;
  paymentAddress?: Hex;
  pcrHash?: Hex;
  teeType?: number;
  ohttpKey?: Uint8Array;
}

/** Who sends a transaction: the facilitator's two workers have a key each. */
export type Sender = 'admin' | 'batches' | 'individuals' | 'stranger';

interface Sending {
  from?: Sender;
  gas?: bigint;
}

/** A transaction that was mined and reverted. */
export class Reverted extends Error {
  readonly hash: Hex;
  constructor(hash: Hex, reason: string) {
    super(`transaction ${hash} was reverted: ${reason}`);
    this.hash = hash;
  }
}

export interface Beat {
  teeId: Hex;
  timestampSeconds: number;
  signature: Uint8Array;
}

export const DEFAULT_PCR: Hex = keccak256('0x01');
export const DEFAULT_OWNER: Hex = '0x1111111111111111111111111111111111111111';

/** What a gateway signs for its heartbeat. */
export const heartbeatMessageHash = (teeId: Hex, timestampSeconds: number): Hex =>
  keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [teeId, BigInt(timestampSeconds)]));

export type DevChain = Awaited<ReturnType<typeof startChain>>;

/**
 * A real EVM node with our registry on it. Blocks are mined when asked for (`mine`, or after a transaction), at the
 * chain time that is asked for; `run` mines one every second, each `secondsPerBlock` of chain time later.
 */
export async function startChain(options: ChainOptions = {}) {
  const {
    chainId = 10_740,
    layout = 11,
    startSeconds = Math.floor(Date.now() / 1000),
    heartbeatMaxAgeSeconds,
  } = options;
  const anvil = await startAnvil([
    ...['--chain-id', String(chainId), '--timestamp', String(startSeconds), '--mnemonic', MNEMONIC],
    ...['--no-mining', '--gas-limit', '1000000000', '--code-size-limit', '100000', '--order', 'fifo'],
  ]);
  const contracts = compileContracts();
  const account = (addressIndex: number): HDAccount => mnemonicToAccount(MNEMONIC, { addressIndex });
  const accounts: Record<Sender, HDAccount> = {
    admin: account(0),
    batches: account(1),
    individuals: account(2),
    stranger: account(3),
  };
  const transport = http(anvil.rpcUrl, { batch: { batchSize: 500, wait: 0 }, timeout: 60_000 });
  const client = createTestClient({ mode: 'anvil', transport, account: accounts.admin }).extend(publicActions);
  const wallet = createWalletClient({ transport });
  const nonces: Record<Sender, number> = { admin: 0, batches: 0, individuals: 0, stranger: 0 };
  let seconds = startSeconds;
  let timer: NodeJS.Timeout | undefined;

  async function mine(stepSeconds = 1): Promise<void> {
    seconds += stepSeconds;
    await client.setNextBlockTimestamp({ timestamp: BigInt(seconds) });
    await client.mine({ blocks: 1 });
  }

  /** Queues a transaction without waiting for a block. */
  async function queue(to: Hex | null, data: Hex, { from = 'admin', gas = 6_000_000n }: Sending = {}): Promise<Hex> {
    const nonce = nonces[from]++;
    return await wallet.sendTransaction({
      account: accounts[from],
      chain: null,
      to,
      data,
      nonce,
      gas,
      maxFeePerGas: 2_000_000_000n,
      maxPriorityFeePerGas: 0n,
    });
  }

  /** Rejects with `Reverted` when the transaction was mined and did nothing. */
  async function transact(to: Hex | null, data: Hex, sending: Sending = {}): Promise<Hex> {
    const hash = await queue(to, data, sending);
    if (timer === undefined) await mine();
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 20, timeout: 20_000 });
    if (receipt.status !== 'success') {
      const why = await client
        .call({ account: accounts[sending.from ?? 'admin'].address, to, data })
        .catch((error: Error) => error);
      throw new Reverted(hash, why instanceof Error ? why.message : '');
    }
    return receipt.contractAddress ?? hash;
  }

  const deploy = async ({ bytecode }: Artifact, args: Hex = '0x'): Promise<Hex> =>
    await transact(null, `${bytecode}${args.slice(2)}`);
  /** Several contracts in one block, from the admin. */
  async function deployAll(list: readonly { artifact: Artifact; args?: Hex }[]): Promise<Hex[]> {
    const addresses = list.map((_, index) =>
      getContractAddress({ from: accounts.admin.address, nonce: BigInt(nonces.admin + index) }),
    );
    await Promise.all(list.map(({ artifact, args = '0x' }) => queue(null, `${artifact.bytecode}${args.slice(2)}`)));
    await mine();
    return addresses;
  }
  const word = (address: Hex): Hex => encodeAbiParameters([{ type: 'address' }], [address]);

  await client.setCode({ address: RSA_PSS_ADDRESS, bytecode: (contracts.RsaPss as Artifact).deployed });
  const artifact = contracts[layout === 11 ? 'Registry11' : 'Registry10'] as Artifact;
  const registry = await deploy(artifact);
  const verifier = await deploy(contracts.Verifier as Artifact, word(registry));
  const relay = await deploy(contracts.Relay as Artifact, word(verifier));

  const encode = (functionName: string, args: readonly unknown[]): Hex =>
    encodeFunctionData({ abi: artifact.abi, functionName, args });
  const write = (functionName: string, ...args: unknown[]): Promise<Hex> =>
    transact(registry, encode(functionName, args));

  const registration = (tee: NewTee) => ({
    owner: tee.owner ?? DEFAULT_OWNER,
    paymentAddress: tee.paymentAddress ?? tee.owner ?? DEFAULT_OWNER,
    endpoint: tee.endpoint,
    publicKey: toHex(tee.publicKeyDer),
    tlsCertificate: toHex(tee.tlsCertificateDer),
    pcrHash: tee.pcrHash ?? DEFAULT_PCR,
    teeType: tee.teeType ?? 0,
    enabled: true,
    registeredAt: 0n,
    lastHeartbeatAt: 0n,
    ohttpKey: tee.ohttpKey ? toHex(tee.ohttpKey) : '0x',
  });

  await write('addTEEType', 0, 'LLMProxy');
  await write('addTEEType', 1, 'Validator');
  await write('approvePCR', DEFAULT_PCR, 0, 'v1');
  await write('approvePCR', DEFAULT_PCR, 1, 'v1');
  if (heartbeatMaxAgeSeconds !== undefined) await write('setHeartbeatMaxAge', BigInt(heartbeatMaxAgeSeconds));

  return {
    rpcUrl: anvil.rpcUrl,
    chainId,
    registry,
    verifier,
    relay,
    contracts,
    /** Each with its own key; `transact`, `queue` send from one of them. */
    accounts: {
      admin: accounts.admin.address,
      batches: accounts.batches.address,
      individuals: accounts.individuals.address,
      stranger: accounts.stranger.address,
    } satisfies Record<Sender, Hex>,
    client,
    abi: artifact.abi,
    queue,
    transact,
    deployAll,
    mine,
    write,
    nowSeconds: (): number => seconds,
    async registerTee(tee: NewTee): Promise<Hex> {
      await write('register', registration(tee));
      return keccak256(tee.publicKeyDer);
    },
    /** Many registrations, a hundred a block. */
    async registerTees(tees: readonly NewTee[]): Promise<void> {
      for (let at = 0; at < tees.length; at += 100) {
        await Promise.all(
          tees.slice(at, at + 100).map((tee) => queue(registry, encode('register', [registration(tee)]))),
        );
        await mine();
      }
    },
    /** Heartbeat events in bulk, without signatures: `perBlock` in each of `blocks` blocks, from an address of its own. */
    async emitBeats(blocks: number, perBlock: number): Promise<Hex> {
      const emitter = contracts.Emitter as Artifact;
      const address = await deploy(emitter);
      for (let block = 0; block < blocks; block += 1) {
        const args = [BigInt(block * perBlock), BigInt(perBlock)];
        await queue(address, encodeFunctionData({ abi: emitter.abi, functionName: 'emitBeats', args }));
        await mine();
      }
      return address;
    },
    heartbeat: ({ teeId, timestampSeconds, signature }: Beat): Promise<Hex> =>
      write('heartbeat', teeId, BigInt(timestampSeconds), toHex(signature)),
    /** Many heartbeats in one block at that chain time. */
    async beatRound(beats: readonly Beat[], atSeconds: number): Promise<void> {
      await Promise.all(
        beats.map(({ teeId, timestampSeconds, signature }) =>
          queue(registry, encode('heartbeat', [teeId, BigInt(timestampSeconds), toHex(signature)])),
        ),
      );
      await mine(Math.max(1, atSeconds - seconds));
    },
    disable: (teeId: Hex): Promise<Hex> => write('disableTEE', teeId),
    enable: (teeId: Hex): Promise<Hex> => write('enableTEE', teeId),
    approvePcr: (pcrHash: Hex, teeType = 0): Promise<Hex> => write('approvePCR', pcrHash, teeType, 'v2'),
    revokePcr: (pcrHash: Hex, teeType = 0): Promise<Hex> => write('revokePCR', pcrHash, teeType),
    /** From now on a block every `everyMs`, each `secondsPerBlock` later; chain time never runs ahead of real time. */
    run(secondsPerBlock: number, everyMs = 1_000): void {
      clearInterval(timer);
      let busy = false;
      timer = setInterval(() => {
        if (busy) return;
        busy = true;
        const behind = Math.floor(Date.now() / 1000) - seconds;
        void mine(Math.max(1, Math.min(secondsPerBlock, behind)))
          .catch(() => undefined)
          .finally(() => {
            busy = false;
          });
      }, everyMs);
    },
    isRunning: (): boolean => timer !== undefined,
    pause(): void {
      clearInterval(timer);
      timer = undefined;
    },
    /** The chain starts again from its first block: what a reset of a development network looks like. */
    async snapshot(): Promise<Hex> {
      return await client.snapshot();
    },
    async revert(id: Hex): Promise<void> {
      await client.revert({ id });
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await anvil.close();
    },
  };
}
