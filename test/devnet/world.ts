import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDiscordRig } from '../rigs/discord/rig.ts';
import { startRpcProxy } from '../rigs/rpcProxy.ts';
import { startTelegramRig } from '../rigs/telegram/rig.ts';
import { type NetworkOptions, startNetwork } from './network.ts';

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Everything that a bot needs to be at work: a network behind an RPC endpoint that can fail, both chats, a database. */
export async function startWorld(options: NetworkOptions = {}) {
  const [network, discord, telegram] = await Promise.all([
    startNetwork(options),
    startDiscordRig(),
    startTelegramRig(),
  ]);
  const rpc = await startRpcProxy(network.env.OG_RPC_URLS);
  rpc.instead = network.governance.emptyAnswer;
  const folder = mkdtempSync(join(tmpdir(), 'assay-world-'));
  const ann = telegram.user('Ann');
  return {
    network,
    discord,
    telegram,
    rpc,
    folder,
    ann,
    annChat: telegram.chats.private(ann),
    /** A whole environment for `assay start`, as an operator would write it. */
    env: {
      ...network.env,
      OG_RPC_URLS: rpc.url,
      OG_POLL_INTERVAL_MS: '100',
      OG_PROBE_INTERVAL_SECONDS: '1',
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DATABASE_URL: `file:${join(folder, 'assay.db')}`,
      LOG_LEVEL: 'warn',
    } as Record<string, string>,
    async close(): Promise<void> {
      await Promise.all([network.close(), discord.close(), telegram.close(), rpc.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
