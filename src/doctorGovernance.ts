import type { Config } from './config.ts';
import { chainIdFindings, clientFor } from './doctorChain.ts';
import { check, type Finding, NothingToSee, unasked } from './doctorFinding.ts';
import { systemClock } from './lib/clock.ts';
import { AssayError } from './lib/errors.ts';
import type { BlockRef } from './lib/facts.ts';
import { PART_OF, type Ratio } from './lib/governanceFacts.ts';
import type { CurveRow, GovernanceRow, GovernorRow, VeSeasonRow } from './lib/governanceRow.ts';
import { duration, percent, plural, shortHex } from './lib/units.ts';
import { curveAbi } from './sources/curve/curveAbi.ts';
import { Views } from './sources/evm/abiCalls.ts';
import type { EvmClient } from './sources/evm/client.ts';
import { logPages } from './sources/evm/logPages.ts';
import { CallReader } from './sources/evm/multicall.ts';
import { hostOf } from './sources/evm/rpcError.ts';
import { readGovernor } from './sources/governor/governorViews.ts';
import { readToken } from './sources/holders/blockscout.ts';
import { readGovParams, readProposals } from './sources/opengradient/govPrecompile.ts';
import type { Precompile } from './sources/opengradient/precompile.ts';
import { readSigning } from './sources/opengradient/slashingPrecompile.ts';
import { readValidators } from './sources/opengradient/stakingPrecompile.ts';
import { SnapshotHub } from './sources/snapshot/hub.ts';
import { resolveContracts } from './sources/ve/contracts.ts';
import { readClock, readSeason } from './sources/ve/epochClock.ts';
import { veAbi } from './sources/ve/veAbi.ts';

const ONE = 10n ** 18n;

/** What is assumed of governance on the network's chain. `head` null: it cannot be asked. */
export async function* precompileFindings(
  client: EvmClient,
  { opengradient: { precompiles } }: Config,
  head: BlockRef | null,
): AsyncGenerator<Finding> {
  const named = (['gov', 'staking', 'slashing'] as const).flatMap((name) => {
    const address = precompiles[name];
    return address === null ? [] : [{ name, address }];
  });
  const words = ({ name, address }: (typeof named)[number]): string => `${name} precompile ${shortHex(address)}`;
  if (head === null) {
    yield* unasked(named.map(words));
    return;
  }
  for (const one of named) {
    yield await check(words(one), () => ANSWERS[one.name]({ ...one, client, block: head }));
  }
}

/** Whether it is what is assumed, and what each of them answers, in words. */
const ANSWERS: Record<Precompile['name'], (at: Precompile) => Promise<[boolean, string]>> = {
  async gov(at) {
    const [params, { proposals }] = await Promise.all([readGovParams(at), readProposals(at)]);
    if (params === null) throw new NothingToSee('it serves no parameters');
    const voting = proposals.filter(({ status }) => status === 'voting').length;
    const { quorum, threshold, veto } = params;
    return [
      quorum !== null && threshold !== null && veto !== null,
      `quorum ${ratio(quorum)}, threshold ${ratio(threshold)}, veto ${ratio(veto)}; ${plural(proposals.length, 'proposal')}, ${voting} in voting`,
    ];
  },
  async staking(at) {
    const validators = await readValidators(at);
    const bonded = validators.filter(({ status }) => status === 'bonded');
    const powers = new Set(bonded.map(({ tokensWei }) => tokensWei)).size;
    const equal = powers <= 1 ? 'the same power each' : `${powers} different powers`;
    return [bonded.length > 0, `${plural(validators.length, 'validator')}, ${bonded.length} bonded, ${equal}`];
  },
  async slashing(at) {
    const { records, windowBlocks } = await readSigning(at);
    return [
      windowBlocks !== null,
      `${plural(records.size, 'signing record')}, window of ${windowBlocks ?? '?'} blocks`,
    ];
  },
};

const ratio = (one: Ratio | null): string => (one === null ? 'unknown' : percent(Number(one.num) / Number(one.den)));

/** What is assumed of Bedrock and of the rows of GOVERNANCE_SOURCES. */
export async function* rowFindings({ governance }: Config): AsyncGenerator<Finding> {
  for (const row of governance) {
    const name = `${row.network} ${row.kind}`;
    if (row.kind === 'snapshot') yield await check(`${name} at ${hostOf(row.api)}`, () => snapshotAnswers(row));
    else if (row.kind === 'holders') yield await check(`${name} at ${hostOf(row.api)}`, () => holdersAnswer(row));
    else yield* chainFindings(row, name);
  }
}

async function snapshotAnswers(row: GovernanceRow & { kind: 'snapshot' }): Promise<[boolean, string]> {
  const hub = new SnapshotHub({ ...row, clock: systemClock });
  const { rows, hasMore } = await hub.proposals(0, 0, AbortSignal.timeout(30_000));
  return [true, `space ${row.space}: ${hasMore ? 'more than ' : ''}${plural(rows.length, 'proposal')}`];
}

