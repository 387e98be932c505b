import { SETTLEMENT_SOURCE } from '../../lib/proofFacts.ts';
import { plural, shortHex } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import type { SettlementParty } from '../../store/proofRepository.ts';
import { NEWS_SECONDS } from '../news.ts';
import { PROOF_FAMILY, proofAlert, proofSample } from '../proofRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

const HOUR_MS = 3_600_000;
/** Anyone may emit from as many contracts as they like: more than this an hour are told as one. */
const PER_HOUR = 10;
/** The facts hold no more; of the hour where they were cut nobody can say who came first. */
const FACTS_LIMIT = 1_000;

/** Who may settle, lower case, as the operator lists them. No senders: everybody. */
export interface AllowedParties {
  senders: readonly string[];
  relays: readonly string[];
}

/** A contract that emits settlements, or an account that sends them, for the first time. */
export function proofParty(allowed: AllowedParties): Rule {
  return {
    id: 'proof.party',
    family: PROOF_FAMILY,
    summary: 'A contract emits settlements, or an account sends them, for the first time; told once.',
    levels: { new: { severity: 'info', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'a day has passed, without a word',
    threshold: null,
    dependsOn: [SETTLEMENT_SOURCE],
    facts: 'proofs',
    isNews: true,
    samples: (facts) => samplesOf(facts, allowed),
    text(_kind, { detail }, facts) {
      const count = Number(detail.count);
      const isOne = detail.address !== undefined;
      const what = detail.kind === 'emitter' ? 'contract emits' : 'account sends';
      const lines: Line[] = isOne
        ? [
            [
              { strong: `A ${what} settlements that never did before` },
              ', first ',
              { time: Number(detail.firstSeenAtSeconds) },
              '.',
            ],
            standing(detail),
            ['Address: ', { code: String(detail.address) }],
          ]
        : [
            [
              { strong: `${count} more emitters or senders of settlements within an hour` },
              ', all for the first time. Told as one.',
            ],
          ];
      return proofAlert(
        {
          headline: isOne ? `New ${String(detail.kind)} of settlements` : 'New emitters and senders',
          about: isOne ? shortHex(String(detail.address)) : String(count),
          tone: 'info',
          lines,
        },
        facts,
      );
    },
  };
}

function standing({ counts, events, hasList }: Record<string, unknown>): string {
  const seen = plural(Number(events), 'event');
  if (counts !== true) return `${seen} when first told: refused, as it is not on the operator’s list.`;
  return hasList === true
    ? `${seen} when first told: they count, as it is on the operator’s list.`
    : `${seen} when first told: they count, as the operator has no list of who may settle. Their proofs are checked as all are.`;
}

function samplesOf(facts: AlertFacts, allowed: AllowedParties): Sample[] {
  const { proofs, nowMs } = facts;
  if (proofs === null) return [];
  const all = proofs.newParties;
  const hourOf = ({ firstSeenAtMs }: SettlementParty): number => Math.floor(firstSeenAtMs / HOUR_MS);
  const cutHour = all.length >= FACTS_LIMIT ? Math.min(...all.map(hourOf)) : null;
  const fresh = all.filter(({ firstSeenAtMs }) => nowMs - firstSeenAtMs <= NEWS_SECONDS * 1000);
  return [...Map.groupBy(fresh, hourOf)].flatMap(([hour, parties]) => {
    const first = [...parties].sort((a, b) => a.firstSeenAtMs - b.firstSeenAtMs || (keyOf(a) < keyOf(b) ? -1 : 1));
    const own = hour === cutHour ? [] : first.slice(0, PER_HOUR);
    const rest = first.length - own.length;
    // The first of such an hour may be gone from the facts already: those after them were told, as one.
    const isLeaving = hour * HOUR_MS < nowMs - NEWS_SECONDS * 1000;
    const samples = [
      ...own.map((party) => sampleOf(party, facts, allowed)),
      ...(rest === 0
        ? []
        : [proofSample(facts, { ...NEW, subject: `parties@${hour}`, detail: { label: `${rest} more`, count: rest } })]),
    ];
    return isLeaving ? samples.map((sample) => ({ ...sample, onlyIfOpen: true })) : samples;
  });
}

const NEW = { verdict: 'bad', level: 'new', topics: ['queue:parties'] } as const;

const keyOf = ({ kind, address }: SettlementParty): string => `${kind}:${address.toLowerCase()}`;

function sampleOf(party: SettlementParty, facts: AlertFacts, { senders, relays }: AllowedParties): Sample {
  const { address, kind, events, firstSeenAtSeconds } = party;
  const hasList = senders.length > 0;
  const list = (kind === 'sender' ? senders : relays).map((one) => one.toLowerCase());
  return proofSample(facts, {
    ...NEW,
    subject: `party:${keyOf(party)}`,
    detail: {
      label: `${kind} ${shortHex(address)}`,
      ...{
        address,
        kind,
        events,
        firstSeenAtSeconds,
        hasList,
        counts: !hasList || list.includes(address.toLowerCase()),
      },
    },
  });
}
