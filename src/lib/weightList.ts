import { type Decimal, readDecimal } from './decimal.ts';
import { NameTable } from './nameTable.ts';

/** Rows of one list. */
export const MAX_ROWS = 1_000_000;
/** Bytes of one line. */
export const MAX_LINE = 10_000;
/** Malformed lines that are named. */
const MAX_NAMED = 20;

const [QUOTE, COMMA, SPACE, TAB, RETURN, NEWLINE] = [0x22, 0x2c, 0x20, 0x09, 0x0d, 0x0a];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const NOTHING = Buffer.alloc(0);

export interface MalformedLine {
  /** From 1. */
  line: number;
  problem: string;
}

/** A list of names and weights, read to its end. */
export interface WeightList {
  /** One for each name, in the order in which they came: whole numbers of 10^-scale, exactly as written. */
  weights: bigint[];
  scale: number;
  rows: number;
  /** Rows that named one again: their weights were added. */
  merged: number;
  zeros: number;
}

/**
 * Reads lines `name,weight`: any decimal from 0 up, quotes around a field that has commas in it (doubled inside), spaces around fields
 * dropped, blank lines skipped, a first line `name,weight` accepted. Names are compared byte by byte. Plain loops over the bytes that
 * come: views and texts for every line would take more time and memory than all the rest.
 */
export class WeightReader {
  readonly #names = new NameTable();
  readonly #digits: bigint[] = [];
  readonly #scales: number[] = [];
  /** The first twenty, and how many there are. */
  readonly malformed: MalformedLine[] = [];
  malformedCount = 0;
  #line = 0;
  #rows = 0;
  /** The beginning of a line whose end is not there yet. */
  #rest: Buffer = NOTHING;
  #isTooLong = false;

  /** The next bytes, wherever they are cut. */
  add(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#addLine(chunk, start, end);
      start = end + 1;
    }
    this.#isTooLong ||= this.#rest.length + chunk.length - start > MAX_LINE;
    this.#rest = this.#isTooLong ? NOTHING : Buffer.concat([this.#rest, chunk.subarray(start)]);
  }

  /** What was read, of all the lines that are not malformed. Ends the reader, and gives back the memory that the names took. */
  end(): WeightList {
    if (this.#rest.length > 0 || this.#isTooLong) this.#addLine(NOTHING, 0, 0);
    const scale = this.#scales.reduce((most, one) => Math.max(most, one), 0);
    const powers = Array.from({ length: scale + 1 }, (_, missing) => 10n ** BigInt(missing));
    let zeros = 0;
    for (let index = 0; index < this.#digits.length; index += 1) {
      const digits = this.#digits[index] as bigint;
      const missing = scale - (this.#scales[index] as number);
      if (missing > 0) this.#digits[index] = digits * (powers[missing] as bigint);
      if (digits === 0n) zeros += 1;
    }
    this.#names.clear();
    return { weights: this.#digits, scale, rows: this.#rows, merged: this.#rows - this.#digits.length, zeros };
  }

  #addLine(chunk: Buffer, start: number, end: number): void {
    this.#line += 1;
    const isTooLong = this.#isTooLong || this.#rest.length + end - start > MAX_LINE;
    let problem: string | null = null;
    if (isTooLong) problem = `longer than ${MAX_LINE} bytes`;
    else if (this.#rest.length === 0) problem = this.#read(chunk, start, end);
    else {
      const whole = Buffer.concat([this.#rest, chunk.subarray(start, end)]);
      problem = this.#read(whole, 0, whole.length);
    }
    this.#rest = NOTHING;
    this.#isTooLong = false;
    if (problem === null) return;
    this.malformedCount += 1;
    if (this.malformed.length < MAX_NAMED) this.malformed.push({ line: this.#line, problem });
  }

  #read(bytes: Buffer, lineStart: number, lineEnd: number): string | null {
    const isFirst = this.#line === 1;
    let [start, end] = [lineStart, lineEnd];
    if (isFirst && BYTE_ORDER_MARK.every((byte, at) => bytes[start + at] === byte)) start += 3;
    while (start < end && isBlank(bytes[end - 1])) end -= 1;
    while (start < end && isBlank(bytes[start])) start += 1;
    if (start === end) return null;
    const name = fieldAt(bytes, start, end);
    if (typeof name === 'string') return name;
    if (name.after === end) return 'there is no comma';
    const weight = fieldAt(bytes, name.after + 1, end);
    if (typeof weight === 'string') return weight;
    if (weight.after < end) return 'there are more than two fields';
    const written = textOf(weight);
    if (isFirst && written.toLowerCase() === 'weight' && textOf(name).toLowerCase() === 'name') return null;
    if (name.start === name.end) return 'the name is empty';
    const read = readDecimal(written);
    if (read === null) return 'the weight is no decimal number';
    if (read.digits < 0n) return 'the weight is negative';
    if (this.#rows === MAX_ROWS) return `more than ${MAX_ROWS} rows`;
    this.#rows += 1;
    this.#put(this.#names.add(name.bytes, name.start, name.end), read);
    return null;
  }

  #put(index: number, { digits, scale }: Decimal): void {
    if (index === this.#digits.length) {
      this.#digits.push(digits);
      this.#scales.push(scale);
      return;
    }
    const known = { digits: this.#digits[index] as bigint, scale: this.#scales[index] as number };
    const common = Math.max(scale, known.scale);
    this.#digits[index] = digits * 10n ** BigInt(common - scale) + known.digits * 10n ** BigInt(common - known.scale);
    this.#scales[index] = common;
  }
}

/** Bytes `start` to `end` of `bytes`, without quotes and the spaces around. */
interface Field {
  bytes: Buffer;
  start: number;
  end: number;
  /** Where the comma after it is, or the line's end. */
  after: number;
}

/** The field that begins at `from` of a line that goes to `lineEnd`, or what is wrong with it. */
function fieldAt(bytes: Buffer, from: number, lineEnd: number): Field | string {
  let start = from;
  while (start < lineEnd && isBlank(bytes[start])) start += 1;
  if (start < lineEnd && bytes[start] === QUOTE) return quotedAt(bytes, start, lineEnd);
  let after = start;
  while (after < lineEnd && bytes[after] !== COMMA) after += 1;
  let end = after;
  while (end > start && isBlank(bytes[end - 1])) end -= 1;
  return { bytes, start, end, after };
}

function quotedAt(bytes: Buffer, quote: number, lineEnd: number): Field | string {
  const inside: number[] = [];
  let after = quote + 1;
  for (; after < lineEnd; after += 1) {
    if (bytes[after] === QUOTE) {
      if (after + 1 === lineEnd || bytes[after + 1] !== QUOTE) break;
      after += 1;
    }
    inside.push(bytes[after] as number);
  }
  if (after >= lineEnd) return 'a quote is not closed';
  after += 1;
  while (after < lineEnd && isBlank(bytes[after])) after += 1;
  if (after < lineEnd && bytes[after] !== COMMA) return 'there is something after a closing quote';
  const field = Buffer.from(inside);
  let [start, end] = [0, field.length];
  while (start < end && isBlank(field[start])) start += 1;
  while (end > start && isBlank(field[end - 1])) end -= 1;
  return { bytes: field, start, end, after };
}

const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === TAB || byte === RETURN;

/** What is no ASCII is no number either. */
const textOf = ({ bytes, start, end }: Field): string => bytes.toString('latin1', start, end);
