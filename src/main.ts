#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import type { AppTools } from './app.ts';
import { type Config, ConfigError, parseConfig, secretsOf } from './config.ts';
import type { Finding } from './doctorFinding.ts';
import { systemClock } from './lib/clock.ts';
import { AssayError, explain } from './lib/errors.ts';
import { createLogger, redactor } from './lib/logger.ts';
import { secureRandom } from './lib/random.ts';
import { type MetricsOptions, metricsCommand } from './metricsCommand.ts';
import { TERMINAL_CALLER, TERMINAL_PLACE } from './platforms/terminal/prompt.ts';
import { renderTerminal } from './platforms/terminal/render.ts';

/** sysexits: configuration (78), temporary failure (75); 1 is everything else. Those of `metrics` are its own. */
const EXIT = { ok: 0, failed: 1, temporary: 75, config: 78 } as const;

/** How long what is left over may take to end by itself. */
const LINGER_MS = 1_000;

/** Hides secrets in whatever is printed; knows those of the configuration from the moment it is read. */
let hide = redactor([]);

// Who reads along may stop at any line, as `head` does: nothing is wrong then.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') return;
  err(`assay: standard output cannot be written: ${code}`);
  process.exit(EXIT.failed);
});

const out = (text: string): void => void process.stdout.write(`${hide(text)}\n`);
const err = (text: string): void => void process.stderr.write(`${hide(text)}\n`);

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function readEnvFile(): void {
  if (!existsSync('.env')) return;
  try {
    loadEnvFile('.env');
  } catch (error) {
    throw new ConfigError([{ key: '.env', problem: `cannot be read: ${explain(error)}` }]);
  }
}

/** Reads the environment, and `.env` beside the working folder where there is one. */
function configure(needsPlatform: boolean): { config: Config; tools: AppTools } {
  readEnvFile();
  const { config, warnings } = parseConfig(process.env, { needsPlatform });
  const secrets = secretsOf(config);
  hide = redactor(secrets);
  for (const warning of warnings) err(`warning: ${warning}`);
  const logger = createLogger(config.logLevel, secrets);
  return { config, tools: { clock: systemClock, random: secureRandom, logger, version: version() } };
}

// What a command alone needs is loaded by it: chats and the database take longer to load than a list takes to be measured.

async function start(): Promise<number> {
  const { config, tools } = configure(true);
  const { startApp } = await import('./app.ts');
  const stopping = new AbortController();
  const stopped = new Promise<null>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(null));
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    const app = await startApp(config, tools, stopping.signal);
    const reason = await Promise.race([stopped, app.fatal]);
    await app.stop();
    if (reason !== null) throw reason;
  } catch (error) {
    // Asked to stop while it was starting.
    if (!stopping.signal.aborted) throw error;
  }
  return EXIT.ok;
}

async function ask(words: string[], options: { json?: boolean }): Promise<number> {
  const { config, tools } = configure(false);
  const { openBot } = await import('./app.ts');
  const { store, dispatcher } = await openBot(config, tools);
  try {
    const view = await dispatcher.runText(words.join(' '), TERMINAL_CALLER, TERMINAL_PLACE);
    out(options.json ? JSON.stringify(view, null, 2) : renderTerminal(view, { nowMs: tools.clock.now() }));
    return view.tone === 'error' ? EXIT.failed : EXIT.ok;
  } finally {
    await store.close();
  }
}

async function doctor(): Promise<number> {
  const { config } = configure(false);
  const { runDoctor } = await import('./doctor.ts');
  const found = new Set<Finding['outcome']>();
  for await (const { check, outcome, detail } of runDoctor(config)) {
    out(`${outcome.padEnd(13)}  ${check}: ${detail}`);
    found.add(outcome);
  }
  if (found.has('differs')) return EXIT.failed;
  return found.has('could not ask') ? EXIT.temporary : EXIT.ok;
}

/** Judges as `start` does, and starts nothing. */
async function checkConfig(): Promise<number> {
  const { config } = configure(true);
  const chats = [config.discord && 'Discord', config.telegram && 'Telegram'].filter(Boolean).join(' and ');
  out(`The configuration is valid. Chats: ${chats}.`);
  return EXIT.ok;
}

/** Reads no configuration: whoever has a list may measure it. */
async function metrics(options: MetricsOptions): Promise<number> {
  // What a line leaves behind is dead by the next one: room for it to grow old would be a third of all memory.
  setFlagsFromString('--semi-space-growth-factor=1');
  return await metricsCommand(options, { input: process.stdin, out, err });
}

/** What an error means to whoever started the program, and the exit code for it. */
function conclude(error: unknown): number {
  if (error instanceof ConfigError) {
    err(error.message);
    return EXIT.config;
  }
  if (error instanceof AssayError) {
    err(`assay: ${error.message}`);
    if (error.detail !== error.message || error.cause) err(`  cause: ${explain(error)}`);
    return error.retryable ? EXIT.temporary : EXIT.failed;
  }
  err(`assay: unexpected: ${explain(error)}`);
  if (error instanceof Error && error.stack) err(error.stack);
  return EXIT.failed;
}

async function main(argv: string[]): Promise<void> {
  const finish = (job: () => Promise<number>) => async (): Promise<void> => {
    process.exitCode = await job().catch(conclude);
    // Whatever timer or socket is left does not keep a program alive that is done.
    setTimeout(() => process.exit(), LINGER_MS).unref();
  };
  const program = new Command('assay')
    .description('Checks whether a decentralised AI network is what it claims to be, in Discord and Telegram.')
    .version(version())
    .exitOverride();
  program.command('start').description('run the bot').action(finish(start));
  program
    .command('ask <words...>')
    .description('ask one question, e.g. assay ask "/node list"')
    .option('--json', 'print the answer as data')
    .action((words: string[], options: { json?: boolean }) => finish(() => ask(words, options))());
  program.command('doctor').description('check the network against what this version assumes').action(finish(doctor));
  program
    .command('check-config')
    .description('check the environment as start does, and say what is wrong')
    .action(finish(checkConfig));
  program
    .command('metrics')
    .description('measure how concentrated a list is: lines "name,weight" from standard input')
    .option('--threshold <share>', "Nakamoto's for this share too: 1/3, 0.51 or 51%; at least it, unless --strict")
    .option('--strict', 'more than the threshold')
    .option('--json', 'print the answer as data')
    .action((options: MetricsOptions) => finish(() => metrics(options))());
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // Commander has printed its message already.
    process.exitCode = (error as { exitCode?: number }).exitCode ?? EXIT.failed;
  }
}

await main(process.argv);
