import { AssayError } from '../../lib/errors.ts';
import type { Hex } from '../../lib/facts.ts';
import { shortHex } from '../../lib/units.ts';
import type { Views } from '../evm/abiCalls.ts';
import type { veAbi } from './veAbi.ts';

export type VeViews = Views<typeof veAbi>;

const GETTERS = ['voter', 'clock', 'curve', 'queue', 'lockNFT'] as const;
const ZERO = /^0x0*$/;

/** What belongs to an escrow; null where its getter refuses, or where nothing was set. Lower case. */
export type VeContracts = Record<(typeof GETTERS)[number] | 'token', Hex | null> & { escrow: Hex };

/** Asks the escrow for its helpers. AssayError when what stands there is no such escrow. */
export async function resolveContracts(views: VeViews, escrow: Hex): Promise<VeContracts> {
  const found = await views.named(escrow, [...GETTERS, 'token', 'lastLockId', 'totalLocked']);
  const { lastLockId, totalLocked, ...addresses } = found;
  if (found.token === null && lastLockId === null && totalLocked === null) {
    throw new AssayError(`there is no vote escrow at ${shortHex(escrow)}`, {
      retryable: true,
      detail: `${escrow} answers neither token(), lastLockId() nor totalLocked(): check its address and its chain`,
    });
  }
  const lower = (address: Hex | null): Hex | null =>
    address === null || ZERO.test(address) ? null : (address.toLowerCase() as Hex);
  const contracts = Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, lower(address)]));
  return { ...(contracts as Omit<VeContracts, 'escrow'>), escrow };
}

/** Those that there are, by name. */
export const namedContracts = ({ token: _, ...contracts }: VeContracts): Record<string, Hex> =>
  Object.fromEntries(
    Object.entries(contracts).flatMap(([name, address]) => (address === null ? [] : [[name, address]])),
  );