async function holdersAnswer(row: GovernanceRow & { kind: 'holders' }): Promise<[boolean, string]> {
  const { decimals, holdersCount } = await readToken({ ...row, signal: AbortSignal.timeout(30_000) });
  return [true, `${decimals} decimals, ${holdersCount === null ? 'an unknown number of' : holdersCount} holders`];
}

type ChainRow = VeSeasonRow | CurveRow | GovernorRow;

async function* chainFindings(row: ChainRow, name: string): AsyncGenerator<Finding> {
  yield* chainIdFindings(`${name}: chain id`, row.rpcUrls, row.chainId);
  const client = clientFor(row.rpcUrls, row.chainId, `chainId of ${row.network}.${PART_OF[row.kind]}`);
  yield await check(`${name}: contracts`, async () => {
    const head = await client.head();
    if (row.kind === 've-season') return await veAnswers(client, row, head);
    return row.kind === 'curve' ? await curveAnswers(client, row, head) : await governorAnswers(client, row, head);
  });
  yield await check(`${name}: logs since block ${row.startBlock}`, async () => {
    const at = row.kind === 'curve' ? row.controller : row.kind === 'governor' ? row.governor : row.escrow;
    const head = await client.head();
    if (row.startBlock > head.number) return [false, `the chain has only reached block ${head.number}`];
    const last = row.startBlock + 999n;
    let count = 0;
    for await (const { logs } of logPages(
      client,
      { address: at },
      row.startBlock,
      last < head.number ? last : head.number,
    ))
      count += logs.length;
    if (count === 0) throw new NothingToSee('none in its first 1,000 blocks: whether old logs are served is not known');
    return [true, `${plural(count, 'log')} in its first 1,000 blocks: old logs are served`];
  });
}

async function veAnswers(client: EvmClient, row: VeSeasonRow, head: BlockRef): Promise<[boolean, string]> {
  const views = new Views(veAbi, new CallReader(client, row.escrow), head);
  const contracts = await resolveContracts(views, row.escrow);
  const { voter, clock, curve, queue, token } = contracts;
  const [[most = null], [gauges = null], [cooldown = null], epoch, season] = await Promise.all([
    views.all([{ to: curve, name: 'previewMaxBias', args: [ONE] }]),
    views.all([{ to: voter, name: 'getAllGauges' }]),
    views.all([{ to: queue, name: 'cooldown' }]),
    readClock(views, clock, head),
    readSeason(views, clock),
  ]);
  const isToken = row.token === null || row.token === token;
  const absent = Object.entries(contracts).flatMap(([name, address]) => (address === null ? [name] : []));
  const silent = [
    ...(voter !== null && gauges === null ? ['its voter lists no gauges'] : []),
    ...(queue !== null && cooldown === null ? ['its exit queue does not answer'] : []),
  ];
  return [
    isToken && absent.length === 0 && silent.length === 0 && epoch !== null,
    [
      isToken
        ? `locks ${shortHex(token ?? '?')}`
        : `locks ${shortHex(token ?? '?')}, configured ${shortHex(row.token ?? '?')}`,
      `voter ${voter === null ? 'none' : shortHex(voter)}`,
      epoch === null
        ? 'its clock says no vote window'
        : `epoch ${epoch.epoch} of ${duration(epoch.endSeconds - epoch.startSeconds)}`,
      season === null ? 'no seasons' : `season ${season.index}`,
      most === null ? 'power at most not known' : `power at most ${Number(most / (ONE / 100n)) / 100}x`,
      ...(absent.length === 0 ? [] : [`without ${absent.join(', ')}`]),
      ...silent,
    ].join('; '),
  ];
}

async function curveAnswers(client: EvmClient, row: CurveRow, head: BlockRef): Promise<[boolean, string]> {
  const views = new Views(curveAbi, new CallReader(client, row.escrow), head);
  const [gauges = null, power = null] = await views.all([
    { to: row.controller, name: 'n_gauges' },
    { to: row.escrow, name: 'totalSupply' },
  ]);
  if (gauges === null && power === null) throw new AssayError('neither controller nor escrow answers');
  const words = `${gauges === null ? 'gauges not answered' : plural(Number(gauges), 'gauge')}, power ${power === null ? 'not answered' : 'answered'}`;
  return [gauges !== null && power !== null, words];
}

async function governorAnswers(client: EvmClient, row: GovernorRow, head: BlockRef): Promise<[boolean, string]> {
  const { token, unit, byTime } = await readGovernor(new CallReader(client, row.governor), head, row);
  const votes = token === null ? 'no votes token' : `votes of ${shortHex(token)} (${unit.symbol})`;
  return [token !== null, `${votes}, times in ${byTime ? 'seconds' : 'blocks'}`];
}
