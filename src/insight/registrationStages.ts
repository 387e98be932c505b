import { isBlobId } from '../lib/modelFacts.ts';
import { cleanText, plural } from '../lib/units.ts';
import { fileKind } from './fileKind.ts';
import type { RegistrationInput, Stage, StageName, StageState } from './registration.ts';
import { sourceWords } from './sourceWords.ts';
import { outOfOrder, parseVersion } from './versionOrder.ts';

type Blob = NonNullable<RegistrationInput['blob']>;
type Listing = NonNullable<RegistrationInput['listing']>;

const HUB = 'the hub';
const STORAGE = 'storage';
const CHAIN = 'the chain';

/** Readable in storage, or known to have been: seen so by Assay, or used on chain. */
export function judgeStored({ blob, listing, sources }: RegistrationInput): Stage {
  const stage = stageOf('stored');
  if (blob === null) {
    const hidden = listing && unseen(listing);
    if (hidden !== null) return stage('unknown', hidden);
    if (listing?.file != null) return stage('unknown', sourceWords(sources.storage, STORAGE) ?? 'not asked for yet');
    const hub = listing === null ? 'this bot knows no such file' : sourceWords(sources.hub, HUB);
    return hub === null ? stage('missing', 'no file is listed that could be stored') : stage('unknown', hub);
  }
  const { storage, storedAtMs, goneAtMs } = blob;
  const why = cleanText(blob.storageReason, 120);
  const since = { atMs: storedAtMs, dating: storedAtMs === null ? 'at-first' : 'assay' } as const;
  // The state stays as it was answered last; what is said of it does not pretend to be of now.
  const down = sourceWords(sources.storage, STORAGE);
  const now = down === null ? '' : `; now not known: ${down}`;
  if (storage === 'readable') return stage('done', `its blob ${down === null ? 'is' : 'was'} readable${now}`, since);
  if (storage === 'missing') {
    const because = down === null ? (why === '' ? '' : `: ${why}`) : `, when it was last asked for${now}`;
    if (goneAtMs !== null || wasReadable(blob) || blob.uses > 0) {
      return stage('withdrawn', `its blob is no longer readable${because}`, storedAtMs === null ? UNDATED : since);
    }
    return stage('missing', `its blob is not readable${because}`);
  }
  if (goneAtMs !== null)
    return stage('withdrawn', 'its blob was no longer readable when it was last asked for', UNDATED);
  const unasked = down ?? (why === '' ? 'not asked for yet' : why);
  if (wasReadable(blob)) return stage('done', `its blob was readable; now not known: ${unasked}`, since);
  if (blob.uses > 0)
    return stage('done', `it was used on chain, so it was stored then; now not known: ${unasked}`, used(blob));
  return stage('unknown', unasked);
}

/** On the hub under an author and a name, with a version and this file. */
export function judgeListed({ blob, listing, sources }: RegistrationInput): Stage {
  const stage = stageOf('listed');
  const hub = sourceWords(sources.hub, HUB) ?? sources.hub?.shortError ?? null;
  const first = blob === null ? UNDATED : seenListed(blob);
  if (listing === null) {
    if (blob !== null && blob.listedAtMs !== null) return stage('withdrawn', 'the hub lists it no longer', first);
    // A note of a hub that answers (files need a login) leaves open what it does not show.
    return hub === null ? stage('missing', 'the hub does not list it') : stage('unknown', cleanText(hub, 160));
  }
  const { model, version, file } = listing;
  const name = `${cleanText(model.author, 40)}/${cleanText(model.name, 60)}`;
  if (model.goneAtMs !== null) return stage('withdrawn', `the hub no longer lists ${name}`, first);
  if (version !== null && version.goneAtMs !== null) {
    return stage('withdrawn', `${name} no longer has version ${cleanText(version.version, 20)}`, first);
  }
  if (file !== null && file.goneAtMs !== null) return stage('withdrawn', `${name} no longer has this file`, first);
  if (version === null || file === null) {
    const hidden = unseen(listing);
    if (hidden !== null) return stage('unknown', `${name} is listed; ${hidden}`);
    if (hub !== null) return stage('unknown', cleanText(hub, 160));
    return stage(
      'missing',
      `${name} is listed ${version === null && listing.versions.length === 0 ? 'without a version' : 'without a file'}`,
    );
  }
  const datedAtMs = file.datedAtMs ?? version.datedAtMs;
  return stage(
    'done',
    `listed as ${name} ${cleanText(version.version, 20)}`,
    datedAtMs === null ? first : { atMs: datedAtMs, dating: 'source' },
  );
}

