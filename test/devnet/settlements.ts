import { encodeAbiParameters, encodeFunctionData, type Hex, keccak256, stringToHex, toHex } from 'viem';
import type { SignedAnswer } from './answers.ts';
import type { DevChain, Sender } from './chain.ts';
import type { Artifact } from './compile.ts';

const ROLE = keccak256(stringToHex('SETTLEMENT_RELAY_ROLE'));
/** Enough for some hundred events. */
const BULK_GAS = 15_000_000n;
/** So that the logs of one block stay below what a reader takes at once. */
const BULK_PER_BLOCK = 4;

export const DEFAULT_PAYER: Hex = '0x00000000000000000000000000000000000c1234';

interface Call {
  from?: Sender;
  relay?: Hex;
}

export type Settlements = Awaited<ReturnType<typeof deploySettlements>>;

/**
 * The relays of a chain: `relay`, which only the facilitator's two accounts may call, `openRelay`, which anyone may,
 * `oldRelay` with the older event forms, `bulkRelay` for many events at once. Calls resolve to the transaction's hash and
 * reject with `Reverted`; ids of blobs are texts.
 */
export async function deploySettlements(chain: DevChain) {
  const contract = (name: string): Artifact => chain.contracts[name] as Artifact;
  const call = (name: string, functionName: string, args: readonly unknown[]): Hex =>
    encodeFunctionData({ abi: contract(name).abi, functionName, args });
  const verifier = encodeAbiParameters([{ type: 'address' }], [chain.verifier]);
  for (const worker of ['batches', 'individuals'] as const) {
    await chain.queue(chain.relay, call('Relay', 'grantRole', [ROLE, chain.accounts[worker]]));
  }
  const [openRelay, oldRelay, bulkRelay] = (await chain.deployAll([
    { artifact: contract('OpenRelay'), args: verifier },
    { artifact: contract('OldRelay') },
    { artifact: contract('BulkRelay') },
  ])) as [Hex, Hex, Hex];

  const individual = (one: SignedAnswer, blobId: string, payer: Hex): readonly unknown[] => [
    ...[one.teeId, one.requestHash, one.outputHash, BigInt(one.signedAtSeconds), payer],
    ...[stringToHex(blobId), toHex(one.signature)],
  ];
  const old = (functionName: string, args: readonly unknown[]): Promise<Hex> =>
    chain.transact(oldRelay, call('OldRelay', functionName, args), { from: 'stranger' });
  const bulk = async (functionName: string, lists: readonly (readonly unknown[])[]): Promise<void> => {
    for (const some of slices(lists, BULK_PER_BLOCK)) {
      for (const args of some) {
        await chain.queue(bulkRelay, call('BulkRelay', functionName, args), { from: 'batches', gas: BULK_GAS });
      }
      await chain.mine();
    }
  };

  return {
    relay: chain.relay,
    openRelay,
    oldRelay,
    bulkRelay,
    batchSettle: (root: Hex, size: number, blobId: string, { from = 'batches', relay = chain.relay }: Call = {}) =>
      chain.transact(relay, call('OpenRelay', 'batchSettle', [root, BigInt(size), stringToHex(blobId)]), { from }),
    /** Without waiting for its block. */
    queueBatch: (root: Hex, size: number, blobId: string): Promise<Hex> =>
      chain.queue(chain.relay, call('OpenRelay', 'batchSettle', [root, BigInt(size), stringToHex(blobId)]), {
        from: 'batches',
      }),
    settleIndividual(
      answer: SignedAnswer,
      blobId: string,
      { from = 'individuals', relay = chain.relay, payer = DEFAULT_PAYER }: Call & { payer?: Hex } = {},
    ): Promise<Hex> {
      const data = call('OpenRelay', 'settleIndividual', individual(answer, blobId, payer));
      return chain.transact(relay, data, { from });
    },
    /** The three older forms. */
    oldBatch: (root: Hex, size: number): Promise<Hex> => old('batchSettle', [root, BigInt(size)]),
    oldSettlement: (requestHash: Hex, outputHash: Hex): Promise<Hex> => old('settle', [requestHash, outputHash]),
    oldMetadata: (requestHash: Hex, outputHash: Hex, info: string): Promise<Hex> =>
      old('settleWithMetadata', [requestHash, outputHash, info, '0x01', '0x02']),
    /** Real batches, 300 a transaction, 4 transactions a block (as of everything in bulk). */
    emitBatches: (batches: readonly { root: Hex; size: number; blobId: string }[]): Promise<void> =>
      bulk(
        'emitBatches',
        slices(batches, 300).map((list) => [
          list.map(({ root, size, blobId }) => ({ root, size: BigInt(size), blobId: stringToHex(blobId) })),
        ]),
      ),
    /** Real individual settlements that no relay has checked, 100 a transaction. */
    emitIndividuals: (answers: readonly SignedAnswer[], blobId: string, payer: Hex = DEFAULT_PAYER): Promise<void> =>
      bulk(
        'emitIndividuals',
        slices(answers, 100).map((list) => [
          list.map((one) => ({
            ...{ teeId: one.teeId, payer, inputHash: one.requestHash, outputHash: one.outputHash },
            ...{ timestamp: BigInt(one.signedAtSeconds), blobId: stringToHex(blobId), signature: toHex(one.signature) },
          })),
        ]),
      ),
    /** `count` distinct answers that nobody signed, `ageSeconds` old, numbered from `first`, 500 a transaction. */
    inventIndividuals: (teeId: Hex, first: number, count: number, ageSeconds = 60): Promise<void> =>
      bulk(
        'inventIndividuals',
        ranges(first, count, 500).map(([from, size]) => [teeId, BigInt(from), BigInt(size), BigInt(ageSeconds)]),
      ),
    /** `count` batches with roots of nothing. */
    inventBatches: (first: number, count: number, size = 20): Promise<void> =>
      bulk(
        'inventBatches',
        ranges(first, count, 500).map(([from, many]) => [BigInt(from), BigInt(many), BigInt(size)]),
      ),
  };
}

function slices<T>(list: readonly T[], size: number): T[][] {
  return ranges(0, list.length, size).map(([from, count]) => list.slice(from, from + count));
}

function ranges(first: number, count: number, size: number): [number, number][] {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => [
    first + index * size,
    Math.min(size, count - index * size),
  ]);
}
