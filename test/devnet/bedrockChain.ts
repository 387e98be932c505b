import {
  type Abi,
  BaseError,
  createTestClient,
  createWalletClient,
  decodeErrorResult,
  getContractAddress,
  type Hex,
  http,
  publicActions,
  toHex,
} from 'viem';
import { startAnvil } from './anvil.ts';
import { Reverted } from './chain.ts';

/** A transaction that is yet to be sent, from any address: the node asks nobody for a signature. */
export interface Call {
  from: Hex;
  to: Hex | null;
  data: Hex;
}

export type BedrockChain = Awaited<ReturnType<typeof startBedrockChain>>;

/**
 * A chain on which any address sends without a key and gas costs nothing. A block is mined only when asked for, at the
 * chain time that is asked for; `errors` are what its contracts revert with. `queue` fills the next one, `act` sends one transaction and mines it.
 */
export async function startBedrockChain(chainId: number, startSeconds: number, errors: Abi) {
  const anvil = await startAnvil([
    ...['--chain-id', String(chainId), '--timestamp', String(startSeconds), '--accounts', '0'],
    ...['--no-mining', '--gas-limit', '1000000000', '--code-size-limit', '100000', '--order', 'fifo'],
    ...['--auto-impersonate', '--gas-price', '0', '--base-fee', '0'],
  ]);
  const transport = http(anvil.rpcUrl, { batch: { batchSize: 500, wait: 0 }, timeout: 60_000 });
  const client = createTestClient({ mode: 'anvil', transport }).extend(publicActions);
  const wallet = createWalletClient({ transport });
  const nonces = new Map<Hex, number>();
  let seconds = startSeconds;
  let timer: NodeJS.Timeout | undefined;

  async function mine(stepSeconds = 1): Promise<void> {
    seconds += stepSeconds;
    await client.setNextBlockTimestamp({ timestamp: BigInt(seconds) });
    await client.mine({ blocks: 1 });
  }

  /** Into the next block, in the order of the calls. */
  async function queue({ from, to, data }: Call): Promise<Hex> {
    const nonce = nonces.get(from) ?? 0;
    nonces.set(from, nonce + 1);
    const request = { from, data, gas: toHex(8_000_000), gasPrice: '0x0', nonce: toHex(nonce) } as const;
    return await wallet.request({
      method: 'eth_sendTransaction',
      params: [to === null ? request : { ...request, to }],
    });
  }

  /** Rejects with `Reverted` when one of them was mined and did nothing. */
  async function actAll(calls: readonly Call[], stepSeconds = 1): Promise<Hex[]> {
    const hashes = await Promise.all(calls.map(queue));
    await mine(stepSeconds);
    for (const [index, hash] of hashes.entries()) {
      const receipt = await client.getTransactionReceipt({ hash });
      if (receipt.status === 'success') continue;
      const { from, to, data } = calls[index] as Call;
      const why = await client.call({ account: from, to, data }).catch((error: Error) => error);
      throw new Reverted(hash, why instanceof Error ? reasonOf(why, errors) : '');
    }
    return hashes;
  }

  return {
    rpcUrl: anvil.rpcUrl,
    client,
    mine,
    queue,
    actAll,
    act: async (call: Call): Promise<Hex> => (await actAll([call]))[0] as Hex,
    /** Who ever sent something. */
    senders: (): Hex[] => [...nonces.keys()],
    nowSeconds: (): number => seconds,
    /** A block at that time; nothing when it is that time or later already. */
    async toSeconds(atSeconds: number): Promise<void> {
      if (atSeconds > seconds) await mine(atSeconds - seconds);
    },
    /** Where that address will put the contract that it creates so many transactions from now. */
    addressOf: (from: Hex, ahead: number): Hex =>
      getContractAddress({ from, nonce: BigInt((nonces.get(from) ?? 0) + ahead) }).toLowerCase() as Hex,
    /** From now on a block every `everyMs`, each `secondsPerBlock` later; chain time never runs ahead of real time. */
    run(secondsPerBlock: number, everyMs = 1_000): void {
      clearInterval(timer);
      timer = setInterval(() => {
        const behind = Math.floor(Date.now() / 1000) - seconds;
        void mine(Math.max(1, Math.min(secondsPerBlock, behind))).catch(() => undefined);
      }, everyMs);
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await anvil.close();
    },
  };
}

/** The name of the contract's own error, or what the node says. */
function reasonOf(error: Error, errors: Abi): string {
  const cause = error instanceof BaseError ? error.walk((one) => 'data' in (one as object)) : null;
  const data = (cause as { data?: unknown } | null)?.data;
  if (typeof data !== 'string' || data.length < 10) return error.message;
  try {
    return decodeErrorResult({ abi: errors, data: data as Hex }).errorName;
  } catch {
    return error.message;
  }
}
