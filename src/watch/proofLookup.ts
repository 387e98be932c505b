import type { Hex } from '../lib/facts.ts';
import type { ProofSubject, SettlementEvent } from '../lib/proofFacts.ts';
import { plural, shortHex } from '../lib/units.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { type SettlingTransaction, settlementsOf } from '../sources/opengradient/settlementReceipt.ts';
import type { StoredSettlement } from '../store/proofRepository.ts';
import type { Store } from '../store/store.ts';
import type { ProofSteps } from './proofSteps.ts';

/** What a hash or an id leads to. */
export interface FoundSettlement {
  settlement: SettlementEvent;
  /** As it was stored; null: not stored. */
  sender: Hex | null;
  /** The answer that was asked for; null: the settlement as a whole was. */
  requestHash: Hex | null;
  /** As the chain has it, where that was asked for already. */
  transaction: SettlingTransaction | null;
}

const UNDERSTOOD = 'understood as';

export const subjectWords = (subject: ProofSubject): string =>
  subject.kind === 'hash' ? `hash ${shortHex(subject.hash)}` : `blob ${subject.blobId}`;

/** Looks a subject up in the store, then on chain; tells the first step. Rejects when the store cannot be asked. */
export async function lookUp(
  subject: ProofSubject,
  parts: { store: Store; client: EvmClient; steps: ProofSteps },
): Promise<FoundSettlement | 'none' | 'unknown'> {
  const { store, steps } = parts;
  if (subject.kind === 'blob') {
    const settlement = best(await store.proofs.byBlob(subject.blobId));
    if (settlement === undefined) {
      steps.done(UNDERSTOOD, 'holds', 'a blob id; no settlement with it is known');
      return 'none';
    }
    steps.done(UNDERSTOOD, 'holds', 'the blob of a settlement that is known');
    return { settlement, sender: settlement.sender, requestHash: null, transaction: null };
  }
  const stored = await storedOf(subject.hash, parts);
  return stored ?? (await onChain(subject.hash, parts));
}

async function storedOf(
  hash: Hex,
  { store, steps }: { store: Store; steps: ProofSteps },
): Promise<FoundSettlement | null> {
  const leaves = await store.proofs.leavesOf(hash);
  const leaf = leaves.find(({ verdict }) => verdict === 'valid') ?? leaves[0];
  const found = leaf === undefined ? await store.proofs.byHash(hash) : leaves.map((one) => one.settlement);
  const isTransaction = found.some(({ txHash }) => txHash.toLowerCase() === hash.toLowerCase());
  const settlement = leaf?.settlement ?? (isTransaction ? found[0] : best(found));
  if (settlement === undefined) return null;
  const what = leaf !== undefined ? 'request hash' : isTransaction ? 'transaction' : 'Merkle root';
  steps.note({ subject: `${what} ${shortHex(hash)}` });
  steps.done(UNDERSTOOD, 'holds', `a ${what} that is known here${others(found.length)}`);
  return { settlement, sender: settlement.sender, requestHash: leaf === undefined ? null : hash, transaction: null };
}

/** Anyone may settle what others settled, and wrongly: one that verifies outweighs those that do not. */
const best = (found: readonly StoredSettlement[]): StoredSettlement | undefined =>
  found.find(({ state, counts }) => state === 'verified' && counts['bad-signature'] === 0) ?? found[0];

async function onChain(
  hash: Hex,
  { client, steps }: { client: EvmClient; steps: ProofSteps },
): Promise<FoundSettlement | 'none' | 'unknown'> {
  let transaction: SettlingTransaction | null;
  try {
    steps.asked('the chain');
    transaction = await settlementsOf(client, hash);
  } catch (error) {
    steps.failed(UNDERSTOOD, error);
    return 'unknown';
  }
  if (transaction === null) {
    steps.done(
      UNDERSTOOD,
      'could not ask',
      'neither this bot nor the chain knows it as a transaction, root or request',
    );
    return 'none';
  }
  steps.note({ subject: `transaction ${shortHex(hash)}` });
  const [settlement] = transaction.events;
  if (settlement === undefined) {
    const why =
      transaction.status === 'reverted' ? 'a transaction that was reverted' : 'a transaction without a settlement';
    steps.done(UNDERSTOOD, 'fails', why);
    return 'none';
  }
  steps.done(UNDERSTOOD, 'holds', `a transaction on chain${others(transaction.events.length)}`);
  return { settlement, sender: transaction.sender, requestHash: null, transaction };
}

const others = (count: number): string =>
  count > 1 ? `; ${plural(count, 'settlement')} belong to it, this is about one of them` : '';
