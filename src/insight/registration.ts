import type { SourceStatus } from '../lib/facts.ts';
import type { StorageState } from '../lib/modelFacts.ts';
import { judgeComplete, judgeListed, judgeRunnable, judgeStored, judgeUsed } from './registrationStages.ts';

export const STAGES = ['stored', 'listed', 'complete', 'runnable', 'used'] as const;
export type StageName = (typeof STAGES)[number];

/** withdrawn: it was reached, and its evidence is gone. unknown: could not be asked, or nothing to ask is configured. */
export type StageState = 'done' | 'missing' | 'withdrawn' | 'unknown';

export interface Stage {
  name: StageName;
  state: StageState;
  /** Unix ms of when it was reached; null where that is not known. */
  atMs: number | null;
  /** Who dates it. `at-first`: it was so when Assay first looked. */
  dating: 'assay' | 'source' | 'chain' | 'at-first' | null;
  /** What shows it, what is missing, or why it is unknown: one clause for readers. */
  evidence: string;
}

/** What registration is judged from: one file of one listing, or an upload that is listed nowhere. */
export interface RegistrationInput {
  blob: {
    blobId: string;
    firstSeenAtMs: number;
    storage: StorageState;
    storageReason: string;
    storedAtMs: number | null;
    goneAtMs: number | null;
    listedAtMs: number | null;
    listedAtFirst: boolean;
    completeAtMs: number | null;
    uses: number;
    firstUsedAtSeconds: number | null;
    lastUsedAtSeconds: number | null;
  } | null;
  listing: {
    model: {
      author: string;
      name: string;
      task: string | null;
      description: string | null;
      datedAtMs: number | null;
      goneAtMs: number | null;
      /** Versions and files were read then; null: not yet. */
      detailAtMs: number | null;
      detailProblem: string | null;
    };
    version: { version: string; position: number; datedAtMs: number | null; goneAtMs: number | null } | null;
    file: { name: string; sizeBytes: number | null; datedAtMs: number | null; goneAtMs: number | null } | null;
    /** All versions of the model in the hub's order. */
    versions: readonly string[];
  } | null;
  /** Status of hub, storage and use; null: not configured. */
  sources: { hub: SourceStatus | null; storage: SourceStatus | null; use: SourceStatus | null };
  nowMs: number;
}

export interface Registration {
  stages: Stage[];
  /** The last stage that is done; null when none is. */
  reached: StageName | null;
  /** The first stage that is missing or withdrawn before everything is done; null when none is. */
  stuckAt: StageName | null;
  /** What a reader or publisher would want and is not there, one clause each. */
  missing: string[];
  /** What usually comes next, and from whom, in one sentence. */
  next: string;
  /** Stored, not listed: for how long; null otherwise. */
  waitingSeconds: number | null;
}

/**
 * At which stage a file is, and why not further. Pure. What was seen stays done while its source cannot be asked: only evidence that
 * is withdrawn takes it back. No moment lies after `nowMs`: a clock that was set back makes ages 0, not negative.
 */
export function judgeRegistration(input: RegistrationInput): Registration {
  const stored = judgeStored(input);
  const listed = judgeListed(input);
  const { stage: complete, missing } = judgeComplete(input, stored, listed);
  const stages = [stored, listed, complete, judgeRunnable(input, stored, listed), judgeUsed(input)].map((stage) => ({
    ...stage,
    atMs: stage.atMs === null ? null : Math.min(stage.atMs, input.nowMs),
  }));
  const stuckAt = stages.find(({ state }) => state === 'missing' || state === 'withdrawn')?.name ?? null;
  const waitsSince = stored.state === 'done' && listed.state === 'missing' ? stored.atMs : null;
  return {
    stages,
    reached: stages.findLast(({ state }) => state === 'done')?.name ?? null,
    stuckAt,
    missing: [
      ...[stored, listed]
        .filter(({ state }) => state === 'missing' || state === 'withdrawn')
        .map((stage) => stage.evidence),
      ...missing,
    ],
    next: nextOf(stages),
    waitingSeconds: waitsSince === null ? null : Math.max(0, (input.nowMs - waitsSince) / 1000),
  };
}

const NEXT: Record<StageName, string> = {
  stored: 'storing: the hub writes the upload to storage, and the publisher uploads it again where that failed',
  listed:
    'listing: the hub shows it under author/name with a version, mostly by itself; an upload without a repository waits for its publisher',
  complete: 'completing: the publisher fills in what is missing on the hub',
  runnable: 'running: only .onnx files run on chain; the publisher uploads one where it is to run',
  used: 'use: somebody runs it on chain, or schedules a workflow with it',
};

function nextOf(stages: readonly Stage[]): string {
  const stuck = stages.find(({ state }) => state === 'missing' || state === 'withdrawn');
  const open = stuck ?? stages.find(({ state }) => state === 'unknown');
  if (open === undefined) return 'Nothing: it went all the way.';
  const words = `Next is ${NEXT[open.name]}.`;
  return open.state === 'unknown' && open.name !== 'used' ? `${words} Whether that happened is not known.` : words;
}
