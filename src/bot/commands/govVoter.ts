import { choiceName } from '../../alerts/proposalWords.ts';
import { voterRecord } from '../../insight/voterRecord.ts';
import { amount, shareOf } from '../../lib/amount.ts';
import { toSeconds } from '../../lib/clock.ts';
import { GOVERNANCE_SOURCE, VALIDATOR_SOURCE } from '../../lib/governanceFacts.ts';
import { cleanText, percent, plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredValidator } from '../../store/governanceRepository.ts';
import { echo, errorView } from '../answers.ts';
import type { Command, Suggestion } from '../command.ts';
import type { BotContext } from '../context.ts';
import { GAUGE_KINDS } from '../gaugeView.ts';
import { gaugeVoterLines } from '../gaugeVoterLines.ts';
import { asOfAll, findSources, type GovernanceSources, networkOption } from '../governanceSources.ts';
import { proposalName, refWords } from '../proposalWords.ts';
import { knowsAbsent, PROPOSAL_KINDS } from '../readProposals.ts';

const ADDRESS = /^0x[0-9a-f]{40}$/;
/** Proposals that are looked back on. */
const LOOK_BACK = 50;
const WINDOW_SECONDS = 400 * 86_400;
const SHOWN = 5;
/** The chain's own unit of power. */
const POWER = { symbol: 'power', decimals: 18 };

export const govVoter: Command = {
  path: ['gov', 'voter'],
  summary: 'One voter: what they voted on, their streak, and their weight',
  options: [
    {
      name: 'voter',
      summary: 'An address, or a validator by name',
      type: 'text',
      required: true,
      maxLength: 80,
      suggest: suggestValidators,
    },
    networkOption,
  ],
  permission: 'everyone',
  examples: ['gov voter 0xa11ce00000000000000000000000000000000001', 'gov voter cedar'],
  async run(context, { args }): Promise<View> {
    const typed = String(args.voter).trim();
    const again = (network: string): string => `gov voter "${typed.replaceAll('"', '')}" network:${network}`;
    const kinds = [...PROPOSAL_KINDS, ...GAUGE_KINDS];
    const found = await findSources(context, args.network, kinds, { what: 'votes', again });
    if ('instead' in found) return found.instead;
    const voter = await findVoter(context, typed);
    if ('instead' in voter) return voter.instead;
    const parts = await Promise.all(
      found.map(async (sources) => [
        ...(await proposalLines(context, sources, voter)),
        ...(await gaugeVoterLines(context, sources, voter.address)),
      ]),
    );
    const known = parts.flat();
    return {
      title: `Voter ${voter.name}`,
      tone: known.length === 0 ? 'unknown' : 'info',
      lines: [
        ...(known.length === 0
          ? [[{ strong: 'No vote, lock or power of this address is known.' }]]
          : known.slice(0, 1)),
        ...found.flatMap(({ warning }) => warning),
        ...known.slice(1),
        'One address is not one person. Votes from before this bot ran may be missing.',
      ],
      fields: [{ name: 'Address', value: [{ code: voter.address }] }],
      asOf: asOfAll(found),
      sources: found.flatMap(({ stamp }) => stamp.sources),
    };
  },
};

interface FoundVoter {
  address: string;
  name: string;
  /** null: it is none, as far as is known. */
  validator: StoredValidator | null;
  validators: readonly StoredValidator[];
}

async function suggestValidators({ store }: BotContext, typed: string): Promise<Suggestion[]> {
  const text = typed.trim().toLowerCase();
  const all = await store.governance.validators(VALIDATOR_SOURCE);
  return all
    .filter(({ address, moniker }) => address.startsWith(text) || moniker.toLowerCase().includes(text))
    .slice(0, 25)
    .map(({ address, moniker }) => ({
      label: `${cleanText(moniker, 60) || 'validator'} ${shortHex(address)}`,
      value: address,
    }));
}

