import { decodeFunctionResult, encodeFunctionData } from 'viem';
import { AssayError } from '../../lib/errors.ts';
import type { ApprovedPcr, BlockRef, Hex, RegistrySnapshot, TeeRecord, TeeType } from '../../lib/facts.ts';
import { cleanText, shortHex } from '../../lib/units.ts';
import { type EvmClient, NoContractError } from '../evm/client.ts';
import { registryAbi } from './registryAbi.ts';
import { decodeTee } from './teeRecord.ts';

/** Records in one round of calls; viem splits it into JSON-RPC batches of 100. */
const PORTION = 200;

/** More registrations than this are not read: a stranger could fill the registry to fill us. */
const MAX_RECORDS = 20_000;

const MAX_INT32 = 2 ** 31 - 1;

export interface RegistryRead {
  snapshot: Omit<RegistrySnapshot, 'chainId'>;
  /** Records that could not be read, in words for an operator. */
  problems: string[];
}

/** The configured address is none of a TEERegistry: an answer, although one that a proxy contract may change. */
export class NotARegistryError extends AssayError {}

/** Everything the registry says at one block, or NotARegistryError. A record that does not decode is left out and named in `problems`. */
export async function readRegistry(client: EvmClient, registry: Hex, block: BlockRef): Promise<RegistryRead> {
  const types = await readTypes(client, registry, block);
  const [maxAge, pcrs, ...idLists] = await client.calls(
    [
      { to: registry, data: encodeFunctionData({ abi: registryAbi, functionName: 'heartbeatMaxAge' }) },
      { to: registry, data: encodeFunctionData({ abi: registryAbi, functionName: 'getApprovedPCRs' }) },
      ...types.map(({ id }) => ({
        to: registry,
        data: encodeFunctionData({ abi: registryAbi, functionName: 'getTEEsByType', args: [id] }),
      })),
    ],
    block,
  );
  if (maxAge == null) throw notARegistry(registry, 'heartbeatMaxAge()');
  const ids = idLists.flatMap((answer) => {
    // No list is not an empty list.
    if (answer === null) throw notARegistry(registry, 'getTEEsByType()');
    return decodeFunctionResult({ abi: registryAbi, functionName: 'getTEEsByType', data: answer });
  });
  const unique = [...new Set(ids)].slice(0, MAX_RECORDS);
  const { records, problems } = await readRecords(client, registry, unique, block);
  if (ids.length > MAX_RECORDS) problems.push(`${ids.length} registrations, of which ${MAX_RECORDS} were read`);
  return {
    snapshot: {
      registry,
      block,
      // A uint256 on chain; anything above this means never.
      heartbeatMaxAgeSeconds: Math.min(
        MAX_INT32,
        Number(decodeFunctionResult({ abi: registryAbi, functionName: 'heartbeatMaxAge', data: maxAge })),
      ),
      types,
      approvedPcrs: pcrs == null ? await pcrsOneByOne(client, registry, records, block) : decodePcrs(pcrs),
      records,
    },
    problems,
  };
}

/** The records of these ids at one block; unknown ids are left out without a word, unreadable ones named. */
export async function readRecords(
  client: EvmClient,
  registry: Hex,
  teeIds: readonly Hex[],
  block: BlockRef,
): Promise<{ records: TeeRecord[]; problems: string[] }> {
  const records: TeeRecord[] = [];
  const problems: string[] = [];
  for (let at = 0; at < teeIds.length; at += PORTION) {
    const portion = teeIds.slice(at, at + PORTION);
    const answers = await client.calls(
      portion.map((id) => ({
        to: registry,
        data: encodeFunctionData({ abi: registryAbi, functionName: 'getTEE', args: [id] }),
      })),
      block,
    );
    for (const [index, answer] of answers.entries()) {
      const teeId = portion[index] as Hex;
      if (answer === null) continue;
      try {
        records.push(decodeTee(teeId, answer));
      } catch (error) {
        problems.push(`${teeId}: ${error instanceof Error ? cleanText(error.message, 120) : 'unreadable'}`);
      }
    }
  }
  return { records, problems };
}

async function readTypes(client: EvmClient, registry: Hex, block: BlockRef): Promise<TeeType[]> {
  const data = encodeFunctionData({ abi: registryAbi, functionName: 'getTEETypes' });
  let types: readonly [readonly number[], readonly { name: string }[]];
  try {
    const [answer] = await client.calls([{ to: registry, data }], block);
    if (answer == null) throw noRegistry(registry, 'the contract there refuses getTEETypes()');
    types = decodeFunctionResult({ abi: registryAbi, functionName: 'getTEETypes', data: answer });
  } catch (error) {
    if (error instanceof NoContractError) throw noRegistry(registry, error.detail);
    // Whatever viem says of bytes that are no such list.
    if (!(error instanceof AssayError))
      throw noRegistry(registry, 'the contract there answers getTEETypes() otherwise');
    throw error;
  }
  const [ids, infos] = types;
  return ids.map((id, index) => ({ id, name: cleanText(infos[index]?.name ?? '', 40) || `type ${id}` }));
}

const decodePcrs = (answer: Hex): ApprovedPcr[] =>
  decodeFunctionResult({ abi: registryAbi, functionName: 'getApprovedPCRs', data: answer }).map((key) => ({ ...key }));

/** Where the list is not served, each measurement in use is asked for; null when that is not served either. */
async function pcrsOneByOne(
  client: EvmClient,
  registry: Hex,
  records: readonly TeeRecord[],
  block: BlockRef,
): Promise<ApprovedPcr[] | null> {
  const inUse = new Map(
    records.map(({ teeType, pcrHash }) => [`${teeType}/${pcrHash}`, { teeType, pcrHash } satisfies ApprovedPcr]),
  );
  const keys = [...inUse.values()];
  const answers = await client.calls(
    keys.map(({ teeType, pcrHash }) => ({
      to: registry,
      data: encodeFunctionData({ abi: registryAbi, functionName: 'isPCRApproved', args: [teeType, pcrHash] }),
    })),
    block,
  );
  if (answers.some((answer) => answer === null)) return null;
  return keys.filter((_, index) =>
    decodeFunctionResult({ abi: registryAbi, functionName: 'isPCRApproved', data: answers[index] as Hex }),
  );
}

function noRegistry(registry: Hex, why: string): NotARegistryError {
  return new NotARegistryError(`there is no registry at ${shortHex(registry)}`, {
    retryable: true,
    detail: `there is no registry at ${registry}: ${why}; check OG_TEE_REGISTRY and OG_CHAIN_ID`,
  });
}

function notARegistry(registry: Hex, call: string): NotARegistryError {
  return new NotARegistryError('the configured address does not answer like a TEERegistry', {
    retryable: true,
    detail: `${registry} gave no answer to ${call}: check OG_TEE_REGISTRY and OG_CHAIN_ID`,
  });
}
