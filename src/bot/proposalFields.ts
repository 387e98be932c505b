import { choiceName } from '../alerts/proposalWords.ts';
import type { ProposalStanding } from '../insight/participation.ts';
import { amount, shareOf } from '../lib/amount.ts';
import { isClosed, type ProposalReading } from '../lib/governanceFacts.ts';
import { cleanText, percent, plural } from '../lib/units.ts';
import type { Field } from '../lib/view.ts';
import type { StoredProposal, StoredVote } from '../store/governanceRepository.ts';

const CHOICES_SHOWN = 6;
const KINDS_SHOWN = 3;

/** Tally, turnout by power and by wallets, quorum and times of one proposal. `able`: who can vote now, by address; empty: not known. */
export function proposalFields(
  proposal: StoredProposal,
  standing: ProposalStanding,
  votes: readonly StoredVote[],
  able: ReadonlySet<string>,
): Field[] {
  const { terms, startAtSeconds, endAtSeconds, proposer, kinds, status } = proposal;
  const { cast } = standing;
  const ofOther = terms.otherEligible === null || cast === null ? null : shareOf(cast, terms.otherEligible.amount);
  const kindWords = kinds.map((kind) => cleanText(kind, 60)).filter((kind) => kind !== '');
  const by = cleanText(proposer ?? '', 60);
  const isBegun = status !== 'deposit' && status !== 'pending';
  return [
    ...(isBegun
      ? [
          { name: 'Tally', value: tallyWords(proposal, cast) },
          { name: 'Turnout by power', value: turnoutWords(proposal, standing) },
          ...(ofOther === null || terms.otherEligible === null
            ? []
            : [{ name: `Of ${cleanText(terms.otherEligible.words, 60)}`, value: percent(ofOther) }]),
          { name: 'Turnout by wallets', value: walletWords(proposal, votes, able) },
        ]
      : []),
    { name: 'Quorum', value: quorumWords(proposal, standing) },
    ...(startAtSeconds === null && endAtSeconds === null
      ? []
      : [
          {
            name: 'Voting',
            value: [
              ...(startAtSeconds === null ? ['not known'] : [{ time: startAtSeconds }]),
              ' to ',
              ...(endAtSeconds === null ? ['not known'] : [{ time: endAtSeconds }]),
            ],
          },
        ]),
    ...(kindWords.length === 0 ? [] : [{ name: 'Kind', value: kindWords.slice(0, KINDS_SHOWN).join(', ') }]),
    ...(by === '' ? [] : [{ name: 'Proposed by', value: [{ code: by }] }]),
  ];
}

const hiddenOr = ({ shielded }: ProposalReading['terms']): string => (shielded ? 'hidden until the end' : 'not known');

/** In the order of its choices; of many the heaviest. */
function tallyWords({ choices, tally, terms }: StoredProposal, cast: bigint | null): string {
  if (tally === null) return hiddenOr(terms);
  const bare = { ...terms.unit, symbol: '' };
  const all = tally.map((value, at) => ({ value, at }));
  const isLong = all.length > CHOICES_SHOWN;
  if (isLong) all.sort((a, b) => (b.value > a.value ? 1 : b.value < a.value ? -1 : a.at - b.at));
  const words = all.slice(0, CHOICES_SHOWN).map(({ value, at }) => {
    const share = value === 0n ? null : shareOf(value, cast ?? 0n);
    // Many choices often begin alike.
    return `${isLong ? `${at + 1}. ` : ''}${choiceName(choices, at, 40)} ${amount(value, bare)}${share === null ? '' : ` (${percent(share)})`}`;
  });
  const more = isLong ? `; ${all.length - CHOICES_SHOWN} more choices` : '';
  return `${words.join(' · ')}, in ${cleanText(terms.unit.symbol, 20) || 'votes'}${more}`;
}

function turnoutWords({ terms }: StoredProposal, { cast, turnout }: ProposalStanding): string {
  const { unit, eligible, eligibleWords } = terms;
  const bare = { ...unit, symbol: '' };
  if (cast === null) return hiddenOr(terms);
  if (turnout === null || eligible === null) return `${amount(cast, unit)} cast; what could vote is not known`;
  return `${percent(turnout)}: ${amount(cast, bare)} of ${amount(eligible, unit)} (${cleanText(eligibleWords, 60)})`;
}

/** Of what is over, who could vote then is not known. */
function walletWords(
  { votesCount, storedVotes, status, votesReadAtMs }: StoredProposal,
  votes: readonly StoredVote[],
  able: ReadonlySet<string>,
): string {
  const counted = votesCount ?? storedVotes;
  const split = votes.filter(({ choices }) => choices.length > 1).length;
  const known = votesCount !== null && storedVotes < votesCount ? `, ${storedVotes} of them known to this bot` : '';
  const rest = `${known}${split === 0 ? '' : `, ${split} split between choices`}`;
  if (votesCount === null && votesReadAtMs === null) return `${storedVotes} known; the votes were never all read`;
  if (isClosed(status) || able.size === 0)
    return `${plural(counted, 'wallet')}${rest}; how many could vote is not known`;
  // Anyone may vote, with or without power.
  const voted = votes.filter(({ voter }) => able.has(voter)).length;
  const others = counted === voted ? '' : `, and ${plural(counted - voted, 'other wallet')}`;
  return `${percent(voted / able.size)}: ${voted} of ${plural(able.size, 'validator')}${others}${rest}`;
}

function quorumWords({ terms, status }: StoredProposal, { quorum }: ProposalStanding): string {
  const { unit } = terms;
  if (terms.quorum === null) return terms.quorumChoices.length === 0 ? 'none' : 'not known';
  if (status === 'deposit' || status === 'pending') return `${amount(terms.quorum, unit)} needed`;
  if (quorum === null) return `${amount(terms.quorum, unit)} needed; what counts so far is ${hiddenOr(terms)}`;
  const { counted, needed, missing } = quorum;
  const state = missing === 0n ? 'reached' : `${amount(missing, unit)} missing`;
  return `${state}: ${amount(counted, { ...unit, symbol: '' })} of ${amount(needed, unit)} needed`;
}