async function findVoter({ store }: BotContext, typed: string): Promise<FoundVoter | { instead: View }> {
  const text = typed.toLowerCase();
  const validators = await store.governance.validators(VALIDATOR_SOURCE);
  const made = (address: string): FoundVoter => {
    const validator = validators.find((one) => one.address === address) ?? null;
    return { address, name: cleanText(validator?.moniker ?? '', 40) || shortHex(address), validator, validators };
  };
  if (ADDRESS.test(text)) return made(text);
  const named = validators.filter(
    ({ moniker, address }) =>
      cleanText(moniker, 80).toLowerCase() === text || (text.length >= 6 && address.startsWith(text)),
  );
  const [only] = named;
  if (named.length === 1 && only !== undefined) return made(only.address);
  const offered = (named.length > 0 ? named : validators).slice(0, 5);
  const actions = offered.map(({ address, moniker }) => ({
    label: cleanText(moniker, 30) || shortHex(address),
    command: `gov voter ${address}`,
  }));
  const why =
    named.length > 1
      ? 'may be several validators'
      : 'is neither an address (0x and 40 hex digits) nor a validator’s name';
  return { instead: errorView('Which voter?', [`${echo(typed)} ${why}.`], actions) };
}

async function proposalLines(
  context: BotContext,
  { network, origins }: GovernanceSources,
  { address, validator, validators }: FoundVoter,
): Promise<Line[]> {
  const { store, clock } = context;
  const sources = origins.filter(({ kind }) => PROPOSAL_KINDS.includes(kind)).map(({ source }) => source);
  if (sources.length === 0) return [];
  const own = sources.includes(GOVERNANCE_SOURCE) ? validator : null;
  const votes = await store.governance.votesOf(address, sources, LOOK_BACK);
  if (votes.length === 0 && own === null) return [];
  const from = toSeconds(clock.now()) - WINDOW_SECONDS;
  const [closed, open] = await Promise.all([
    store.governance.closedSince(sources, from, LOOK_BACK),
    store.governance.proposals({ sources, statuses: ['voting'], limit: LOOK_BACK, offset: 0 }),
  ]);
  const record = voterRecord(address, closed);
  const streak = record.streak > 1 ? `, the last ${record.streak} in a row` : '';
  const [newest] = votes;
  const weight =
    own !== null
      ? `; ${validatorWords(own, validators)}`
      : newest?.vote.power == null
        ? ''
        : `; last voted with ${amount(newest.vote.power, newest.proposal.terms.unit)}`;
  const point =
    record.of === 0
      ? `voted on ${plural(votes.length, 'proposal')}`
      : `voted on ${record.voted} of the last ${plural(record.of, 'closed proposal')}${streak}`;
  const voted = new Set(votes.map(({ proposal }) => proposal.id));
  const absent = open.rows.filter((one) => !voted.has(one.id) && knowsAbsent(one, context));
  return [
    [{ strong: `${network.title}: ${point}${weight}.` }],
    ...(absent.length === 0
      ? []
      : [
          `Not voted yet on ${absent
            .slice(0, SHOWN)
            .map(({ ref }) => refWords(ref))
            .join(', ')}${absent.length > SHOWN ? ` and ${absent.length - SHOWN} more` : ''}.`,
        ]),
    ...votes
      .slice(0, SHOWN)
      .map(
        ({ vote, proposal }): Line => [
          `• ${proposalName(proposal, 50)}: ${choiceWords(vote.choices, proposal.choices)}`,
          ...(vote.castAtSeconds === null ? [] : [', ', { time: vote.castAtSeconds }]),
          ...(vote.changedAtMs === null ? [] : [' (changed)']),
        ],
      ),
  ];
}

/** `1 power, 20 % of what is bonded`, or why it has none. */
function validatorWords(own: StoredValidator, validators: readonly StoredValidator[]): string {
  if (own.goneAtMs !== null) return 'no longer a validator';
  if (own.status !== 'bonded') return `${own.jailed ? 'jailed' : own.status}, without a vote now`;
  const bonded = validators.filter(({ status, goneAtMs }) => status === 'bonded' && goneAtMs === null);
  const share = shareOf(
    own.tokensWei,
    bonded.reduce((sum, { tokensWei }) => sum + tokensWei, 0n),
  );
  return `${amount(own.tokensWei, POWER)}${share === null ? '' : `, ${percent(share)} of what is bonded`}`;
}

/** `yes`, or `yes 60 %, no 40 %` of one that is split; no choices are hidden ones. */
function choiceWords(choices: readonly { choice: number; weight: string }[], names: readonly string[]): string {
  const named = choices.map(({ choice, weight }) => ({
    name: choiceName(names, choice, 30),
    weight,
  }));
  const [first] = named;
  if (first === undefined) return 'voted, how is not known';
  if (named.length === 1) return first.name;
  const shown = named.slice(0, 4).map(({ name, weight }) => `${name} ${percent(Number(weight))}`);
  return `${shown.join(', ')}${named.length > 4 ? ` and ${named.length - 4} more` : ''}`;
}
