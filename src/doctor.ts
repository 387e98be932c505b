import type { Config } from './config.ts';
import { chainIdFindings, clientFor } from './doctorChain.ts';
import { check, type Finding, unasked, verdict } from './doctorFinding.ts';
import { precompileFindings, rowFindings } from './doctorGovernance.ts';
import { modelFindings } from './doctorModels.ts';
import { proofFindings } from './doctorProofs.ts';
import { currentRecord } from './insight/nodeHealth.ts';
import { systemClock } from './lib/clock.ts';
import { AssayError } from './lib/errors.ts';
import type { BlockRef, Hex, RegistrySnapshot } from './lib/facts.ts';
import { nodeKey } from './lib/nodeKey.ts';
import { duration, plural, shortHex } from './lib/units.ts';
import { type EvmClient, quantity } from './sources/evm/client.ts';
import { MULTICALL3 } from './sources/evm/multicall.ts';
import { probeGateway } from './sources/opengradient/gatewayProbe.ts';
import { followRelay } from './sources/opengradient/settlementChain.ts';
import { readRegistry } from './sources/opengradient/teeRegistry.ts';
import { openStore } from './store/openStore.ts';

const LOG_RANGE_BLOCKS = 10_000n;
const OLD_HEAD_SECONDS = 120;

const REGISTRY_CODE = 'code at TEERegistry';
const LOG_RANGE = 'log range of 10,000 blocks';
/** What is asked of the registry's answers, in this order. */
const REGISTRY_CHECKS = ['struct layout', 'node types', 'heartbeatMaxAge', 'approved measurements', 'a gateway'];
const relayCheck = (relay: Hex): string => `relay ${shortHex(relay)} -> verifier -> registry`;

type Snapshot = Omit<RegistrySnapshot, 'chainId'>;

/**
 * Checks the configured network against everything that this version assumes of it, one finding each. It asks now, and
 * an assumption that cannot be checked is "could not ask", never "differs".
 */
export async function* runDoctor(config: Config): AsyncGenerator<Finding> {
  const { opengradient } = config;
  yield await check('database', async () => {
    const store = await openStore({ databaseUrl: config.databaseUrl, upgrade: false });
    await store.close();
    return [true, `${store.dialect}, migrated`];
  });
  yield* chainIdFindings('chain id', opengradient.rpcUrls, opengradient.chainId);
  const client = clientFor(opengradient.rpcUrls, opengradient.chainId);
  let head: BlockRef | null = null;
  yield await check('head of the chain', async () => {
    head = await client.head();
    const age = Math.max(0, Math.floor(systemClock.now() / 1000) - head.timestampSeconds);
    return [age <= OLD_HEAD_SECONDS, `block ${head.number}, ${duration(age)} old`];
  });
  if (head === null) {
    const relays = opengradient.settlementRelays.map((relay) => relayCheck(relay));
    yield* unasked([REGISTRY_CODE, 'registry answers', ...REGISTRY_CHECKS, LOG_RANGE, ...relays]);
    yield* proofFindings(client, config, null);
    yield* modelFindings(client, config, null);
    yield* precompileFindings(client, config, null);
    yield* rowFindings(config);
    return;
  }
  yield* chainChecks(client, config, head);
}

