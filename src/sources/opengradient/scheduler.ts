import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { isBlobId } from '../../lib/modelFacts.ts';
import { shortHex } from '../../lib/units.ts';
import { asciiAt, wordAt } from '../evm/abiWords.ts';
import { type EvmClient, quantity } from '../evm/client.ts';
import type { RpcRequest } from '../evm/endpoint.ts';
import { describeRpcError } from '../evm/rpcError.ts';

const schedulerAbi = parseAbi([
  'function getAllTasks() view returns ((address user, address contractAddress, uint256 endTime, uint256 frequency)[])',
  'function modelId() view returns (string)',
]);

/** Anyone may register a task. */
const MAX_WORKFLOWS = 500;
const PORTION = 100;
/** A stranger's contract answers with this much work at most; reading a short text takes a tenth of it. */
const CALL_GAS = quantity(200_000n);
const MAX_ID_BYTES = 64;
const MAX_SECONDS = 2 ** 48;
/** How nodes say that it was the contract's own code that failed, as against the node. */
const CODE_FAILED =
  /revert|out of ?gas|gas uint64|opcode|stack (under|over|limit)|jump|call depth|out of bounds|write protection|EVM error/i;

export interface Workflow {
  /** Lower case. */
  contract: Hex;
  /** null: it does not name a content id. */
  modelId: string | null;
  /** Unix seconds; what is beyond any date is 2^48. */
  endTimeSeconds: number;
  frequencySeconds: number;
}

/**
 * The workflows that the scheduler knows at that block, each contract once, those that have not ended first and otherwise in the
 * scheduler's order, at most 500. Rejects with AssayError when there is no scheduler, or it answers otherwise.
 */
export async function readWorkflows(client: EvmClient, scheduler: Hex, block: BlockRef): Promise<Workflow[]> {
  const tasks = new Map<Hex, Omit<Workflow, 'modelId'>>();
  for (const { contractAddress, endTime, frequency } of await readTasks(client, scheduler, block)) {
    const contract = contractAddress.toLowerCase() as Hex;
    const task = { contract, endTimeSeconds: secondsOf(endTime), frequencySeconds: secondsOf(frequency) };
    const known = tasks.get(contract);
    if (known === undefined || known.endTimeSeconds < task.endTimeSeconds) tasks.set(contract, task);
  }
  const hasEnded = (task: { endTimeSeconds: number }): boolean => task.endTimeSeconds <= block.timestampSeconds;
  const inOrder = [...tasks.values()].sort((a, b) => Number(hasEnded(a)) - Number(hasEnded(b)));
  const workflows: Workflow[] = [];
  for (let at = 0; at < Math.min(inOrder.length, MAX_WORKFLOWS); at += PORTION) {
    const portion = inOrder.slice(at, Math.min(at + PORTION, MAX_WORKFLOWS));
    const ids = await client.ask((request) =>
      Promise.all(portion.map(({ contract }) => readModelId(request, contract, block))),
    );
    for (const [index, task] of portion.entries()) workflows.push({ ...task, modelId: ids[index] ?? null });
  }
  return workflows;
}

async function readTasks(client: EvmClient, scheduler: Hex, block: BlockRef) {
  const data = encodeFunctionData({ abi: schedulerAbi, functionName: 'getAllTasks' });
  const [answer] = await client.calls([{ to: scheduler, data }], block);
  try {
    if (answer == null) throw new Error('it refuses getAllTasks()');
    return decodeFunctionResult({ abi: schedulerAbi, functionName: 'getAllTasks', data: answer });
  } catch (cause) {
    const words = `the contract at ${shortHex(scheduler)} does not answer like a scheduler`;
    throw new AssayError(words, { retryable: true, detail: `${words}: check OG_SCHEDULER`, cause });
  }
}

/** A task may name any address: one without a contract, or one that refuses, has no model. */
async function readModelId(request: RpcRequest, to: Hex, block: BlockRef): Promise<string | null> {
  const data = encodeFunctionData({ abi: schedulerAbi, functionName: 'modelId' });
  let answer: unknown;
  try {
    answer = await request({ method: 'eth_call', params: [{ to, data, gas: CALL_GAS }, quantity(block.number)] });
  } catch (error) {
    if (CODE_FAILED.test(describeRpcError(error))) return null;
    throw error;
  }
  if (typeof answer !== 'string' || !answer.startsWith('0x')) return null;
  const at = wordAt(answer as Hex, 0);
  const modelId = at === null ? null : asciiAt(answer as Hex, at, MAX_ID_BYTES);
  return modelId !== null && isBlobId(modelId) ? modelId : null;
}

const secondsOf = (value: bigint): number => (value > BigInt(MAX_SECONDS) ? MAX_SECONDS : Number(value));
