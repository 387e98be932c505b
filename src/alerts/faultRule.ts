import { SETTLEMENT_SOURCE } from '../lib/proofFacts.ts';
import { plural } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { ProofFacts } from '../store/proofRepository.ts';
import { CROWD, crowded, crowdSpeaks } from './crowd.ts';
import type { Incident } from './incident.ts';
import { PROOF_FAMILY, proofSample } from './proofRule.ts';
import type { AlertFacts, Rule, Sample } from './rule.ts';

/** The facts hold no more: who came first is not known any more. */
const FACTS_LIMIT = 1_000;

export type Fault = ProofFacts['faults'][number];

/** Faults of emitters that were there at first, and of others: who floods one does not drown the other. */
const ALL = { known: 'settlements:known', new: 'settlements:new' } as const;

export const isWhole = (subject: string): boolean => subject === ALL.known || subject === ALL.new;

/** One speaks for each that is of its kind of emitter. */
const faultSpeaks = (rule: string): NonNullable<Rule['inhibits']> => {
  const speaks = crowdSpeaks(rule, isWhole);
  return (own: Incident, other: Incident) => speaks(own, other) && other.detail.isKnown === (own.subject === ALL.known);
};

/** What every rule about a settlement that is wrong shares: nothing mends it, so it stays open for a day. */
export const faultRule = (id: string) =>
  ({
    id,
    family: PROOF_FAMILY,
    clearSeconds: 0,
    clears: 'a day has passed, or it verifies, without a word',
    threshold: null,
    dependsOn: [SETTLEMENT_SOURCE],
    facts: 'proofs',
    endsQuietly: true,
    inhibits: faultSpeaks(id),
  }) satisfies Partial<Rule>;

/**
 * Samples of settlements with something wrong. By transaction and log, so that a block which comes again under another number does
 * not tell it again.
 */
export function faultSamples(
  facts: AlertFacts,
  faults: readonly Fault[],
  level: string,
  describe: (fault: Fault) => Pick<Sample, 'detail'> & Partial<Sample>,
): Sample[] {
  const strangers = new Set(
    (facts.proofs?.newParties ?? [])
      .filter(({ kind }) => kind === 'emitter')
      .map(({ address }) => address.toLowerCase()),
  );
  const unique = [...new Map(faults.map((fault) => [`settlement:${fault.txHash}:${fault.logIndex}`, fault]))];
  const oldestFirst = unique.sort(([, a], [, b]) => (a.decidedAtMs ?? 0) - (b.decidedAtMs ?? 0) || a.id - b.id);
  return [true, false].flatMap((isKnown) => {
    const own = oldestFirst.filter(([, { emitter }]) => strangers.has(emitter.toLowerCase()) !== isKnown);
    // Those that moved up because older ones were cut off are no news: the incident of all speaks for them.
    const isCut = (facts.proofs?.faults.length ?? 0) >= FACTS_LIMIT && own.length > CROWD;
    const members = own.map(([subject, fault]) => {
      const { detail, ...more } = describe(fault);
      const common = {
        txHash: fault.txHash,
        emitter: fault.emitter,
        kind: fault.kind,
        settledAtSeconds: fault.blockTimestampSeconds,
      };
      const sample = proofSample(facts, {
        subject,
        verdict: 'bad',
        level,
        ...more,
        ...(isCut ? { onlyIfOpen: true } : {}),
        detail: { ...common, isKnown, ...detail },
      });
      return { sample, isFollowed: false };
    });
    const emitters = new Set(own.map(([, { emitter }]) => emitter)).size;
    const whole = proofSample(facts, {
      subject: isKnown ? ALL.known : ALL.new,
      verdict: 'bad',
      topics: ['queue:faults'],
      level,
      detail: { label: isKnown ? 'settlements' : 'settlements of new emitters', count: own.length, emitters, isKnown },
    });
    return crowded(members, whole);
  });
}

/** What is told of very many at once. */
export function allLines(detail: Incident['detail'], what: string): Line[] {
  const emitters = plural(Number(detail.emitters), 'emitter');
  return [
    [
      { strong: `${plural(Number(detail.count), 'settlement')} ${what} within a day` },
      `, of ${emitters}. Told as one.`,
    ],
    detail.isKnown === true
      ? 'They are of emitters known from the start.'
      : 'They are of emitters that are new: anyone may emit such events unless the operator lists who counts.',
  ];
}