async function* chainChecks(client: EvmClient, config: Config, head: BlockRef): AsyncGenerator<Finding> {
  const { teeRegistry, settlementRelays } = config.opengradient;
  yield await hasCode(client, 'TEERegistry', teeRegistry);
  yield await check(`Multicall3 ${shortHex(MULTICALL3)}`, async () => {
    // Nothing here rests on it, so its absence is no difference.
    const size = await codeSize(client, MULTICALL3);
    return [true, `${size > 0 ? `${size} bytes` : 'not deployed'}; not needed, calls are batched`];
  });
  let snapshot: Snapshot | null = null;
  yield await check('registry answers', async () => {
    const { snapshot: read, problems } = await readRegistry(client, teeRegistry, head);
    snapshot = read;
    const left = problems.length > 0 ? `, ${problems.length} unreadable: ${problems[0]}` : '';
    return [problems.length === 0, `${plural(read.records.length, 'registration')}${left}`];
  });
  if (snapshot === null) yield* unasked(REGISTRY_CHECKS);
  else yield* registryChecks(snapshot, config);
  yield await check(LOG_RANGE, async () => {
    const from = head.number > LOG_RANGE_BLOCKS ? head.number - LOG_RANGE_BLOCKS + 1n : 0n;
    const filter = { address: teeRegistry, fromBlock: quantity(from), toBlock: quantity(head.number) };
    const logs = await client.ask((request) => request({ method: 'eth_getLogs', params: [filter] }));
    return [true, `${plural(logs.length, 'log')} in blocks ${from} to ${head.number}`];
  });
  for (const relay of settlementRelays) {
    yield await check(relayCheck(relay), async () => {
      const { verifier, registry } = await followRelay(client, relay, head);
      const way = `${shortHex(relay)} -> ${verifier ? shortHex(verifier) : 'none'} -> ${registry ? shortHex(registry) : 'none'}`;
      return [registry === teeRegistry, `${way}, configured ${shortHex(teeRegistry)}`];
    });
  }
  yield* proofFindings(client, config, head);
  yield* modelFindings(client, config, head);
  yield* precompileFindings(client, config, head);
  yield* rowFindings(config);
}

async function* registryChecks(snapshot: Snapshot, config: Config): AsyncGenerator<Finding> {
  const { records, types, heartbeatMaxAgeSeconds: maxAge, approvedPcrs } = snapshot;
  const { heartbeatMissedSeconds } = config.thresholds;
  const layouts = [...new Set(records.map(({ layout }) => layout))];
  yield {
    check: 'struct layout',
    outcome: records.length === 0 ? 'could not ask' : 'holds',
    detail: layouts.map((layout) => `${layout} fields`).join(', ') || 'no registration to look at',
  };
  yield verdict('node types', [
    types.some(({ id }) => id === 0),
    types.map(({ id, name }) => `${id} ${name}`).join(', ') || 'none',
  ]);
  yield verdict('heartbeatMaxAge', [
    maxAge > heartbeatMissedSeconds,
    `${duration(maxAge)}; a beat counts as missed after ${duration(heartbeatMissedSeconds)}`,
  ]);
  yield approvedPcrs === null
    ? {
        check: 'approved measurements',
        outcome: 'could not ask',
        detail: 'the registry does not list them: a revoked one cannot be told',
      }
    : verdict('approved measurements', [approvedPcrs.length > 0, plural(approvedPcrs.length, 'measurement')]);
  const current = currentRecord(records.filter(({ enabled }) => enabled));
  if (current === null) {
    yield { check: 'a gateway', outcome: 'could not ask', detail: 'no node is enabled' };
    return;
  }
  yield await check(`gateway ${nodeKey(current.endpoint, current.teeId)}`, async () => {
    const probe = await probeGateway(current, {
      allowPrivate: config.allowPrivateEndpoints,
      clock: systemClock,
      expectedRegistry: snapshot.registry,
    });
    if (probe.outcome === 'unreachable' || probe.outcome === 'timeout' || probe.outcome === 'not-asked')
      throw new AssayError(`${probe.outcome}: ${probe.detail}`);
    return [
      probe.outcome === 'ok',
      probe.outcome === 'ok'
        ? `answers in ${Math.round(probe.latencyMs ?? 0)} ms, certificate and identity match`
        : `${probe.outcome}: ${probe.detail}`,
    ];
  });
}

const codeSize = async (client: EvmClient, address: Hex): Promise<number> =>
  ((await client.code(address)).length - 2) / 2;

const hasCode = (client: EvmClient, name: string, address: Hex): Promise<Finding> =>
  check(`code at ${name} ${shortHex(address)}`, async () => {
    const size = await codeSize(client, address);
    return [size > 0, size > 0 ? `${size} bytes` : 'nothing is deployed there'];
  });
