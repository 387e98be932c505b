import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, runApart } from './apart.ts';
import { type Figure, perSecond, thousands } from './figures.ts';
import type { Replayed, ReplayJob } from './replayProcess.ts';
import { strainFigures } from './strain.ts';

const VOTES = 500_000;
const TARGET = 20_000;

/** Half a million votes for gauges and resets, stored, and made the state of the gauges as after a start. */
export async function benchReplay(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-replay-'));
  try {
    const job: ReplayJob = { databaseUrl: `file:${join(folder, 'replay.db')}`, votes: VOTES };
    const { events, storing, replaying, standing, expected } = await runApart<Replayed>('replayProcess.ts', job);
    const busy = load();
    if (standing !== expected) throw new Error(`${standing} stands, and not ${expected}`);
    const rate = perSecond(events, replaying.ms);
    return [
      {
        what: `${thousands(VOTES)} votes and resets of 5,000 locks on 20 gauges: read from the store (SQLite) and replayed`,
        measured: `${thousands(rate)} events/s`,
        target: `>= ${thousands(TARGET)}/s`,
        met: rate >= TARGET,
        comparedTo: `${thousands(perSecond(events, replaying.cpuMs))} for each second of CPU that the process used; with storing them ${thousands(perSecond(events, replaying.ms + storing.ms))}/s; ${busy}`,
      },
      {
        what: 'Storing them, 2,000 in a transaction',
        measured: `${thousands(perSecond(events, storing.ms))} events/s`,
        ...{ target: '', met: null },
        comparedTo: `${thousands(perSecond(events, storing.cpuMs))} for each second of CPU that the process used`,
      },
      ...strainFigures('replaying votes', replaying),
      ...strainFigures('storing votes', storing),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
