import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Hex } from '../../../lib/facts.ts';
import type { LeafVerdict, SettledAnswer } from '../../../lib/proofFacts.ts';
import { keccak } from './merkle.ts';

/** DER (SubjectPublicKeyInfo) of every node that the registry knows, by teeId in lower case; empty where it has none. */
export type NodeKeys = ReadonlyMap<Hex, Uint8Array>;

/** What relays put where an answer came without a node. */
const NO_NODE: Hex = '0xddc21f2d5d0af861b4fc1390df47f1c93bc5aee54e7e31763e97256d56148253';

/** Shorter than any RSA signature: "0x" becomes one byte on its way into a tree. */
const MIN_SIGNATURE_BYTES = 64;
/** Longer than any key that OpenSSL takes can make one. */
const MAX_SIGNATURE_BYTES = 4_096;

const message = Buffer.alloc(96);
const MAX_UINT256 = 2n ** 256n - 1n;

/** What the node's signature says of one answer. Pure; a key is read once, as long as the map holds the same bytes. */
export function checkAnswer(answer: SettledAnswer, keys: NodeKeys): LeafVerdict {
  return checkSignature({ ...answer, signedAt: BigInt(answer.signedAtSeconds) }, keys);
}

export interface SignedAnswer extends Pick<SettledAnswer, 'teeId' | 'requestHash' | 'outputHash' | 'signature'> {
  /** Unix seconds, as the uint256 that was signed. */
  signedAt: bigint;
}

/**
 * RSA-PSS, SHA-256, MGF1 with SHA-256, salt of 32 bytes, over keccak256(requestHash ‖ outputHash ‖ uint256 time): what
 * TEEInferenceVerifier.verifySignatureNoTimestamp checks, except that a node may be disabled by now.
 */
export function checkSignature(answer: SignedAnswer, keys: NodeKeys): LeafVerdict {
  const { teeId, signature } = answer;
  if (signature.length < MIN_SIGNATURE_BYTES || teeId === NO_NODE) return 'unsigned';
  const der = keys.get(teeId);
  if (der === undefined) return 'unknown-node';
  const key = keyOf(der);
  if (key === null) return 'no-key';
  if (signature.length > MAX_SIGNATURE_BYTES) return 'bad-signature';
  const how = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  try {
    return verify('sha256', messageHash(answer), how, signature) ? 'valid' : 'bad-signature';
  } catch {
    // OpenSSL refuses some lengths outright.
    return 'bad-signature';
  }
}

function messageHash({ requestHash, outputHash, signedAt }: SignedAnswer): Uint8Array {
  message.fill(0);
  message.write(requestHash.slice(2), 0, 32, 'hex');
  message.write(outputHash.slice(2), 32, 32, 'hex');
  writeUint256(message, signedAt, 64);
  return keccak(message);
}

/** As the EVM writes it: 32 bytes, the highest first. Numbers beyond 256 bits are cut to them. */
export function writeUint256(target: Buffer, value: bigint, at: number): void {
  if (value < 2n ** 64n) {
    target.fill(0, at, at + 24);
    target.writeBigUInt64BE(value, at + 24);
  } else target.write((value & MAX_UINT256).toString(16).padStart(64, '0'), at, 32, 'hex');
}

const readKeys = new WeakMap<Uint8Array, { key: KeyObject | null }>();

/** null: no RSA key. Kept as long as its bytes are: reading one costs as much as using it. */
function keyOf(der: Uint8Array): KeyObject | null {
  const read = readKeys.get(der) ?? { key: readKey(der) };
  readKeys.set(der, read);
  return read.key;
}

function readKey(der: Uint8Array): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'rsa' ? key : null;
  } catch {
    return null;
  }
}
