import { currentStatus, notAsked } from '../insight/currentStatus.ts';
import { registryLabel } from '../insight/judgeNodes.ts';
import type { ProofLabel, ProofThresholds } from '../insight/proofLabels.ts';
import type { UnsettledShare, Window } from '../insight/sharedDays.ts';
import { sourceWords } from '../insight/sourceWords.ts';
import { toSeconds } from '../lib/clock.ts';
import type { SourceStatus } from '../lib/facts.ts';
import {
  FACILITATOR_SOURCE,
  knownFromKey,
  PROOF_SOURCE,
  type ProofMode,
  SETTLEMENT_SOURCE,
  settlementCursor,
} from '../lib/proofFacts.ts';
import { duration, percent, plural } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import type { ProofFacts, UsageDay } from '../store/proofRepository.ts';
import type { BotContext } from './context.ts';
import { type NetworkFacts, readNetwork } from './networkFacts.ts';
import { WINDOWS, type Window as WindowName } from './nodeHours.ts';

/** Up to this the newest blocks may be unread, or proofs unchecked, without a word. */
const QUIET_SECONDS = 600;

/** What all answers about proofs share: how their sources are, since when and up to when settlements are known. */
export interface ProofSources {
  /** null before the registry was read. */
  network: NetworkFacts | null;
  /** null before settlements were read for the first time. */
  facts: ProofFacts | null;
  /** The chain's clock; this bot's while the chain is not known. */
  chainSeconds: number;
  /** null: not configured. */
  facilitator: SourceStatus | null;
  stamp: { asOf: number | null; sources: string[] };
  /** Words to begin with when settlements or their checks are not current; empty otherwise. */
  warning: Line[];
}

export async function readProofSources(context: BotContext): Promise<ProofSources> {
  const { store, clock, configured } = context;
  const nowMs = clock.now();
  const [network, ...stored] = await Promise.all([
    readNetwork(context),
    ...[SETTLEMENT_SOURCE, PROOF_SOURCE, FACILITATOR_SOURCE].map((source) => store.sources.get(source)),
  ]);
  const [settlements, checks, facilitator] = stored.map((status) => currentStatus(status ?? null, nowMs));
  const chainSeconds = network?.facts.registry.block.timestampSeconds ?? toSeconds(nowMs);
  const facts = await store.proofs.facts(nowMs, chainSeconds);
  const times = [settlements, checks].flatMap((status) => status?.lastSuccessAtMs ?? []);
  const chain = network === null ? 'its chain' : `chain ${network.facts.registry.chainId}`;
  return {
    network,
    facts,
    chainSeconds,
    facilitator: configured.facilitator ? (facilitator ?? notAsked(FACILITATOR_SOURCE)) : null,
    stamp: {
      // As old as the older of what it rests on.
      asOf: times.length === 0 ? facts && toSeconds(facts.readAtMs) : toSeconds(Math.min(...times)),
      sources: [`settlements on ${chain}`, 'their proofs, checked by this bot'],
    },
    warning: [
      ...statusLines(settlements ?? notAsked(SETTLEMENT_SOURCE), 'the settlement log'),
      ...(facts === null ? [] : statusLines(checks ?? notAsked(PROOF_SOURCE), 'the storage of proofs')),
      ...(facts === null ? [] : [...(await historyLines(context, network)), ...uncheckedLines(facts, chainSeconds)]),
    ],
  };
}

/** A fresh source may have a note. */
function statusLines(status: SourceStatus, name: string): Line[] {
  const problem = sourceWords(status, name);
  if (problem !== null) return [[{ strong: 'This is not from now' }, `: ${problem}.`]];
  return status.shortError === null ? [] : [`About ${name}: ${status.shortError}.`];
}

async function historyLines({ store }: BotContext, network: NetworkFacts | null): Promise<Line[]> {
  if (network === null) return [];
  const { chainId, block } = network.facts.registry;
  const cursor = await store.nodes.cursor(settlementCursor(chainId));
  if (cursor === null || block.timestampSeconds - cursor.block.timestampSeconds <= QUIET_SECONDS) return [];
  return [
    [
      { strong: 'History is being read' },
      ': settlements are known up to ',
      { time: cursor.block.timestampSeconds },
      '. What came later is not in this yet.',
    ],
  ];
}

function uncheckedLines({ unchecked: { count, oldestAtSeconds } }: ProofFacts, chainSeconds: number): Line[] {
  if (count === 0 || oldestAtSeconds === null || chainSeconds - oldestAtSeconds <= QUIET_SECONDS) return [];
  const age = duration(chainSeconds - oldestAtSeconds);
  return [
    count === 1
      ? `1 settlement has waited ${age} for its check: it is not in this yet.`
      : `${count} settlements wait for their check, the oldest for ${age}: they are not in this yet.`,
  ];
}

