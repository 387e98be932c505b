import { missedAllowed } from '../../insight/missedAllowed.ts';
import { amount, shareOf } from '../../lib/amount.ts';
import { VALIDATOR_SOURCE } from '../../lib/governanceFacts.ts';
import { cleanText, percent, plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredValidator } from '../../store/governanceRepository.ts';
import type { Command } from '../command.ts';
import { findOneSource, networkOption, notReadOf } from '../governanceSources.ts';
import { pageOf } from '../pages.ts';

/** The chain's own unit of power: PoA gives each validator one. */
const POWER = { symbol: 'power', decimals: 18 };

/** Share of the window from which on one is said to miss blocks. */
const BEHIND = 0.01;

export const govValidators: Command = {
  path: ['gov', 'validators'],
  summary: 'Validators: power, missed blocks, jailed',
  options: [networkOption, { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 10_000 }],
  permission: 'everyone',
  examples: ['gov validators', 'gov validators opengradient page:2'],
  async run(context, { args }): Promise<View> {
    const again = (network: string): string => `gov validators network:${network}`;
    const found = await findOneSource(context, args.network, ['validators'], { what: 'validators', again });
    if ('instead' in found) return found.instead;
    const all = await context.store.governance.validators(VALIDATOR_SOURCE);
    // A chain has validators: where none is known, none was read.
    if (all.length === 0) return notReadOf([found], 'Validators', 'gov validators');
    const present = all.filter(({ goneAtMs }) => goneAtMs === null).sort(byPower);
    const total = present.filter(isBonded).reduce((sum, { tokensWei }) => sum + tokensWei, 0n);
    const { shown, number, of } = pageOf(present, args.page);
    const tone = present.some(({ jailed }) => jailed) ? 'degraded' : 'ok';
    return {
      title: `Validators of ${found.network.title}`,
      tone: found.isCurrent ? tone : 'unknown',
      lines: [
        [{ strong: headline(present, total) }],
        ...found.warning,
        ...shown.map((one) => row(one, total)),
        limitLine(present),
        ...found.network.caution,
      ],
      actions: [
        { label: 'Refresh', command: again(found.network.name) },
        { label: 'Who decides', command: `influence show validators network:${found.network.name}`, mode: 'reply' },
        { label: 'Proposals', command: `gov proposals network:${found.network.name}`, mode: 'reply' },
      ],
      ...(of > 1 ? { page: { number, of, command: again(found.network.name) } } : {}),
      ...found.stamp,
    };
  },
};

const isBonded = ({ status }: StoredValidator): boolean => status === 'bonded';

function byPower(a: StoredValidator, b: StoredValidator): number {
  if (isBonded(a) !== isBonded(b)) return isBonded(a) ? -1 : 1;
  if (a.tokensWei !== b.tokensWei) return b.tokensWei > a.tokensWei ? 1 : -1;
  return a.address < b.address ? -1 : 1;
}

function headline(present: readonly StoredValidator[], total: bigint): string {
  const bonded = present.filter(isBonded);
  const jailed = present.filter(({ jailed: isJailed }) => isJailed).length;
  const equal = bonded.length > 1 && bonded.every(({ tokensWei }) => tokensWei === bonded[0]?.tokensWei);
  const power = `${amount(total, POWER)}${equal ? ', the same for each' : ''}`;
  const behind = present.filter(({ missedBlocks, windowBlocks }) => isBehind(missedBlocks, windowBlocks)).length;
  const missing = behind === 0 ? '' : `, ${behind} missed more than ${percent(BEHIND)} of blocks`;
  return `${plural(bonded.length, 'bonded validator')} with ${power}; ${jailed === 0 ? 'none jailed' : `${jailed} jailed`}${missing}.`;
}

const isBehind = (missed: number | null, window: number | null): boolean =>
  missed !== null && window !== null && window > 0 && missed / window > BEHIND;

function row(validator: StoredValidator, total: bigint): Line {
  const { address, moniker, status, jailed, tombstoned, tokensWei, jailedUntilSeconds } = validator;
  const share = isBonded(validator) ? shareOf(tokensWei, total) : null;
  const state = tombstoned ? 'jailed for good' : jailed ? 'jailed' : isBonded(validator) ? null : status;
  const until =
    jailed && !tombstoned && jailedUntilSeconds !== null && jailedUntilSeconds > 0
      ? [' until ', { time: jailedUntilSeconds }]
      : [];
  return [
    '• ',
    { strong: cleanText(moniker, 40) || shortHex(address) },
    ` ${shortHex(address)}: `,
    ...(state === null ? [] : [{ strong: state }, ...until, '; ']),
    `${amount(tokensWei, POWER)}${share === null ? '' : ` (${percent(share)})`}, ${missedWords(validator)}`,
  ];
}

function missedWords({ missedBlocks, windowBlocks }: StoredValidator): string {
  if (missedBlocks === null || windowBlocks === null || windowBlocks === 0) return 'missed blocks not known';
  return missedBlocks === 0
    ? 'no block missed'
    : `missed ${missedBlocks} blocks (${percent(missedBlocks / windowBlocks)})`;
}

/** The window is the same for all of a chain. */
function limitLine(validators: readonly StoredValidator[]): Line {
  const one = validators.find(({ windowBlocks, minSignedPpm }) => windowBlocks !== null && minSignedPpm !== null);
  const allowed = one === undefined ? null : missedAllowed(one);
  if (one === undefined || allowed === null) return 'How many blocks may be missed is not known.';
  return `Missed blocks: of the last ${one.windowBlocks}; who misses more than ${allowed} of them is jailed.`;
}
