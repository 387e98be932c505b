import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import type { Hex } from '../../lib/facts.ts';
import type { ValidatorReading } from '../../lib/governanceFacts.ts';
import { ask, decoded, PAGE_STRUCTS, type Precompile, readPages } from './precompile.ts';
import type { StakedValidator } from './stakingPrecompile.ts';

const slashingAbi = parseAbi([
  ...PAGE_STRUCTS,
  'struct Dec { uint256 value; uint8 precision; }',
  'struct SigningInfo { address validatorAddress; int64 startHeight; int64 indexOffset; int64 jailedUntil; bool tombstoned; int64 missedBlocksCounter; }',
  'struct SlashingParams { int64 signedBlocksWindow; Dec minSignedPerWindow; int64 downtimeJailDuration; Dec slashFractionDoubleSign; Dec slashFractionDowntime; }',
  'function getParams() view returns (SlashingParams params)',
  'function getSigningInfos(PageRequest pagination) view returns (SigningInfo[] signingInfos, PageResponse pageResponse)',
]);

const PAGE_SIZE = 200;
/** Of validators that are no more, too. */
const MAX_INFOS = 10_000;
const MAX_INT32 = 2n ** 31n - 1n;
/** The year 9999. */
const MAX_SECONDS = 253_402_300_799n;

type SigningRecord = Pick<ValidatorReading, 'tombstoned' | 'jailedUntilSeconds' | 'missedBlocks' | 'startHeight'>;

export interface Signing {
  /** By consensus address, lower case. */
  records: ReadonlyMap<Hex, SigningRecord>;
  windowBlocks: number | null;
  minSignedPpm: number | null;
}

const UNKNOWN: SigningRecord = { tombstoned: false, jailedUntilSeconds: null, missedBlocks: null, startHeight: null };

/** Who signed how much of the window. Rejects with AssayError. */
export async function readSigning(at: Precompile): Promise<Signing> {
  const [answer = null] = await ask(at, [encodeFunctionData({ abi: slashingAbi, functionName: 'getParams' })]);
  const params = decoded(at, 'getParams()', answer, (data) =>
    decodeFunctionResult({ abi: slashingAbi, functionName: 'getParams', data }),
  );
  const functionName = 'getSigningInfos';
  const { items } = await readPages(at, {
    call: 'getSigningInfos()',
    encode: (page) => encodeFunctionData({ abi: slashingAbi, functionName, args: [page] }),
    decode: (data) => {
      const [infos, { nextKey }] = decodeFunctionResult({ abi: slashingAbi, functionName, data });
      return { items: infos, nextKey };
    },
    pageSize: PAGE_SIZE,
    max: MAX_INFOS,
  });
  const records = items.map((info): [Hex, SigningRecord] => [
    info.validatorAddress.toLowerCase() as Hex,
    {
      tombstoned: info.tombstoned,
      jailedUntilSeconds: info.jailedUntil > 0n ? Number(smaller(info.jailedUntil, MAX_SECONDS)) : null,
      missedBlocks: countOf(info.missedBlocksCounter),
      startHeight: info.startHeight >= 0n ? info.startHeight : null,
    },
  ]);
  const { value, precision } = params.minSignedPerWindow;
  return {
    records: new Map(records),
    windowBlocks: params.signedBlocksWindow > 0n ? countOf(params.signedBlocksWindow) : null,
    minSignedPpm: precision > 36 ? null : countOf((value * 1_000_000n) / 10n ** BigInt(precision)),
  };
}

/** Validators with their signing records; without one (or without any: null) what it would say is not known. */
export const withSigning = (validators: readonly StakedValidator[], signing: Signing | null): ValidatorReading[] =>
  validators.map((validator) => ({
    ...validator,
    ...((validator.consensus && signing?.records.get(validator.consensus)) ?? UNKNOWN),
    windowBlocks: signing?.windowBlocks ?? null,
    minSignedPpm: signing?.minSignedPpm ?? null,
  }));

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const countOf = (value: bigint): number | null => (value >= 0n && value <= MAX_INT32 ? Number(value) : null);
