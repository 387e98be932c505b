import { type LineageVersion, lineageOf } from './lineage.ts';
import { bad, good, hiddenBecause, isBlank, LOOK_YOURSELF, NOT_LISTED, names, unknown } from './modelCheck.ts';
import { checkFiles, checkUse } from './modelFileChecks.ts';
import type { RegistrationInput } from './registration.ts';
import { sourceWords } from './sourceWords.ts';
import { parseVersion } from './versionOrder.ts';

/** One thing that was looked at, in words for the publisher. */
export interface ModelCheck {
  check: string;
  outcome: 'holds' | 'fails' | 'unknown';
  detail: string;
  /** What to do about it; empty when there is nothing to do or to know. */
  remedy: string;
}

/** One model as `store.models.model` has it; `model` null: the hub is not known to list it. */
export interface ModelCheckInput {
  model: NonNullable<RegistrationInput['listing']>['model'] | null;
  versions: readonly LineageVersion[];
  blobs: ReadonlyMap<string, NonNullable<RegistrationInput['blob']>>;
  /** Authors with a model of that name too, without its own. */
  sameName: readonly string[];
  sources: RegistrationInput['sources'];
  nowMs: number;
}

/** Every check there is, in the order of the stages, each with what to do about it. Pure. */
export function checkModel(input: ModelCheckInput): ModelCheck[] {
  const live = input.versions.filter(({ goneAtMs }) => goneAtMs === null);
  const files = live.flatMap((version) => version.files.filter(({ goneAtMs }) => goneAtMs === null));
  return [...describing(input, live), ...checkFiles(input, files), ...checkUse(input, files)];
}

function describing(input: ModelCheckInput, live: readonly LineageVersion[]): ModelCheck[] {
  const { model, sources, sameName } = input;
  const hub = sourceWords(sources.hub, 'the hub');
  const isListed = model !== null && model.goneAtMs === null;
  /** What the hub says of a model that it lists; of another one nothing is known. */
  const said = (check: string, wrong: string | null, holds: string, remedy: string): ModelCheck =>
    model === null ? unknown(check, NOT_LISTED) : wrong === null ? good(check, holds) : bad(check, wrong, remedy);
  return [
    isListed
      ? good('listed', hub === null ? 'the hub lists it' : `the hub listed it when it was last asked; ${hub}`)
      : hub !== null
        ? unknown('listed', hub, 'Ask again once the hub answers.')
        : bad(
            'listed',
            model === null ? 'the hub does not list it' : 'the hub lists it no longer',
            'Check author and name; create the model on the hub, or list it again.',
          ),
    said(
      'author and name',
      model && (isBlank(model.author) || isBlank(model.name) || `${model.author}${model.name}`.includes('/'))
        ? 'its author or name is empty or has a slash'
        : null,
      'both are there',
      'Rename it on the hub: readers refer to it as author/name.',
    ),
    said('task', model && isBlank(model.task) ? 'no task is named' : null, 'named', 'Choose a task on the hub.'),
    said(
      'description',
      model && isBlank(model.description) ? 'there is none' : null,
      'there is one',
      'Write on the hub what goes in, what comes out, and what it was made for.',
    ),
    versionOrder(input, live),
    sameName.length === 0
      ? good('same name elsewhere', 'no other author is known to have a model of this name')
      : {
          ...good('same name elsewhere', `also by ${names(sameName)}`),
          remedy: 'Name the author with the model, or its blob id.',
        },
  ];
}

function versionOrder(input: ModelCheckInput, live: readonly LineageVersion[]): ModelCheck {
  const check = 'version order';
  if (input.model === null) return unknown(check, NOT_LISTED);
  if (live.length === 0) {
    const hidden = hiddenBecause(input);
    return hidden === null
      ? bad(check, 'it has no version', 'Create a release on the hub.')
      : unknown(check, hidden, LOOK_YOURSELF);
  }
  const malformed = live.filter(({ version }) => parseVersion(version) === null);
  if (malformed.length > 0) {
    const list = names(malformed.map(({ version }) => version));
    return bad(check, `not {major}.{minor}: ${list}`, 'Release it again under a number that the hub gives.');
  }
  const { gaps, reordered, summary } = lineageOf(live);
  if (reordered.length > 0) {
    return bad(check, reordered[0] as string, 'Refer to a version by its blob id: the newest is not plain to see.');
  }
  const note = gaps.length === 0 ? '' : 'Numbers that are left out are no fault; say in the notes why.';
  return { ...good(check, summary), remedy: note };
}
