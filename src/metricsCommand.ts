import { metricsOf, nakamotoOf, shannonBitsOf } from './insight/concentration.ts';
import { METRIC_DEFINITIONS, type MetricDefinition } from './insight/metricDefinitions.ts';
import { lightestFirst } from './insight/sortWeights.ts';
import { readDecimal } from './lib/decimal.ts';
import type { NakamotoThreshold } from './lib/influence.ts';
import { plural } from './lib/units.ts';
import { type WeightList, WeightReader } from './lib/weightList.ts';

/** sysexits: used wrongly (64), wrong data (65). */
const EXIT = { ok: 0, usage: 64, data: 65 } as const;

export interface MetricsOptions {
  threshold?: string;
  strict?: boolean;
  json?: boolean;
}

interface Streams {
  input: AsyncIterable<Uint8Array>;
  out: (text: string) => void;
  err: (text: string) => void;
}

/** How wide the lines are. */
const WIDTH = 80;
const NAME_WIDTH = 22;
const INDENT = '  ';

/**
 * `assay metrics`: all metrics of a list `name,weight` from a stream, each with its definition. Resolves with the exit code: 64 for a
 * threshold that is none, 65 when lines are malformed or nothing has a weight above zero; nothing is written to `out` then.
 */
export async function metricsCommand(options: MetricsOptions, { input, out, err }: Streams): Promise<number> {
  const asked = thresholdOf(options);
  if (typeof asked === 'string') {
    err(`assay metrics: ${asked}`);
    return EXIT.usage;
  }
  const reader = new WeightReader();
  for await (const bytes of input) reader.add(bytes);
  const list = reader.end();
  if (reader.malformedCount > 0) {
    for (const { line, problem } of reader.malformed) err(`line ${line}: ${problem}`);
    const more = reader.malformedCount - reader.malformed.length;
    if (more > 0) err(`and ${more} more`);
    return EXIT.data;
  }
  if (list.zeros === list.weights.length) {
    err('assay metrics: no line has a weight above zero: there is nothing to measure');
    return EXIT.data;
  }
  const measured = measure(list, asked);
  out(options.json ? JSON.stringify(measured, null, 2) : textOf(list, measured));
  return EXIT.ok;
}

interface Measured {
  rows: number;
  merged: number;
  zeros: number;
  /** By name of the metric; total: decimal text. */
  values: Record<MetricDefinition['key'], number | string | null>;
  threshold: { asked: string; num: number; den: number; strict: boolean; nakamoto: number | null } | null;
  definitions: readonly MetricDefinition[];
}

type Asked = (NakamotoThreshold & { text: string }) | null;

function measure({ weights, scale, rows, merged, zeros }: WeightList, asked: Asked): Measured {
  const metrics = metricsOf(weights);
  const threshold =
    asked === null
      ? null
      : {
          ...{ asked: asked.text, num: asked.num, den: asked.den, strict: asked.strict },
          nakamoto: nakamotoOf(lightestFirst(weights).reverse(), asked),
        };
  const values = { ...metrics, total: decimalText(metrics.total, scale), shannon: shannonBitsOf(metrics) };
  return { rows, merged, zeros, values, threshold, definitions: METRIC_DEFINITIONS };
}

/** `1/3`, `0.51` or `51%`, above 0 and at most 1; a sentence when it is none. */
function thresholdOf({ threshold, strict = false }: MetricsOptions): Asked | string {
  if (threshold === undefined) return strict ? '--strict says how --threshold is meant: give both' : null;
  const [num, den] = ratioOf(threshold.trim());
  if (num <= 0n || num > den || den > BigInt(Number.MAX_SAFE_INTEGER))
    return '--threshold is a share above 0 and at most 1: 1/3, 0.51 or 51%';
  return { num: Number(num), den: Number(den), strict, text: threshold.trim() };
}

/** 0/1 when it is none. */
function ratioOf(text: string): [bigint, bigint] {
  const [, over, under] = /^(\d{1,15})\/(\d{1,15})$/.exec(text) ?? [];
  if (over !== undefined && under !== undefined) return [BigInt(over), BigInt(under)];
  const isPercent = text.endsWith('%');
  const read = readDecimal(isPercent ? text.slice(0, -1).trimEnd() : text);
  return read === null ? [0n, 1n] : [read.digits, 10n ** BigInt(read.scale) * (isPercent ? 100n : 1n)];
}

/** `1234` with scale 2 is `12.34`; without zeros at the end. */
function decimalText(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const padded = digits.padStart(scale + 1, '0');
  const fraction = padded.slice(-scale).replace(/0+$/, '');
  return padded.slice(0, -scale) + (fraction === '' ? '' : `.${fraction}`);
}

function textOf({ rows, merged, zeros }: WeightList, { values, threshold }: Measured): string {
  const said = [
    merged === 0 ? '' : ` ${merged} named one again: their weights were added.`,
    zeros === 0 ? '' : ` ${zeros} with weight 0 left out.`,
  ];
  const blocks = METRIC_DEFINITIONS.map(({ key, name, meaning, definition }) =>
    block(name, valueText(key, values[key]), [meaning, definition]),
  );
  if (threshold !== null) {
    const { asked, strict, nakamoto } = threshold;
    const words = `fewest, heaviest first, whose share is ${strict ? 'more than' : 'at least'} ${asked}`;
    const at = METRIC_DEFINITIONS.findIndex(({ key }) => key === 'nakamotoTwoThirds') + 1;
    const value = nakamoto === null ? 'no value: all together do not pass it' : String(nakamoto);
    blocks.splice(at, 0, block(`Nakamoto ${strict ? '>' : '>='} ${asked}`, value, [words]));
  }
  return [...wrapped(`${plural(rows, 'row')}.${said.join('')}`, ''), ...blocks.flat()].join('\n');
}

function block(name: string, value: string, about: readonly string[]): string[] {
  const one = `${name.padEnd(NAME_WIDTH)} ${value}`;
  const head = one.length <= WIDTH ? [one] : [name, ...broken(value, INDENT)];
  return ['', ...head, ...about.flatMap((text) => wrapped(text, INDENT))];
}

function valueText(key: MetricDefinition['key'], value: number | string | null): string {
  if (value === null) return 'no value';
  if (typeof value === 'string') return value;
  if (key === 'count' || key.startsWith('nakamoto')) return String(value);
  if (key.startsWith('top')) return `${(value * 100).toFixed(2)} %`;
  if (key === 'shannon') return `${value.toFixed(5)} bits`;
  return value.toFixed(key === 'hhi' || key === 'effective' ? 2 : 5);
}

/** In lines that fit, broken between words. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** A number too long for a line. */
const broken = (text: string, indent: string): string[] =>
  (text.match(new RegExp(`.{1,${WIDTH - indent.length}}`, 'g')) ?? []).map((part) => indent + part);
