// Draws the README's picture with the project's own code: a week of a node that was silent for a night.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createDispatcher } from '../src/bot/dispatch.ts';
import { commands } from '../src/bot/registry.ts';
import { drawChart } from '../src/charts/draw.ts';
import { defaultThresholds } from '../src/insight/nodeHealth.ts';
import { addValue } from '../src/lib/histogram.ts';
import { TERMINAL_CALLER, TERMINAL_PLACE } from '../src/platforms/terminal/prompt.ts';
import { openStore } from '../src/store/openStore.ts';
import { contextDefaults } from '../test/support/context.ts';

const PICTURE = resolve(import.meta.dirname, '../docs/images/node-history.png');
const NOW_SECONDS = Date.UTC(2026, 10, 21, 12) / 1000;
const HOURS = 168;
const TEE_ID = `0x${'5a'.repeat(32)}` as const;
const REGISTRY = `0x${'70'.repeat(20)}` as const;

const folder = mkdtempSync(join(tmpdir(), 'assay-picture-'));
const store = await openStore({ databaseUrl: `file:${join(folder, 'picture.db')}` });
try {
  const pcrHash = `0x${'11'.repeat(32)}` as const;
  await store.nodes.saveSnapshot(
    {
      chainId: 10_740,
      registry: REGISTRY,
      block: { number: 1n, hash: TEE_ID, timestampSeconds: NOW_SECONDS },
      heartbeatMaxAgeSeconds: 1_800,
      types: [{ id: 0, name: 'LLMProxy' }],
      approvedPcrs: [{ pcrHash, teeType: 0 }],
      records: [
        {
          teeId: TEE_ID,
          owner: REGISTRY,
          paymentAddress: REGISTRY,
          endpoint: 'https://gateway.example',
          publicKeyDer: Uint8Array.of(1),
          tlsCertificateDer: Uint8Array.of(1),
          pcrHash,
          teeType: 0,
          enabled: true,
          registeredAtSeconds: NOW_SECONDS - 30 * 86_400,
          lastHeartbeatAtSeconds: NOW_SECONDS - 300,
          layout: 11,
          ohttp: true,
        },
      ],
    },
    NOW_SECONDS * 1000,
  );
  const nodeId = (await store.nodes.facts())?.nodes[0]?.id ?? 0;
  const toHour = Math.floor(NOW_SECONDS / 3600);
  await store.history.addHours(
    Array.from({ length: HOURS }, (_, at) => {
      const silent = at >= 86 && at < 95;
      const busy = 1 + 0.6 * Math.sin((at / 24) * 2 * Math.PI);
      let latencyHistogram: Uint8Array | null = null;
      for (let probe = 0; !silent && probe < 60; probe += 1) {
        latencyHistogram = addValue(latencyHistogram, busy * (60 + ((probe * 37) % 50) + (probe % 17 === 0 ? 90 : 0)));
      }
      return {
        nodeId,
        hour: toHour - HOURS + 1 + at,
        beats: silent ? 0 : 4,
        coveredSeconds: 3_600,
        activeSeconds: silent ? 0 : 3_600,
        probes: 60,
        reached: silent ? 0 : 60,
        latencyHistogram,
      };
    }),
  );
  const context = {
    store,
    clock: { now: () => NOW_SECONDS * 1000, sleep: async () => undefined },
    version: '',
    ...contextDefaults,
    thresholds: defaultThresholds,
    rules: [],
    random: () => 0.5,
    sendNow: async () => ({ kind: 'sent', messageId: '' }) as const,
  };
  const dispatcher = createDispatcher(context, commands, {
    report: (error) => process.stderr.write(`${String(error)}\n`),
  });
  const { chart } = await dispatcher.runText('/node history gateway.example 7d', TERMINAL_CALLER, TERMINAL_PLACE);
  if (chart === undefined) throw new Error('the answer has no chart');
  writeFileSync(PICTURE, drawChart(chart));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
