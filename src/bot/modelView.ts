import { currentStatus, notAsked } from '../insight/currentStatus.ts';
import type { RegistrationInput, Stage } from '../insight/registration.ts';
import { sourceWords } from '../insight/sourceWords.ts';
import { toSeconds } from '../lib/clock.ts';
import type { SourceStatus } from '../lib/facts.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../lib/modelFacts.ts';
import { cleanText, duration } from '../lib/units.ts';
import type { Action, Line } from '../lib/view.ts';
import type { ListedAt, ModelWithVersions, StoredModel } from '../store/modelRepository.ts';
import type { BotContext } from './context.ts';
import { asWord } from './modelNames.ts';

/** What all answers about models share: how their sources are, and what an answer ends with. */
export interface ModelSources {
  sources: RegistrationInput['sources'];
  stamp: { asOf: number | null; sources: string[] };
  /** Words to begin with when the hub is not current; empty otherwise. */
  warning: Line[];
  /** The same of storage, for answers that are about nothing but waiting. */
  storageWarning: Line[];
}

export async function readModelSources({ store, clock, configured }: BotContext): Promise<ModelSources> {
  const now = clock.now();
  const status = async (is: boolean, source: string): Promise<SourceStatus | null> =>
    is ? (currentStatus(await store.sources.get(source), now) ?? notAsked(source)) : null;
  const [hub, storage, use] = await Promise.all([
    status(configured.hub, HUB_SOURCE),
    status(configured.storage, STORAGE_SOURCE),
    status(configured.use, USE_SOURCE),
  ]);
  const times = [hub, storage, use].flatMap((one) => one?.lastSuccessAtMs ?? []);
  return {
    sources: { hub, storage, use },
    stamp: {
      // As old as the oldest of what it rests on.
      asOf: times.length === 0 ? null : toSeconds(Math.min(...times)),
      sources: [
        ...(hub === null ? [] : ['the model hub']),
        ...(storage === null ? [] : ['blob storage']),
        ...(use === null ? [] : ['use on chain']),
      ],
    },
    warning: warningOf(hub, 'the hub'),
    storageWarning: warningOf(storage, 'storage'),
  };
}

function warningOf(status: SourceStatus | null, name: string): Line[] {
  const problem = sourceWords(status, name);
  if (problem === null) return [];
  const lastMs = status?.lastSuccessAtMs ?? null;
  if (lastMs === null) return [[{ strong: 'Not known in full' }, `: ${problem}.`]];
  return [[{ strong: 'This is not from now' }, `: ${problem}. It was last read `, { time: toSeconds(lastMs) }, '.']];
}

type Named = Pick<StoredModel, 'author' | 'name'>;

/** `acme/fraud-net`, bounded. */
export const modelName = ({ author, name }: Named): string => `${cleanText(author, 40)}/${cleanText(name, 60)}`;

/** The word by which a command finds that model again; null where nothing that can be typed does. */
export const modelWord = ({ author, name }: Named): string | null => asWord(`${author}/${name}`);

/** A button that asks about a model; none for one that cannot be typed. */
export function modelAction(label: string, command: string, model: Named, mode: Action['mode'] = 'reply'): Action[] {
  const word = modelWord(model);
  return word === null ? [] : [{ label, command: `${command} ${word}`, ...(mode === 'reply' ? { mode } : {}) }];
}

/** Where a file is listed, as a stage is judged from it. */
export function listingOf(
  { model, versions }: ModelWithVersions,
  at: ListedAt | null,
): NonNullable<RegistrationInput['listing']> {
  const live = versions.filter(({ goneAtMs }) => goneAtMs === null).map(({ version }) => version);
  return { model, version: at?.version ?? null, file: at?.file ?? null, versions: live };
}

const MARK = { done: '🟢', missing: '🔴', withdrawn: '🟠', unknown: '⚪' } as const;
const STATE = { done: '', missing: 'not ', withdrawn: 'no longer ', unknown: '' } as const;
const DATED = {
  assay: ', first seen by Assay',
  source: ', dated by the hub',
  chain: ', by block time',
  'at-first': '',
};

/** `🟢 stored 3 h ago, first seen by Assay: 12 MB` */
export function stageLine({ name, state, atMs, dating, evidence }: Stage): Line {
  const when =
    state !== 'done'
      ? []
      : atMs === null
        ? [dating === 'at-first' ? ' before Assay looked' : '']
        : [' ', { time: toSeconds(atMs) }, dating === null ? '' : DATED[dating]];
  const open = state === 'unknown' ? ' not known' : '';
  return [`${MARK[state]} ${STATE[state]}`, { strong: name }, ...when, `${open}: ${evidence}`];
}

/** `🟢 stored 3 h → 🔴 listed → ⚪ complete → ⚪ runnable → ⚪ used`; without `nowMs` no ages. */
export const stageChain = (stages: readonly Stage[], nowMs?: number): string =>
  stages.map(({ name, state, atMs }) => `${MARK[state]} ${name}${ageOf(state, atMs, nowMs)}`).join(' → ');

function ageOf(state: Stage['state'], atMs: number | null, nowMs: number | undefined): string {
  return state !== 'done' || atMs === null || nowMs === undefined ? '' : ` ${duration((nowMs - atMs) / 1000)}`;
}
