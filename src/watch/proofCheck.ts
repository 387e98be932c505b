import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import type { CheckProof, LeafVerdict, SettlementEvent } from '../lib/proofFacts.ts';
import { plural, shortHex, utc } from '../lib/units.ts';
import { EvmClient } from '../sources/evm/client.ts';
import { createProofChecker, type ProofChecker } from '../sources/opengradient/proofs/checker.ts';
import { settlementsOf } from '../sources/opengradient/settlementReceipt.ts';
import { readBlob } from '../sources/walrus/readBlob.ts';
import type { Store } from '../store/store.ts';
import { knownFromSeconds } from './logHistory.ts';
import { nodesThen } from './nodesThen.ts';
import { judgeLeaves, type KnownNodes, SIGNATURES, type UnplacedLeaf } from './proofJudgement.ts';
import { type FoundSettlement, lookUp, subjectWords } from './proofLookup.ts';
import { ProofSteps } from './proofSteps.ts';
import { registryCursor } from './registryKind.ts';
import { NO_COUNT, refusedBecause } from './settlementCheck.ts';
import type { NetworkOptions } from './watch.ts';

interface Options {
  network: NetworkOptions;
  store: Store;
  clock: Clock;
  random: () => number;
}

/** What one check works with. */
interface Parts extends Options {
  client: EvmClient;
  checker: ProofChecker;
  steps: ProofSteps;
  signal: AbortSignal;
}

const ON_CHAIN = 'settled on chain';
const SENDER = 'sender';
const BLOB = 'blob';
const COUNT = 'leaf count';
const ROOT = 'Merkle root';

/** Checks proofs on the spot; its threads end by themselves a minute after the last one. */
export function createProofCheck(options: Options): CheckProof {
  const checker = createProofChecker();
  return async (subject, onStep, signal) => {
    const steps = new ProofSteps(subjectWords(subject), onStep);
    const { rpcUrls: urls, chainId } = options.network;
    const client = new EvmClient({ urls, chainId, clock: options.clock, random: options.random, signal });
    const parts: Parts = { ...options, client, checker, steps, signal };
    try {
      const found = await lookUp(subject, parts);
      if (found === 'unknown') return steps.end('open');
      if (found !== 'none') return await checkSettlement(found, parts);
      return subject.kind === 'blob' ? await checkLooseBlob(subject.blobId, parts) : steps.end('not found');
    } catch (error) {
      steps.failed('check', error);
      return steps.end('open');
    }
  };
}

async function checkSettlement(found: FoundSettlement, parts: Parts) {
  const { steps } = parts;
  const { settlement, requestHash } = found;
  const { kind, txHash, blockTimestampSeconds } = settlement;
  const mode = kind === 'batch' || kind === 'individual' ? kind : null;
  steps.note({ mode, txHash, settledAtSeconds: blockTimestampSeconds });
  await checkChain(found, parts);
  if (mode === null) {
    steps.done(SIGNATURES, 'could not ask', 'an older form of settlement, which names nothing that could be checked');
    return steps.end('open');
  }
  const nodes = await readNodes(parts);
  if (nodes !== null) parts.checker.setKeys(nodes.keys);
  const leaves = mode === 'individual' ? await checkIndividual(settlement, parts) : await checkBatch(settlement, parts);
  if (leaves === null) return steps.end();
  judgeLeaves(leaves, { settlement, requestHash, nodes }, steps);
  return steps.end();
}

/** That the chain still has it, whose contract said so, and who sent it. */
async function checkChain({ settlement, sender: stored, transaction }: FoundSettlement, parts: Parts): Promise<void> {
  const { steps, client, network } = parts;
  const { emitter, blockNumber, logIndex, txHash, blockTimestampSeconds } = settlement;
  const isKnown = network.settlementRelays.some((relay) => relay.toLowerCase() === emitter);
  const contract = `${isKnown ? 'a known relay' : 'a contract that is not configured as a relay'}, ${shortHex(emitter)}`;
  const where = `block ${blockNumber}, ${utc(blockTimestampSeconds)}, by ${contract}`;
  let sender = stored;
  try {
    steps.asked('the chain');
    const there = transaction ?? (await settlementsOf(client, txHash));
    sender = there?.sender ?? stored;
    const event = there?.events.find((one) => one.blockNumber === blockNumber && one.logIndex === logIndex);
    if (there === null)
      steps.done(ON_CHAIN, 'could not ask', `the network does not show its transaction now; ${where}`);
    else if (event === undefined || !isSame(event, settlement)) {
      steps.done(ON_CHAIN, 'fails', `the chain no longer has it as it was read: ${where}`);
    } else steps.done(ON_CHAIN, 'holds', where);
  } catch (error) {
    const why = error instanceof AssayError ? error.message : 'the chain could not be asked';
    steps.done(ON_CHAIN, 'could not ask', `${why}; as it was read before: ${where}`);
  }
  const allowed = { senders: network.settlementSenders, relays: network.settlementRelays };
  const who = sender === null ? 'not known' : shortHex(sender);
  const refused = refusedBecause(emitter, sender, allowed);
  if (allowed.senders.length === 0) steps.done(SENDER, 'not needed', `${who}; no list of senders is configured`);
  else if (refused !== null) steps.done(SENDER, 'fails', `${who}: ${refused}`);
  else steps.done(SENDER, sender === null ? 'could not ask' : 'holds', sender === null ? who : `${who}, on the list`);
}