/** `missing`: what a reader needs and is not there, one clause each. */
export function judgeComplete(
  { blob, listing }: RegistrationInput,
  stored: Stage,
  listed: Stage,
): { stage: Stage; missing: string[] } {
  const stage = stageOf('complete');
  const was = blob?.completeAtMs ?? null;
  const since = was === null ? UNDATED : ({ atMs: was, dating: 'assay' } as const);
  if (listing === null || listed.state !== 'done' || blob === null) {
    const state = listed.state === 'withdrawn' && was === null ? 'missing' : listed.state;
    if (state === 'done') return { stage: stage('unknown', stored.evidence), missing: [] };
    return {
      stage: stage(state, listed.state === 'unknown' ? 'known once its listing is' : 'it is not listed'),
      missing: [],
    };
  }
  const missing = incomplete(blob, listing);
  const gaps = [...missing, ...(stored.state === 'missing' || stored.state === 'withdrawn' ? [stored.evidence] : [])];
  if (gaps.length > 0) return { stage: stage(was === null ? 'missing' : 'withdrawn', gaps.join('; '), since), missing };
  // Used, and storage cannot be asked: it was stored then, which does not say that it is readable.
  if (blob.storage !== 'readable' && !wasReadable(blob))
    return { stage: stage('unknown', `whether its blob is readable: ${stored.evidence}`), missing };
  return { stage: stage('done', 'task, description, version, file type and id are there', since), missing };
}

function incomplete(blob: Blob, { model, version, file, versions }: Listing): string[] {
  const gaps: string[] = [];
  if (isBlank(model.task)) gaps.push('no task is named');
  if (isBlank(model.description)) gaps.push('no description');
  if (version !== null && parseVersion(version.version) === null) {
    gaps.push(`its version is not {major}.{minor}: ${cleanText(version.version, 20)}`);
  }
  const wrong = outOfOrder(versions)[0];
  if (wrong) gaps.push(`its versions are out of order: ${cleanText(wrong[0], 20)} before ${cleanText(wrong[1], 20)}`);
  if (file !== null && fileKind(file.name).ending === null) gaps.push('its file name does not say what it is');
  if (!isBlobId(blob.blobId)) gaps.push('its id is no blob id or CID');
  return gaps;
}

const isBlank = (text: string | null): boolean => text === null || cleanText(text, 40) === '';

/** By its format, in principle; by its use, for certain. */
export function judgeRunnable({ blob, listing }: RegistrationInput, stored: Stage, listed: Stage): Stage {
  const stage = stageOf('runnable');
  const ran = blob !== null && blob.uses > 0;
  if (stored.state === 'withdrawn') return stage('withdrawn', 'its blob is no longer readable');
  if (ran) return stage('done', 'it has been used on chain', used(blob));
  const file = listing?.file ?? null;
  if (file === null) {
    return stage(listed.state === 'missing' ? 'missing' : 'unknown', 'its format is known once its file is listed');
  }
  const { ending, runs } = fileKind(file.name);
  if (!runs) {
    const format = ending === null ? 'this format' : `.${ending}`;
    return stage('missing', `storage only: ${format} does not run on chain, only .onnx does`);
  }
  if (stored.state === 'missing') return stage('missing', 'an .onnx file, but its blob is not readable');
  return stage('done', 'an .onnx file, which runs on chain in principle', { atMs: listed.atMs, dating: listed.dating });
}

/** By evidence on chain. None is no fault: then it is unknown. */
export function judgeUsed({ blob, sources }: RegistrationInput): Stage {
  const stage = stageOf('used');
  if (blob !== null && blob.uses > 0) return stage('done', `${plural(blob.uses, 'use')} seen on chain`, used(blob));
  return stage('unknown', sourceWords(sources.use, CHAIN) ?? 'no use seen: not known, not broken');
}

/** Why what a listed model holds is not known; null when it is. */
function unseen({ model }: Listing): string | null {
  if (model.detailProblem !== null) return `its files cannot be seen: ${cleanText(model.detailProblem, 120)}`;
  return model.detailAtMs === null ? 'its files have not been read yet' : null;
}

/** Assay read it once; it was never seen complete without. */
const wasReadable = ({ storedAtMs, completeAtMs }: Blob): boolean => storedAtMs !== null || completeAtMs !== null;

type Dated = Pick<Stage, 'atMs' | 'dating'>;

const UNDATED: Dated = { atMs: null, dating: null };

const stageOf =
  (name: StageName) =>
  (state: StageState, evidence: string, dated: Dated = UNDATED): Stage => ({ name, state, ...dated, evidence });

const used = ({ firstUsedAtSeconds }: Blob): Dated =>
  firstUsedAtSeconds === null ? UNDATED : { atMs: firstUsedAtSeconds * 1000, dating: 'chain' };

const seenListed = ({ listedAtMs, listedAtFirst }: Blob): Dated => {
  if (listedAtFirst) return { atMs: null, dating: 'at-first' };
  return listedAtMs === null ? UNDATED : { atMs: listedAtMs, dating: 'assay' };
};
