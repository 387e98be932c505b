// Adds to package-lock.json the packages for other platforms that a registry did not serve when it was written. `npm ci`
// refuses a lockfile without them, although it would skip them here. Run after every `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Entry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

type Lock = { packages: Record<string, Entry> };

const SYSTEMS = [
  'linux',
  'darwin',
  'win32',
  'windows',
  'android',
  'freebsd',
  'openharmony',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
];
const CPUS = [
  'arm64',
  'aarch64',
  'x64',
  'amd64',
  'ia32',
  'arm',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];
const SAME: Record<string, string> = { amd64: 'x64', aarch64: 'arm64', windows: 'win32' };

const named = (words: readonly string[], known: readonly string[]): string[] =>
  known.filter((one) => words.includes(one)).map((one) => SAME[one] ?? one);

/** What a platform package's name says about where it runs; the package's own manifest says the same. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name
    .split(/[/\-_@]/)
    .map((word) => word.replace(/^armv?7.*/, 'arm').replace(/^(gnu|musl)eabi.*/, '$1'));
  const os = named(words, SYSTEMS);
  const cpu = named(words, CPUS);
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.length > 0 ? { os } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  };
}

/** Names of the added packages. */
export function completeLock(lock: Lock): string[] {
  const added: string[] = [];
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (Object.keys(lock.packages).some((known) => known.endsWith(path)) || !platform.cpu) continue;
      const exact = /^\d+\.\d+\.\d+[\w.-]*$/.test(version);
      if (!exact) throw new Error(`${name} is wanted as ${version}: its exact version must be looked up`);
      lock.packages[path] = { version, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true };
      added.push(name);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return added;
}

if (import.meta.main) {
  const path = resolve(import.meta.dirname, '../package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  const added = completeLock(lock);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  for (const name of added) process.stdout.write(`added ${name}\n`);
}
