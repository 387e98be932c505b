import { AssayError } from '../../lib/errors.ts';
import { type ListedModel, type ListedVersion, type ModelDetail, modelKey } from '../../lib/modelFacts.ts';
import { plural } from '../../lib/units.ts';
import { askJson, type JsonAnswer } from '../http/askJson.ts';
import {
  MAX_FILES,
  type RawName,
  type ReadVersion,
  readFileList,
  readFiles,
  readModel,
  readPage,
  readVersions,
  unwrapModel,
} from './hubShapes.ts';

/** Models in one page of the list, and how many pages are read at most. */
const PAGE_SIZE = 100;
const MAX_PAGES = 500;
/** A page of the longest descriptions is far below this; reading it does not hold up the event loop for long. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Of the whole list, which is in memory at once. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
const NEEDS_LOGIN = 'the hub shows files only with a login';

type Named = Pick<ListedModel, 'author' | 'name'>;

export interface Hub {
  /**
   * The whole list, each model once. `problems`: what was left out, in words for an operator. Rejects with AssayError (with
   * `retryAfterMs` where the hub says it) when any page fails: a part of the list is no list.
   */
  list(signal: AbortSignal): Promise<{ models: ListedModel[]; problems: string[] }>;
  /** One model with its versions and files; null when the hub does not list it. Rejects with AssayError. */
  detail(model: Named, signal: AbortSignal): Promise<ModelDetail | null>;
}

/** Reads of the model hub's public API at that URL (up to and with `/api/v0`). */
export function createHub({ url, timeoutMs = TIMEOUT_MS }: { url: string; timeoutMs?: number }): Hub {
  const base = url.replace(/\/+$/, '');
  /** Names that are shown otherwise than the hub writes them, by their key: it is asked with its own. */
  let asWritten = new Map<string, RawName | null>();

  const ask = (path: string, signal: AbortSignal): Promise<JsonAnswer> =>
    askJson(`${base}${path}`, { who: 'the hub', maxBytes: MAX_BYTES, timeoutMs, signal });

  async function list(signal: AbortSignal): Promise<{ models: ListedModel[]; problems: string[] }> {
    const found = new Map<string, { model: ListedModel; raw: RawName | null }>();
    let nameless = 0;
    let alike = 0;
    let isWhole = false;
    let sizeBytes = 0;
    for (let page = 0; page < MAX_PAGES && !isWhole; page += 1) {
      const answer = await ask(`/models/?page=${page}&limit=${PAGE_SIZE}`, signal);
      sizeBytes += answer.sizeBytes;
      if (sizeBytes > MAX_LIST_BYTES) throw new AssayError(`the hub’s list is larger than ${MAX_LIST_BYTES} bytes`);
      const entries = readPage(good(answer));
      if (entries === null) throw notAHub('its list of models is none');
      let added = 0;
      let unread = 0;
      for (const entry of entries) {
        const read = readModel(entry);
        if (read === null) {
          unread += 1;
          continue;
        }
        const key = modelKey(read.model);
        const known = found.get(key);
        if (known === undefined) added += 1;
        else if (!isSame(known.raw, read.raw)) alike += 1;
        // Whoever laces a name with invisible characters does not take the place of the one that has it plainly.
        if (known === undefined || (!isPlain(known) && isPlain(read))) found.set(key, read);
      }
      // A page of nothing that can be read is no page, and what it named is not gone.
      if (unread > 0 && unread === entries.length) throw notAHub('no entry of its list can be read');
      nameless += unread;
      isWhole = entries.length < PAGE_SIZE || added === 0;
    }
    if (!isWhole) throw new AssayError(`the hub lists more than ${MAX_PAGES * PAGE_SIZE} models`);
    asWritten = new Map([...found].filter(([, read]) => !isPlain(read)).map(([key, { raw }]) => [key, raw]));
    const problems: string[] = [];
    if (nameless > 0)
      problems.push(`${plural(nameless, 'entry', 'entries')} of the hub without a usable name or author`);
    if (alike > 0)
      problems.push(`${plural(alike, 'entry', 'entries')} of the hub with a name that looks like another’s`);
    return { models: [...found.values()].map(({ model }) => model), problems };
  }

  async function detail(model: Named, signal: AbortSignal): Promise<ModelDetail | null> {
    const written = asWritten.get(modelKey(model));
    const { author, name } = written ?? model;
    if (written === null || !isAskable(author) || !isAskable(name)) {
      throw new AssayError('the hub cannot be asked for a model of that name');
    }
    const path = `/models/${encodeURIComponent(name)}`;
    const query = `?authorUsername=${encodeURIComponent(author)}`;
    const answer = await ask(path + query, signal);
    if (answer.status === 404) return null;
    const object = unwrapModel(good(answer));
    const read = readModel(object, model.author);
    if (read === null) throw notAHub('its answer for a model is none');
    // Names are unique for one author only: a hub that overlooks the author answers with somebody else's.
    if (modelKey(read.model) !== modelKey(model)) throw new AssayError('the hub answered with another model');
    const told = readVersions(object);
    if (told === null) return { model: read.model, versions: null, problem: 'the hub does not show its versions' };
    const askFiles = (version: string): Promise<JsonAnswer> =>
      ask(`${path}/versions/${encodeURIComponent(version)}/files${query}`, signal);
    const { versions, problems } = await withFiles(told.versions, askFiles);
    if (told.dropped > 0) problems.push(`${plural(told.dropped, 'version')} of the hub’s list could not be read`);
    return { model: read.model, versions, problem: problems.join('; ') || null };
  }

  return { list, detail };
}

