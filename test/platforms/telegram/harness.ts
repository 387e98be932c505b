import type { Caller, Command, Place } from '../../../src/bot/command.ts';
import type { Progress } from '../../../src/bot/dispatch.ts';
import type { RenderChart } from '../../../src/lib/chart.ts';
import type { Address, Dates } from '../../../src/lib/delivery.ts';
import type { AssayError } from '../../../src/lib/errors.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import type { View } from '../../../src/lib/view.ts';
import { startTelegram } from '../../../src/platforms/telegram/telegram.ts';
import { startTelegramRig, type TelegramRig, type TelegramRigOptions } from '../../rigs/telegram/rig.ts';
import { ManualClock } from './manualClock.ts';

/** The smallest PNG that is one. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const command = (path: Command['path'], permission: Command['permission'] = 'everyone'): Command => ({
  path,
  summary: `About ${path.join(' ')}`,
  options: [],
  permission,
  examples: [path.join(' ')],
  run: () => Promise.reject(new Error('the dispatcher of these tests answers by itself')),
});

export const COMMANDS: Command[] = [
  command(['network']),
  command(['node', 'list']),
  command(['node', 'status']),
  command(['node', 'history']),
  command(['alerts', 'add'], 'manage-alerts'),
  command(['alerts', 'list']),
  command(['alerts', 'remove'], 'manage-alerts'),
  command(['help']),
  command(['about']),
];

export const view = (more: Partial<View> = {}): View => ({
  title: 'Nodes',
  tone: 'ok',
  lines: ['All is well.'],
  asOf: null,
  sources: [],
  ...more,
});

export interface Asked {
  text: string;
  caller: Caller;
  place: Place;
  /** Where parts of the answer are shown; a call with its options named has none here. */
  progress?: Progress | undefined;
  /** Of a call that came with its options named. */
  options?: Readonly<Record<string, unknown>>;
}

type Answer = (asked: Asked) => View | Promise<View>;

export interface Harness {
  rig: TelegramRig;
  clock: ManualClock;
  bot: Awaited<ReturnType<typeof startTelegram>>;
  /** Every question that reached the dispatcher. */
  asked: Asked[];
  /** How questions are answered from now on. */
  answerWith(answer: Answer): void;
  revived: Address[];
  gone: { address: Address; reason: string; wholeChat: boolean }[];
  migrated: [string, string][];
  fatal: AssayError[];
  log: string[];
  meta: Map<string, string>;
  stop(): Promise<void>;
}

export interface HarnessOptions {
  commands?: Command[];
  rig?: TelegramRigOptions;
  renderChart?: RenderChart;
  meta?: Map<string, string>;
  /** How dates read in a chat. */
  datesOf?: (address: Address) => Promise<Dates | undefined>;
  /** Before the bot starts. */
  prepare?: (rig: TelegramRig, clock: ManualClock) => void;
}

/** A rig, and the real bot room on real grammY connected to it; only the dispatcher is a stand-in. */
export async function connect(options: HarnessOptions = {}): Promise<Harness> {
  const clock = new ManualClock();
  const rig = await startTelegramRig({ now: () => clock.now(), ...options.rig });
  options.prepare?.(rig, clock);
  const meta = options.meta ?? new Map<string, string>();
  const harness: Omit<Harness, 'bot' | 'stop' | 'answerWith'> = {
    rig,
    clock,
    asked: [],
    revived: [],
    gone: [],
    migrated: [],
    fatal: [],
    log: [],
    meta,
  };
  let answer: Answer = ({ text }) => view({ lines: [`you asked: ${text}`] });
  const answered = async (asked: Asked): Promise<View> => {
    harness.asked.push(asked);
    return await answer(asked);
  };
  const bot = await startTelegram({
    token: rig.token,
    apiRoot: rig.apiRoot,
    dispatcher: {
      commands: options.commands ?? COMMANDS,
      runText: (text, caller, place, progress) => answered({ text, caller, place, progress }),
      run: (path, options, caller, place) => answered({ text: path.join(' '), caller, place, options }),
      suggest: async () => [],
    },
    renderChart: options.renderChart ?? (async () => new Uint8Array(PNG)),
    store: {
      meta: {
        get: async (key) => meta.get(key) ?? null,
        set: async (key, value) => void meta.set(key, value),
      },
    },
    clock,
    logger: createLogger('debug', [], (line) => harness.log.push(line)),
    ...(options.datesOf && { datesOf: options.datesOf }),
    onPlaceRevived: (address) => harness.revived.push(address),
    onPlaceGone: (address, reason, { wholeChat }) => harness.gone.push({ address, reason, wholeChat }),
    onMigrated: (from, to) => harness.migrated.push([from, to]),
    onFatal: (error) => harness.fatal.push(error),
  }).catch(async (error: unknown) => {
    await rig.close();
    throw error;
  });
  return {
    ...harness,
    bot,
    answerWith(next) {
      answer = next;
    },
    async stop() {
      await bot.stop();
      await rig.close();
    },
  };
}
