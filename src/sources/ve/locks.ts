import type { Hex } from '../../lib/facts.ts';
import type { Lock } from '../../lib/gaugeFacts.ts';
import type { Views } from '../evm/abiCalls.ts';
import { smallNumber } from '../evm/gaugeEvent.ts';
import type { VeContracts, VeViews } from './contracts.ts';
import type { ticketAbi } from './veAbi.ts';

/** More locks than this are not read: each is three questions. */
const MAX_LOCKS = 200_000;

/** What was learned of an escrow's locks: those that are burned never come back. Of one chain; dropped when it was reorganised. */
export interface LockMemory {
  burned: Set<bigint>;
}

export interface ReadLocks {
  locks: Lock[];
  /** In words for readers. */
  missing: string[];
}

/** Every live lock with its owner and its power, at the block of the views. */
export async function readLocks(
  views: VeViews,
  tickets: Views<typeof ticketAbi>,
  contracts: VeContracts,
  memory: LockMemory,
): Promise<ReadLocks> {
  const { escrow, lockNFT, queue } = contracts;
  const missing: string[] = [];
  if (lockNFT === null) {
    return { locks: [], missing: ['The escrow names no lock NFT: who holds locks is not known.'] };
  }
  const ids = await lockIds(views, contracts, memory);
  if (ids === null) return { locks: [], missing: ['The escrow does not say which locks there are.'] };
  if (ids.length > MAX_LOCKS) {
    missing.push(`There are ${ids.length} locks, of which the first ${MAX_LOCKS} were read.`);
    ids.length = MAX_LOCKS;
  }
  const owners = await views.all(ids.map((id) => ({ to: lockNFT, name: 'ownerOf', args: [id] })));
  const [balances, powers] = await Promise.all([
    views.all(ids.map((id) => ({ to: escrow, name: 'locked', args: [id] }))),
    views.all(ids.map((id, index) => ({ to: owners[index] == null ? null : escrow, name: 'votingPower', args: [id] }))),
  ]);
  const exiting = ids.filter((_, index) => owners[index]?.toLowerCase() === escrow);
  const ticketOf = new Map<bigint, { holder: Hex | null; exitAtSeconds: number | null }>();
  const [found, holders] = await Promise.all([
    tickets.all(exiting.map((id) => ({ to: queue, name: 'queue', args: [id] }))),
    views.all(exiting.map((id) => ({ to: queue, name: 'ticketHolder', args: [id] }))),
  ]);
  for (const [index, id] of exiting.entries()) {
    const [holder, exitDate] = found[index] ?? [holders[index] ?? null, null];
    ticketOf.set(id, {
      holder: holder === null || /^0x0*$/.test(holder) ? null : (holder.toLowerCase() as Hex),
      exitAtSeconds: smallNumber(exitDate),
    });
  }
  const locks: Lock[] = [];
  let unknown = 0;
  let holderless = 0;
  for (const [index, id] of ids.entries()) {
    const owner = (owners[index]?.toLowerCase() ?? null) as Hex | null;
    const balance = balances[index] ?? null;
    const powerWei = powers[index] ?? null;
    if (owner === null && balance !== null && balance[0] === 0n) {
      memory.burned.add(id);
      continue;
    }
    // What cannot be asked is no lock without power.
    if (owner === null || balance === null || powerWei === null) {
      unknown += 1;
      continue;
    }
    const ticket = ticketOf.get(id);
    if (ticket !== undefined && ticket.holder === null) holderless += 1;
    locks.push({
      id: id.toString(),
      owner: ticket?.holder ?? owner,
      amountWei: balance[0],
      startSeconds: smallNumber(balance[1]),
      endSeconds: null,
      powerWei,
      exiting: ticket !== undefined,
      exitAtSeconds: ticket?.exitAtSeconds ?? null,
    });
  }
  if (unknown > 0)
    missing.push(`Owner, amount or power of ${unknown} of ${ids.length} locks could not be read: they are left out.`);
  if (holderless > 0)
    missing.push(`Who gets ${holderless} exiting locks could not be read: they count as the escrow's.`);
  return { locks, missing };
}

/** Those that may be live; null when neither way of listing them is there. */
async function lockIds(views: VeViews, contracts: VeContracts, memory: LockMemory): Promise<bigint[] | null> {
  const { escrow, lockNFT } = contracts;
  const [lastLockId] = await views.all([{ to: escrow, name: 'lastLockId' }]);
  if (lastLockId != null) {
    const ids: bigint[] = [];
    // One more than is read, at most: so that it shows.
    for (let id = 1n; id <= lastLockId && ids.length <= MAX_LOCKS; id += 1n) if (!memory.burned.has(id)) ids.push(id);
    return ids;
  }
  const [count] = await views.all([{ to: lockNFT, name: 'totalSupply' }]);
  if (count == null) return null;
  const indexes = Array.from({ length: Math.min(Number(count), MAX_LOCKS + 1) }, (_, index) => BigInt(index));
  const ids = await views.all(indexes.map((index) => ({ to: lockNFT, name: 'tokenByIndex', args: [index] })));
  return ids.every((id) => id !== null) ? (ids as bigint[]) : null;
}
