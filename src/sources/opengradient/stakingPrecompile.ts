import { createHash } from 'node:crypto';
import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import { AssayError } from '../../lib/errors.ts';
import type { Hex } from '../../lib/facts.ts';
import type { BondStatus, ValidatorReading } from '../../lib/governanceFacts.ts';
import { cleanText } from '../../lib/units.ts';
import { PAGE_STRUCTS, type Precompile, readPages } from './precompile.ts';

const stakingAbi = parseAbi([
  ...PAGE_STRUCTS,
  'struct Description { string moniker; string identity; string website; string securityContact; string details; }',
  'struct Validator { string operatorAddress; string consensusPubkey; bool jailed; uint8 status; uint256 tokens; uint256 delegatorShares; Description description; int64 unbondingHeight; int64 unbondingTime; uint256 commission; uint256 minSelfDelegation; }',
  'function validators(string status, PageRequest pageRequest) view returns (Validator[] validators, PageResponse pageResponse)',
]);

const PAGE_SIZE = 100;
/** Chains of this kind have some hundreds at most. */
const MAX_VALIDATORS = 2_000;
const MAX_MONIKER = 70;

/** og-evm precompiles/staking/types.go */
const STATUS: readonly (BondStatus | undefined)[] = [undefined, 'unbonded', 'unbonding', 'bonded'];

const ADDRESS = /^0x[0-9a-f]{40}$/;
/** 32 bytes of ed25519. */
const KEY = /^[A-Za-z0-9+/]{43}=$/;

/** A validator without its signing record. */
export type StakedValidator = Pick<
  ValidatorReading,
  'address' | 'consensus' | 'moniker' | 'status' | 'jailed' | 'tokensWei'
>;

/**
 * Every validator of every status, each once. Rejects with AssayError, also when there are more than are read, or one cannot be
 * read: a part of the list is none.
 */
export async function readValidators(at: Precompile): Promise<StakedValidator[]> {
  const functionName = 'validators';
  const { items, isComplete } = await readPages(at, {
    call: 'validators()',
    encode: (page) => encodeFunctionData({ abi: stakingAbi, functionName, args: ['', page] }),
    decode: (data) => {
      const [validators, { nextKey }] = decodeFunctionResult({ abi: stakingAbi, functionName, data });
      return { items: validators.map(validatorOf), nextKey };
    },
    pageSize: PAGE_SIZE,
    max: MAX_VALIDATORS,
  });
  if (!isComplete) throw new AssayError(`the chain lists more than ${MAX_VALIDATORS} validators`, { retryable: true });
  return [...new Map(items.map((validator) => [validator.address, validator])).values()];
}

/** Power that counts in a tally. */
export const bondedWei = (validators: readonly StakedValidator[]): bigint =>
  validators.reduce((sum, { status, tokensWei }) => (status === 'bonded' ? sum + tokensWei : sum), 0n);

interface RawValidator {
  operatorAddress: string;
  consensusPubkey: string;
  jailed: boolean;
  status: number;
  tokens: bigint;
  description: { moniker: string };
}

function validatorOf(raw: RawValidator): StakedValidator {
  const address = raw.operatorAddress.toLowerCase();
  const status = STATUS[raw.status];
  if (!ADDRESS.test(address)) throw new Error(`operator ${cleanText(raw.operatorAddress, 60)} is no address`);
  if (status === undefined) throw new Error(`bond status ${raw.status}`);
  return {
    address: address as Hex,
    consensus: consensusAddress(raw.consensusPubkey),
    moniker: cleanText(raw.description.moniker.slice(0, 1_000), MAX_MONIKER),
    status,
    jailed: raw.jailed,
    tokensWei: raw.tokens,
  };
}

/** CometBFT's address of an ed25519 key (base64): the first 20 bytes of its SHA-256; null when it is no such key. */
export function consensusAddress(publicKey: string): Hex | null {
  if (!KEY.test(publicKey)) return null;
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  return `0x${digest.slice(0, 40)}`;
}
