import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

/** What a file declares: each by itself at the beginning of a line. */
const DECLARED = /^(?:abstract contract|contract|library|interface) (\w+)/gm;

/**
 * Our own contracts by name. Each file is compiled by itself with what it imports, once per content, when something of it is
 * asked for first. `network` is the folder of one network's; default those of the OpenGradient network and of the generic kinds.
 */
export function compileContracts(network = ''): Record<string, Artifact> {
  const folder = resolve(FOLDER, network);
  const contracts: Record<string, Artifact> = {};
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.sol'))) {
    for (const [, name] of readFileSync(join(folder, file), 'utf8').matchAll(DECLARED)) {
      const get = (): Artifact | undefined => compiledFile(folder, file)[name as string];
      Object.defineProperty(contracts, name as string, { enumerable: true, get });
    }
  }
  return contracts;
}

const known = new Map<string, Record<string, Artifact>>();

function compiledFile(folder: string, name: string): Record<string, Artifact> {
  const path = join(folder, name);
  let artifacts = known.get(path);
  if (artifacts === undefined) {
    const sources = withImports(folder, name);
    const key = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
    const cached = join(CACHE, `${name}-${key}.json`);
    artifacts = existsSync(cached)
      ? (JSON.parse(readFileSync(cached, 'utf8')) as Record<string, Artifact>)
      : keep(cached, compile(name, sources));
    known.set(path, artifacts);
  }
  return artifacts;
}

/** Written aside and renamed: other tests read it at the same time. */
function keep(cached: string, artifacts: Record<string, Artifact>): Record<string, Artifact> {
  mkdirSync(CACHE, { recursive: true });
  const aside = `${cached}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(artifacts));
  renameSync(aside, cached);
  return artifacts;
}

function withImports(folder: string, name: string, found: Record<string, { content: string }> = {}): typeof found {
  if (found[name] !== undefined) return found;
  const content = readFileSync(join(folder, name), 'utf8');
  found[name] = { content };
  for (const [, imported] of content.matchAll(/^import\s[^;]*"\.\/([^"]+)";/gm)) {
    withImports(folder, imported as string, found);
  }
  return found;
}

/** By way of intermediate code only where the plain way fails (stack too deep): it takes five times as long. */
function compile(name: string, sources: Record<string, { content: string }>): Record<string, Artifact> {
  const plain = solcOutput(name, sources, false);
  const output = errorsOf(plain).length === 0 ? plain : solcOutput(name, sources, true);
  const errors = errorsOf(output);
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return Object.fromEntries(
    Object.entries(output.contracts[name] ?? {}).map(([contract, { abi, evm }]): [string, Artifact] => [
      contract,
      { abi, bytecode: `0x${evm.bytecode.object}`, deployed: `0x${evm.deployedBytecode.object}` },
    ]),
  );
}

function solcOutput(name: string, sources: Record<string, { content: string }>, viaIR: boolean): SolcOutput {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string };
  const input = {
    language: 'Solidity',
    sources,
    settings: {
      optimizer: { enabled: true, runs: 200 },
      viaIR,
      evmVersion: 'cancun',
      outputSelection: { [name]: { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  return JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput;
}

const errorsOf = ({ errors = [] }: SolcOutput): { formattedMessage: string }[] =>
  errors.filter(({ severity }) => severity === 'error');
