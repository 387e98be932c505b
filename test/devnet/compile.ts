import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Abi } from 'viem';
import type { Hex } from '../../src/lib/facts.ts';

export interface Artifact {
  abi: Abi;
  bytecode: Hex;
  /** What stands at the address after deployment, for anvil_setCode. */
  deployed: Hex;
}

const FOLDER = resolve(import.meta.dirname, 'contracts');
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/assay-contracts');

interface SolcOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<
    string,
    Record<string, { abi: Abi; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>
  >;
}

/** Our own contracts, compiled once per content. */
export function compileContracts(): Record<string, Artifact> {
  const sources = Object.fromEntries(
    readdirSync(FOLDER).map((name) => [name, { content: readFileSync(join(FOLDER, name), 'utf8') }]),
  );
  const key = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const cached = join(CACHE, `${key}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, 'utf8')) as Record<string, Artifact>;
  const artifacts = compile(sources);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(cached, JSON.stringify(artifacts));
  return artifacts;
}

function compile(sources: Record<string, { content: string }>): Record<string, Artifact> {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string };
  const input = {
    language: 'Solidity',
    sources,
    settings: {
      optimizer: { enabled: true, runs: 200 },
      viaIR: true,
      evmVersion: 'cancun',
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput;
  const errors = output.errors?.filter(({ severity }) => severity === 'error') ?? [];
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return Object.fromEntries(
    Object.values(output.contracts).flatMap((file) =>
      Object.entries(file).map(([name, { abi, evm }]): [string, Artifact] => [
        name,
        { abi, bytecode: `0x${evm.bytecode.object}`, deployed: `0x${evm.deployedBytecode.object}` },
      ]),
    ),
  );
}