const isSame = (a: SettlementEvent, b: SettlementEvent): boolean =>
  a.kind === b.kind && a.root === b.root && a.answer?.requestHash === b.answer?.requestHash;

/** null: they could not be had, which was said. */
type Leaves = UnplacedLeaf[] | null;

async function checkIndividual({ answer }: SettlementEvent, parts: Parts): Promise<Leaves> {
  const { steps, checker, signal } = parts;
  steps.done(BLOB, 'not needed', 'the event holds all that was signed; its text is private and is not read');
  steps.done(COUNT, 'not needed', 'one answer');
  steps.done(ROOT, 'not needed', 'there is no tree');
  if (answer === null) {
    steps.done(SIGNATURES, 'fails', 'the settlement holds no readable answer');
    return null;
  }
  try {
    const [verdict] = await unlessAborted(checker.answers([answer]), signal);
    const { teeId, requestHash, outputHash, signedAtSeconds } = answer;
    return [{ position: 0, teeId, requestHash, outputHash, signedAtSeconds, verdict: verdict as LeafVerdict }];
  } catch (error) {
    steps.failed(SIGNATURES, error);
    return null;
  }
}

async function checkBatch({ root, batchSize, blobId }: SettlementEvent, parts: Parts): Promise<Leaves> {
  const { steps, checker, signal } = parts;
  if (root === null || blobId === null) {
    steps.done(BLOB, 'fails', 'the settlement names no readable blob id');
    return null;
  }
  if (batchSize === null) {
    steps.done(COUNT, 'fails', NO_COUNT);
    return null;
  }
  const bytes = await fetchBlob(blobId, parts);
  if (bytes === null) return null;
  try {
    const { state, reason, leaves } = await unlessAborted(checker.batch(bytes, { root, batchSize }), signal);
    if (state === 'malformed') steps.done(COUNT, 'fails', reason);
    else if (state === 'root-mismatch') steps.done(ROOT, 'fails', reason);
    else {
      const count = `${plural(leaves.length, 'answer')} in the blob`;
      const isRight = state === 'verified';
      steps.done(COUNT, isRight ? 'holds' : 'fails', isRight ? `${count}, as settled` : reason);
      steps.done(ROOT, 'holds', `the answers make ${shortHex(root)}, as settled`);
      return leaves;
    }
  } catch (error) {
    steps.failed(ROOT, error);
  }
  return null;
}

/** A blob that belongs to no settlement that is known: it can only be compared with itself. */
async function checkLooseBlob(blobId: string, parts: Parts) {
  const { steps, checker, signal } = parts;
  const bytes = await fetchBlob(blobId, parts);
  if (bytes === null) return steps.end('open');
  const nodes = await readNodes(parts);
  if (nodes !== null) checker.setKeys(nodes.keys);
  const { state, reason, leaves } = await unlessAborted(checker.batch(bytes, { root: null, batchSize: null }), signal);
  if (state !== 'verified') steps.done(COUNT, 'not needed', `it is no batch of answers: ${reason}`);
  else {
    steps.done(COUNT, 'holds', `${plural(leaves.length, 'answer')} in the blob`);
    judgeLeaves(leaves, { settlement: null, requestHash: null, nodes }, steps);
  }
  steps.done(ON_CHAIN, 'could not ask', 'no settlement with it is known, so there is no root to compare it with');
  return steps.end('open');
}

async function fetchBlob(blobId: string, { network, steps, signal }: Parts): Promise<Uint8Array | null> {
  steps.asked('storage');
  const read = await readBlob(network.aggregatorUrls, blobId, { signal });
  if (read.kind === 'read') {
    steps.done(BLOB, 'holds', `fetched, ${Math.ceil(read.bytes.length / 1024)} KiB`);
    return read.bytes;
  }
  steps.done(BLOB, read.kind === 'too-large' ? 'fails' : 'could not ask', read.reason);
  return null;
}

/** Keys and standings as the bot knows them; null: the registry was never read. */
async function readNodes({ store, network, steps }: Parts): Promise<KnownNodes | null> {
  steps.asked('the registry');
  const facts = await store.nodes.facts();
  if (facts === null || facts.registry.registry !== network.teeRegistry) return null;
  const cursor = registryCursor({ registry: network.teeRegistry, chainId: network.chainId });
  const nodes = await nodesThen(store, facts, await knownFromSeconds(store, cursor));
  return { ...nodes, atSeconds: facts.registry.block.timestampSeconds };
}

/** Threads know no signal. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void =>
    stopped.reject(new AssayError('the check took too long and was stopped', { retryable: true }));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}
