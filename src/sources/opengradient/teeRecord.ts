import { decodeFunctionResult, hexToBytes } from 'viem';
import type { Hex, TeeRecord } from '../../lib/facts.ts';
import { cleanText } from '../../lib/units.ts';
import { registryAbi, teeWithOhttpAbi } from './registryAbi.ts';

/** An endpoint longer than this is kept cut short: it is text from strangers. */
const MAX_ENDPOINT = 512;

/** Keys and certificates are about 300 and 1,000 bytes; more than this is not one. */
const MAX_DER_BYTES = 16_384;

/** Unix seconds beyond the year 3000 are not moments. */
const MAX_SECONDS = 32_503_680_000n;

/**
 * How many fields the answered struct has. The third head word is the offset of `endpoint`, which is the size of
 * the head: ten words (0x140) before ohttpConfig was added, eleven (0x160) since.
 */
export function layoutOf(answer: Hex): 10 | 11 | null {
  const offset = answer.slice(2 + 64 * 3, 2 + 64 * 4);
  if (/^0{61}140$/.test(offset)) return 10;
  if (/^0{61}160$/.test(offset)) return 11;
  return null;
}

/** The record in a getTEE answer of either layout. Throws when it is neither, or does not hold what it should. */
export function decodeTee(teeId: Hex, answer: Hex): TeeRecord {
  const layout = layoutOf(answer);
  if (layout === null) throw new Error('neither of the known struct layouts');
  const tee = decodeFunctionResult({ abi: registryAbi, functionName: 'getTEE', data: answer });
  return {
    teeId,
    owner: tee.owner.toLowerCase() as Hex,
    paymentAddress: tee.paymentAddress.toLowerCase() as Hex,
    endpoint: cleanText(tee.endpoint, MAX_ENDPOINT),
    publicKeyDer: der(tee.publicKey),
    tlsCertificateDer: der(tee.tlsCertificate),
    pcrHash: tee.pcrHash,
    teeType: tee.teeType,
    enabled: tee.enabled,
    registeredAtSeconds: moment(tee.registeredAt),
    lastHeartbeatAtSeconds: moment(tee.lastHeartbeatAt),
    layout,
    ohttp: layout === 11 ? offersOhttp(answer) : null,
  };
}

function offersOhttp(answer: Hex): boolean | null {
  try {
    const tee = decodeFunctionResult({ abi: teeWithOhttpAbi, functionName: 'getTEE', data: answer });
    return tee.ohttpConfig.publicKey !== '0x';
  } catch {
    return null;
  }
}

function der(bytes: Hex): Uint8Array<ArrayBuffer> {
  if ((bytes.length - 2) / 2 > MAX_DER_BYTES) throw new Error(`a key or certificate of over ${MAX_DER_BYTES} bytes`);
  return Uint8Array.from(hexToBytes(bytes));
}

function moment(seconds: bigint): number {
  if (seconds > MAX_SECONDS) throw new Error('a moment beyond the year 3000');
  return Number(seconds);
}
