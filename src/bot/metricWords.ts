import { METRIC_DEFINITIONS } from '../insight/metricDefinitions.ts';
import { SET_WORDS, type SetKind, type SetMetrics } from '../lib/influence.ts';
import { percent, plural } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';

/** How each set is spoken of. */
interface SetSpeech {
  /** Of one entity and of several: `holds`, `hold`. */
  has: readonly [one: string, many: string];
  /** What they have a share of. */
  whole: string;
  /** What it means to be the fewest with more than a share. */
  few: string;
  /** Who an entity is not; empty where nobody would think so. */
  notPeople: string;
}

const WALLETS = 'Wallets are not people: one person may have several, and an exchange holds for many.';
const AUTHORS = 'Authors are accounts, not people: one person may have several.';

const SPEECH: Readonly<Record<SetKind, SetSpeech>> = {
  validators: {
    has: ['holds', 'hold'],
    whole: 'the voting power',
    few: 'over 1/3 can halt the chain, over 2/3 decide alone',
    notPeople: 'Validators are not people: one operator may run several.',
  },
  operators: {
    has: ['runs', 'run'],
    whole: 'the nodes',
    few: 'that share of the nodes is theirs to stop',
    notPeople: WALLETS,
  },
  inferences: {
    has: ['signed', 'signed'],
    whole: 'the settled answers',
    few: 'that share of the answers came from their nodes',
    notPeople: WALLETS,
  },
  publishers: {
    has: ['lists', 'list'],
    whole: 'the models',
    few: 'that share of the hub is theirs',
    notPeople: AUTHORS,
  },
  use: {
    has: ['draws', 'draw'],
    whole: 'the use',
    few: 'that share of the use rests on their models',
    notPeople: AUTHORS,
  },
  power: {
    has: ['holds', 'hold'],
    whole: 'the voting power',
    few: 'over 1/2 outvote all others, even if everybody votes',
    notPeople: WALLETS,
  },
  'gauge-voters': {
    has: ['directs', 'direct'],
    whole: 'the gauge votes',
    few: 'over 1/2 direct more than all others together',
    notPeople: WALLETS,
  },
  gauges: {
    has: ['draws', 'draw'],
    whole: 'the votes',
    few: 'that share of the votes goes to them',
    notPeople: '',
  },
  voters: {
    has: ['cast', 'cast'],
    whole: 'the power that was cast',
    few: 'over 1/2 cast more than all others together',
    notPeople: WALLETS,
  },
  holders: {
    has: ['holds', 'hold'],
    whole: 'what these addresses hold',
    few: 'that share of the tokens is theirs',
    notPeople: WALLETS,
  },
};

/** A number of a metric as readers see it; `no value` where there is none. */
function metricValue(name: keyof SetMetrics, metrics: SetMetrics): string {
  const value = metrics[name];
  if (value === null) return 'no value';
  if (typeof value === 'string') return value;
  if (name.startsWith('top') || name === 'entropy') return percent(value);
  if (name === 'hhi') return whole(Math.round(value));
  if (name.startsWith('nakamoto') || name === 'count') return whole(value);
  return value.toFixed(name === 'effective' ? 1 : 3);
}

const whole = (value: number): string => value.toLocaleString('en');

/** The point in a sentence: how few could decide. */
export function decideWords({ count, nakamotoThird, nakamotoHalf, top1 }: SetMetrics, kind: SetKind): string {
  const { entity } = SET_WORDS[kind];
  if (nakamotoHalf === null || nakamotoThird === null || top1 === null) return `No ${entity} has any weight: no value.`;
  if (count === 1) return `There is one ${entity} only, with the whole.`;
  const third = nakamotoThird === nakamotoHalf ? '' : `, ${whole(nakamotoThird)} more than a third`;
  return `${halfWords({ count, nakamotoHalf }, kind)} of ${SPEECH[kind].whole}${third}; the largest has ${percent(top1)}.`;
}

/** `3 of 5 bonded validators hold more than half`; null: no value. */
export function halfWords({ count, nakamotoHalf }: Pick<SetMetrics, 'count' | 'nakamotoHalf'>, kind: SetKind) {
  if (nakamotoHalf === null) return null;
  const [one, many] = SPEECH[kind].has;
  return `${whole(nakamotoHalf)} of ${countWords(count, kind)} ${nakamotoHalf === 1 ? one : many} more than half`;
}

