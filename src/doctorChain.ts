import { check, type Finding } from './doctorFinding.ts';
import { systemClock } from './lib/clock.ts';
import { EvmClient } from './sources/evm/client.ts';
import { hostOf } from './sources/evm/rpcError.ts';

/** A client that accepts any chain id when `chainId` is null: to ask which one it is. `chainIdKey`: what the operator sets it by. */
export const clientFor = (urls: readonly string[], chainId: number | null, chainIdKey?: string): EvmClient =>
  new EvmClient({
    ...{ urls, chainId, clock: systemClock, random: Math.random, rounds: 1 },
    ...(chainIdKey === undefined ? {} : { chainIdKey }),
  });

/** Does each URL serve the configured chain? `what`: "chain id". */
export async function* chainIdFindings(
  what: string,
  urls: readonly string[],
  chainId: number,
): AsyncGenerator<Finding> {
  for (const url of urls) {
    yield await check(`${what} at ${hostOf(url)}`, async () => {
      const id = Number.parseInt(await clientFor([url], null).ask((request) => request({ method: 'eth_chainId' })), 16);
      return [id === chainId, `${id}, configured ${chainId}`];
    });
  }
}
