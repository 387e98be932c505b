import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEventLog, parseAbi } from 'viem';
import { systemClock } from '../../src/lib/clock.ts';
import type { Hex } from '../../src/lib/facts.ts';
import { EvmClient } from '../../src/sources/evm/client.ts';
import { logPages } from '../../src/sources/evm/logPages.ts';
import { registryLogs } from '../../src/sources/opengradient/registryLogs.ts';
import { openStore } from '../../src/store/openStore.ts';
import { startChain } from '../devnet/chain.ts';
import { type Figure, perSecond, thousands } from './figures.ts';

const BLOCKS = 1_000;
const PER_BLOCK = 100;

const beatAbi = parseAbi(['event HeartbeatReceived(bytes32 indexed teeId, uint256 timestamp)']);

/** A hundred thousand heartbeats on a real node: read, decoded, stored, each against the plainer way. */
export async function benchLogs(): Promise<Figure[]> {
  const chain = await startChain({ startSeconds: Math.floor(Date.now() / 1000) - 86_400 });
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-logs-'));
  const store = await openStore({ databaseUrl: `file:${join(folder, 'logs.db')}` });
  try {
    const address = await chain.emitBeats(BLOCKS, PER_BLOCK);
    const client = new EvmClient({
      urls: [chain.rpcUrl],
      chainId: chain.chainId,
      clock: systemClock,
      random: Math.random,
    });
    const head = await client.head();

    const raw = await timed(async () => {
      let count = 0;
      for await (const page of logPages(client, { address }, 0n, head.number)) count += page.logs.length;
      return count;
    });
    const decoded = await timed(async () => {
      let count = 0;
      for await (const page of registryLogs(client, address, 0n, head.number)) count += page.events.length;
      return count;
    });
    const generic = await timed(async () => {
      let count = 0;
      for await (const page of logPages(client, { address }, 0n, head.number)) {
        for (const { topics, data } of page.logs) {
          decodeEventLog({ abi: beatAbi, topics: topics as [Hex, ...Hex[]], data });
          count += 1;
        }
      }
      return count;
    });
    const stored = await timed(async () => {
      let count = 0;
      for await (const page of registryLogs(client, address, 0n, head.number)) {
        await store.nodes.saveEvents(address, page.events, { name: 'bench', block: page.toBlock }, 1_800);
        count += page.events.length;
      }
      return count;
    });
    const rate = perSecond(stored.count, stored.ms);
    return [
      {
        what: `${thousands(stored.count)} heartbeat logs read, decoded and stored from anvil`,
        measured: `${thousands(rate)} logs/s`,
        target: '>= 20,000/s',
        met: rate >= 20_000,
        comparedTo: `raw reading ${thousands(perSecond(raw.count, raw.ms))}/s, so ${(raw.ms / stored.ms).toFixed(2)} of it`,
      },
      {
        what: 'The same, read and decoded only',
        measured: `${thousands(perSecond(decoded.count, decoded.ms))} logs/s`,
        target: '',
        met: null,
        comparedTo: `${(generic.ms / decoded.ms).toFixed(1)} times viem’s generic decoder (${thousands(perSecond(generic.count, generic.ms))}/s)`,
      },
    ];
  } finally {
    await store.close();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(job: () => Promise<number>): Promise<{ count: number; ms: number }> {
  const startedAt = performance.now();
  const count = await job();
  return { count, ms: performance.now() - startedAt };
}