/** The answer before settlements were read for the first time. */
export function proofsNotRead({ stamp, warning }: ProofSources, title: string, command: string): View {
  return {
    title: `${title}: not known yet`,
    tone: 'unknown',
    lines: [
      [{ strong: 'No settlements have been read so far' }, ': their history is being read, or could not be yet.'],
      ...warning,
      'This says nothing about the proofs.',
    ],
    actions: [{ label: 'Try again', command }],
    ...stamp,
  };
}

/** A window that ends now, in whole hours, and the part of it of which settlements are known. */
export interface ProofWindow {
  name: WindowName;
  fromHour: number;
  toHour: number;
  stepHours: number;
  known: Window;
}

/**
 * Now is the later of the chain's time and ours: a chain that stands still does not keep its last good hours in the window.
 * Settlements are known since their history was read from; where that is not noted, since the first that was ever seen.
 */
export async function proofWindow(
  { store, clock }: BotContext,
  { chainSeconds, network }: ProofSources,
  name: WindowName,
): Promise<ProofWindow> {
  const { hours, stepHours } = WINDOWS[name];
  const toHour = Math.floor(Math.max(chainSeconds, clock.now() / 1000) / 3_600);
  const fromHour = toHour - hours + 1;
  const since = network && (await store.meta.get(knownFromKey(settlementCursor(network.facts.registry.chainId))));
  const seen = since ? [] : (await store.proofs.parties()).map(({ firstSeenAtSeconds }) => firstSeenAtSeconds);
  return {
    name,
    fromHour,
    toHour,
    stepHours,
    known: {
      fromSeconds: fromHour * 3_600,
      toSeconds: chainSeconds,
      knownFromSeconds: since ? Number(since) : seen.length === 0 ? null : Math.min(...seen),
    },
  };
}

/** What of the window lies before the first settlement that is known; empty where nothing does. */
export function sinceLines({ fromHour, known: { knownFromSeconds } }: ProofWindow): Line[] {
  if (knownFromSeconds === null || knownFromSeconds < (fromHour + 1) * 3_600) return [];
  return [['Settlements are known only since ', { time: knownFromSeconds }, ': what was before is not known.']];
}

export const windowOption = {
  name: 'window',
  summary: 'How far back; 24h if not said',
  type: 'text',
  required: false,
  choices: Object.keys(WINDOWS),
} as const;

/** `8 min 20 s`, `not known` */
export const seconds = (value: number | null): string => (value === null ? 'not known' : duration(value));

export const MODE_WORDS: Readonly<Record<ProofMode, string>> = { batch: 'Batch', individual: 'Individual' };

/** `normal (≤ 16 min)` */
export function limitWords(mode: ProofMode, thresholds: ProofThresholds): Record<'normal' | 'overdue', string> {
  const [normal, overdue] =
    mode === 'batch'
      ? [thresholds.batchNormalSeconds, thresholds.batchSlowSeconds]
      : [thresholds.individualNormalSeconds, thresholds.individualOverdueSeconds];
  return { normal: `normal (≤ ${duration(normal)})`, overdue: `overdue (> ${duration(overdue)})` };
}

export const LABEL_TONE: Readonly<Record<ProofLabel, View['tone']>> = {
  normal: 'ok',
  slow: 'degraded',
  overdue: 'degraded',
  expiring: 'degraded',
  expired: 'down',
};

/** The registry as a source, where nodes are named. */
export const nodeSource = ({ network }: ProofSources): string[] =>
  network === null ? [] : [registryLabel(network.facts.registry)];

/** What the facilitator counted on the days of the window; none where it is not asked. */
export async function usageDaysOf({ store, configured }: BotContext, { fromHour }: ProofWindow): Promise<UsageDay[]> {
  if (!configured.facilitator) return [];
  return await store.proofs.usageDays(new Date(fromHour * 3_600_000).toISOString().slice(0, 10));
}

/** What of the facilitator's count nobody settled, or why that is not known. Ends with a full stop. */
export function unsettledWords(
  { share, reason, days, requests, settled }: UnsettledShare,
  { facilitator }: Pick<ProofSources, 'facilitator'>,
): string {
  if (share === null) {
    const because = sourceWords(facilitator, 'the facilitator');
    return `not known (${because === null || days > 0 ? reason : because}).`;
  }
  return `${percent(share)}, as far as can be known (${requests - settled} of ${requests} requests that the facilitator counted in ${plural(days, 'whole UTC day')}). Private ones are never settled: they are in it.`;
}

/** The facilitator as a source, where its count was used. */
export const facilitatorSource = (days: readonly UsageDay[]): string[] =>
  days.length === 0 ? [] : ['requests a day as the facilitator counts them'];