/** The versions with their files; asks for those that did not come along, until the hub wants a login. */
async function withFiles(
  told: readonly ReadVersion[],
  askFiles: (version: string) => Promise<JsonAnswer>,
): Promise<{ versions: ListedVersion[]; problems: string[] }> {
  const versions: ListedVersion[] = [];
  let needsLogin = false;
  let unlisted = 0;
  let dropped = 0;
  let room = MAX_FILES;
  for (const { version, raw, hasFiles, dropped: droppedHere } of told) {
    let files = version.files;
    dropped += droppedHere;
    if (!hasFiles && raw === null) unlisted += 1;
    else if (!hasFiles && raw !== null && !needsLogin && room > 0) {
      const answer = await askFiles(raw);
      if (answer.status === 401 || answer.status === 403) needsLogin = true;
      else if (answer.status === 404) unlisted += 1;
      else {
        const list = readFileList(good(answer));
        if (list === null) throw notAHub('its list of files is none');
        const read = readFiles(list);
        files = read.files;
        dropped += read.dropped;
      }
    }
    const fitting = files.slice(0, room);
    dropped += files.length - fitting.length;
    room -= fitting.length;
    versions.push({ ...version, files: fitting });
  }
  const problems: string[] = [];
  if (needsLogin) problems.push(NEEDS_LOGIN);
  if (unlisted > 0) problems.push(`the hub has no list of files for ${plural(unlisted, 'version')}`);
  if (room === 0) problems.push(`only its first ${MAX_FILES} files were read`);
  else if (dropped > 0) problems.push(`${plural(dropped, 'file')} of the hub’s list could not be read`);
  return { versions, problems };
}

/** What a good answer holds; throws AssayError for any other. */
function good(answer: JsonAnswer): unknown {
  if (answer.status === 401 || answer.status === 403) throw new AssayError('the hub wants a login');
  if (answer.status !== 200) throw new AssayError(`the hub answered HTTP ${answer.status}`, { retryable: true });
  return answer.value;
}

const notAHub = (detail: string): AssayError =>
  new AssayError('the hub answers otherwise than it did', { retryable: true, detail: `${detail}; check OG_HUB_URL` });

const isPlain = ({ model, raw }: { model: ListedModel; raw: RawName | null }): boolean =>
  raw !== null && raw.author === model.author && raw.name === model.name;
const isSame = (a: RawName | null, b: RawName | null): boolean =>
  a !== null && b !== null && modelKey(a) === modelKey(b);

/** Segments of dots lead elsewhere, and half a surrogate pair cannot be written in a URL. */
const isAskable = (text: string): boolean =>
  text !== '' && text !== '.' && text !== '..' && text.length <= 400 && text.isWellFormed();