/** `1 owner of locks`, `10,000 bonded validators`, `no gauges` */
export function countWords(count: number, kind: SetKind): string {
  const { entity } = SET_WORDS[kind];
  const [head = '', ...rest] = entity.split(' of ');
  const many = [head.endsWith('s') ? `${head}es` : `${head}s`, ...rest].join(' of ');
  return count === 0 ? `no ${many}` : plural(count, entity, many).replace(/^\d+/, (digits) => whole(Number(digits)));
}

/** All metrics, in the order in which then and now are set against each other. */
export const SHOWN_METRICS: readonly (keyof SetMetrics)[] = [
  'nakamotoThird',
  'nakamotoHalf',
  'nakamotoTwoThirds',
  'top1',
  'top5',
  'top10',
  'gini',
  'hhi',
  'effective',
  'theil',
  'entropy',
];

/** Rows of metrics as they are read together. */
const ROWS: readonly { name: string; keys: readonly (keyof SetMetrics)[] }[] = [
  { name: 'Nakamoto', keys: ['nakamotoThird', 'nakamotoHalf', 'nakamotoTwoThirds'] },
  { name: 'Top 1 / 5 / 10', keys: ['top1', 'top5', 'top10'] },
  { name: 'Gini', keys: ['gini'] },
  { name: 'HHI', keys: ['hhi'] },
  { name: 'Effective number', keys: ['effective'] },
  { name: 'Theil T', keys: ['theil'] },
  { name: 'Entropy', keys: ['entropy'] },
];

const rowValue = (keys: readonly (keyof SetMetrics)[], metrics: SetMetrics): string =>
  metrics.count === 0 ? 'no value' : keys.map((key) => metricValue(key, metrics)).join(' / ');

/** All metrics with what each means and in which variant, a line each; none where there is no value. */
export function metricLines(metrics: SetMetrics, kind: SetKind): Line[] {
  const { count } = metrics;
  if (count === 0) return [];
  const meanings = [
    `the fewest with more than 1/3, 1/2, 2/3; ${SPEECH[kind].few}`,
    'what the heaviest have of the whole',
    'how unequal; 0 if all are equal, (n-1)/n if one has all',
    `sum of squared shares; ${whole(Math.round(10_000 / count))} if all are equal, 10,000 if one has all`,
    `of ${whole(count)}; so many equal ones would be as concentrated: 10,000 / HHI`,
    `how far from equal; 0 if all are, ln n = ${Math.log(count).toFixed(2)} if one has all`,
    count === 1 ? 'there is none of one' : 'how spread, of the most there can be: Shannon, H / log2 n',
  ];
  return ROWS.map(
    ({ name, keys }, at): Line => [{ strong: `${name}: ${rowValue(keys, metrics)}` }, ` (${meanings[at]})`],
  );
}

/** All metrics of two sets, a line each. */
export function againstLines(first: SetMetrics, second: SetMetrics): Line[] {
  const against = (name: string, one: string, two: string): Line => [{ strong: name }, `: ${one} against ${two}`];
  return [
    against('Entities', metricValue('count', first), metricValue('count', second)),
    ...ROWS.map(({ name, keys }) =>
      against(name === 'Nakamoto' ? 'Nakamoto > 1/3, 1/2, 2/3' : name, rowValue(keys, first), rowValue(keys, second)),
    ),
  ];
}

/** Metrics then and now, a line each; those that are the same share one at the end. */
export function changeLines(
  names: readonly (keyof SetMetrics)[],
  before: SetMetrics,
  after: SetMetrics,
  sameWord: string,
): Line[] {
  const changed: Line[] = [];
  const same: string[] = [];
  for (const name of names) {
    const [was, is] = [metricValue(name, before), metricValue(name, after)];
    if (was === is) same.push(`${metricTitle(name)} (${is})`);
    else changed.push([{ strong: metricTitle(name) }, `: ${was} → ${is}`]);
  }
  return same.length === 0 ? changed : [...changed, `${sameWord}: ${same.join(', ')}.`];
}

const metricTitle = (name: keyof SetMetrics): string =>
  METRIC_DEFINITIONS.find(({ key }) => key === name)?.name ?? name;

/** Said wherever concentration is. */
export const notPeople = (...kinds: readonly SetKind[]): Line[] => [
  ...new Set(kinds.map((kind) => SPEECH[kind].notPeople).filter((words) => words !== '')),
];
