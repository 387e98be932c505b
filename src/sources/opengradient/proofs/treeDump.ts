import type { Hex } from '../../../lib/facts.ts';

/** One leaf of a dump, as it stands there: lower-case hexadecimal of the right lengths. */
export interface DumpedAnswer {
  teeId: Hex;
  requestHash: Hex;
  outputHash: Hex;
  signature: Hex;
  /** Unix seconds, a uint256. */
  signedAt: bigint;
}

/** A batch holds 20; what is far beyond that is not meant to be read by anyone. */
const MAX_ANSWERS = 20_000;

/** A dump is four deep. */
const MAX_DEPTH = 16;

/** Values in the whole text: seven an answer and two nodes of the tree, and room for fields that we do not know. */
const MAX_VALUES = 12 * MAX_ANSWERS;

const FORMAT = 'standard-v1';
const ENCODING = ['bytes32', 'bytes32', 'bytes32', 'bytes', 'uint256'];

/** What is wrong with a dump, in words that are safe to show. */
export class MalformedDump extends Error {}

/**
 * The answers in a dump of OpenZeppelin's StandardMerkleTree, in its order; the tree in it is not looked at, and fields that
 * we do not know are skipped. Throws MalformedDump. How deep and how much is counted before it is parsed: 8 MiB of brackets
 * would be hundreds of megabytes as objects.
 */
export function readTreeDump(bytes: Uint8Array): DumpedAnswer[] {
  if (bytes.length === 0) throw new MalformedDump('the blob is empty');
  refuseBombs(bytes);
  const dump = parse(bytes);
  if (!isRecord(dump)) throw new MalformedDump('the blob is no tree: not an object');
  const { format, leafEncoding, values } = dump;
  if (format !== undefined && format !== FORMAT) throw new MalformedDump('the tree is of another format');
  if (leafEncoding !== undefined && !isOurEncoding(leafEncoding)) {
    throw new MalformedDump('the leaves of the tree are of another kind');
  }
  if (!Array.isArray(values)) throw new MalformedDump('the blob is no tree: it has no list of values');
  if (values.length > MAX_ANSWERS) throw new MalformedDump(TOO_MANY);
  return values.map(readAnswer);
}

const isOurEncoding = (value: unknown): boolean =>
  Array.isArray(value) && value.length === ENCODING.length && value.every((type, index) => type === ENCODING[index]);

const TOO_MANY = `the blob holds more than ${MAX_ANSWERS} answers`;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

function refuseBombs(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === COMMA) values += 1;
    else if (byte === 0x5b || byte === 0x7b) {
      values += 1;
      depth += 1;
      if (depth > MAX_DEPTH) throw new MalformedDump('the blob is nested too deeply to be a tree');
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (values > MAX_VALUES) throw new MalformedDump(TOO_MANY);
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new MalformedDump('the blob is no JSON');
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const HASH = /^0x[0-9a-f]{64}$/i;
const BYTES = /^0x[0-9a-f]*$/i;
/** Signatures of 256 bytes are meant. */
const MAX_SIGNATURE_CHARACTERS = 2 + 2 * 65_536;
const NUMBER = /^(?:[0-9]{1,78}|0x[0-9a-f]{1,64})$/i;
const MAX_UINT256 = 2n ** 256n - 1n;

function readAnswer(entry: unknown, index: number): DumpedAnswer {
  const value = isRecord(entry) ? entry.value : undefined;
  if (!Array.isArray(value) || value.length !== 5) throw new MalformedDump(`answer ${index + 1} is no list of five`);
  const [teeId, requestHash, outputHash, signature, time] = value as unknown[];
  const signedAt = matches(time, NUMBER) ? BigInt(time) : MAX_UINT256 + 1n;
  if (
    !matches(teeId, HASH) ||
    !matches(requestHash, HASH) ||
    !matches(outputHash, HASH) ||
    !matches(signature, BYTES) ||
    signature.length % 2 !== 0 ||
    signature.length > MAX_SIGNATURE_CHARACTERS ||
    signedAt > MAX_UINT256
  ) {
    throw new MalformedDump(`answer ${index + 1} has a field of the wrong form`);
  }
  return {
    teeId: lower(teeId),
    requestHash: lower(requestHash),
    outputHash: lower(outputHash),
    signature: lower(signature),
    signedAt,
  };
}

const matches = (value: unknown, form: RegExp): value is string => typeof value === 'string' && form.test(value);
const lower = (text: string): Hex => text.toLowerCase() as Hex;
