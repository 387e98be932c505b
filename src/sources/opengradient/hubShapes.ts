import { z } from 'zod';
import { isBlobId, type ListedFile, type ListedModel, type ListedVersion } from '../../lib/modelFacts.ts';
import {
  authorIn,
  countIn,
  type Fields,
  first,
  isFields,
  listIn,
  momentIn,
  otherFields,
  rawTextIn,
  textIn,
} from './looseJson.ts';

/** What the hub's answers mean. Its API is not documented: fields go by several names, and any may be missing or a lie. */

/** Longer names are cut, as a reader sees them. */
const MAX_NAME = 120;
/** Longer ones are not asked for: a URL has its limits. */
const MAX_RAW_NAME = 400;
const MAX_TASK = 80;
const MAX_DESCRIPTION = 2_000;
const MAX_EXTRA_BYTES = 8_000;
const MAX_VERSION = 40;
const MAX_NOTES = 1_000;
const MAX_FILE_NAME = 200;
const MAX_ID = 100;
const MAX_VERSIONS = 500;
export const MAX_FILES = 2_000;

const LISTS = ['data', 'items', 'results'];
const NAME = ['name', 'modelName'];
const AUTHOR = ['authorUsername', 'author', 'owner', 'username'];
const TASK = ['taskName', 'task'];
const DESCRIPTION = ['description'];
const CREATED = ['createdAt', 'created_at'];
const FILE_DATES = [...CREATED, 'uploadedAt'];
const VERSION_NAME = ['versionString', 'version', 'name'];
const NOTES = ['notes', 'releaseNotes'];
const FILE_NAME = ['name', 'fileName', 'filename', 'path'];
const FILE_SIZE = ['size', 'fileSize'];
/** `id` may as well be a number of the hub's own: it counts only where it looks like a content id. */
const CONTENT_ID = ['ipfsCid', 'blobId', 'walrusBlobId', 'cid'];
/** Read elsewhere, or too much to keep twice. */
const KNOWN = new Set([...NAME, ...AUTHOR, ...TASK, ...DESCRIPTION, 'versions', 'releases', 'files']);

/** As the hub writes them: what it is asked with. */
export interface RawName {
  author: string;
  name: string;
}

export interface ReadModel {
  model: ListedModel;
  /** null: too long to ask for. */
  raw: RawName | null;
}

/** The entries of one page of the list; null when the answer is no list. */
export const readPage = (value: unknown): readonly unknown[] | null => listIn(value, ['models', ...LISTS]);

/** One entry of the list, or the answer to asking for one. null without a name or an author, as `author/name` needs both. */
export function readModel(value: unknown, fallbackAuthor?: string): ReadModel | null {
  if (!isFields(value)) return null;
  const name = textIn(value, NAME, MAX_NAME);
  const author = authorIn(value, AUTHOR, MAX_NAME) ?? fallbackAuthor ?? null;
  if (name === null || author === null || !isKeyPart(name, author)) return null;
  const rawName = rawTextIn(value, NAME, MAX_RAW_NAME);
  const rawAuthor = rawTextIn(value, AUTHOR, MAX_RAW_NAME) ?? fallbackAuthor ?? null;
  return {
    model: {
      author,
      name,
      task: textIn(value, TASK, MAX_TASK),
      description: textIn(value, DESCRIPTION, MAX_DESCRIPTION),
      extra: otherFields(value, KNOWN, MAX_EXTRA_BYTES),
      // Not updatedAt: that would date the listing anew with every change.
      datedAtMs: momentIn(value, CREATED),
    },
    raw: rawName === null || rawAuthor === null ? null : { author: rawAuthor, name: rawName },
  };
}

/** A slash in the author would make two models of one key; `.` and `..` would lead elsewhere in a URL. */
const isKeyPart = (name: string, author: string): boolean => !author.includes('/') && !isDots(name) && !isDots(author);
const isDots = (text: string): boolean => text === '.' || text === '..';

/** The object itself, where the hub wraps it. */
export function unwrapModel(value: unknown): unknown {
  if (!isFields(value) || textIn(value, NAME, MAX_NAME) !== null) return value;
  return first(value, ['model', 'data', 'result'], z.unknown().refine(isFields)) ?? value;
}

export interface ReadVersion {
  version: ListedVersion;
  /** For asking for its files; null when that is not possible. */
  raw: string | null;
  /** Its files came with it. */
  hasFiles: boolean;
  /** Files that came with it without a content id. */
  dropped: number;
}

/** The versions that a model's object tells of, in its order, or its latest one; null when it tells of none. */
export function readVersions(value: unknown): { versions: ReadVersion[]; dropped: number } | null {
  if (!isFields(value)) return null;
  const list = first(value, ['versions', 'releases'], z.array(z.unknown()));
  const latest = first(
    value,
    ['latestVersion', 'version'],
    z.unknown().refine((it) => readVersion(it) !== null),
  );
  if (list === null && latest === null) return null;
  const entries = list ?? [latest];
  const byName = new Map<string, ReadVersion>();
  let dropped = Math.max(0, entries.length - MAX_VERSIONS);
  for (const entry of entries.slice(0, MAX_VERSIONS)) {
    const read = readVersion(entry);
    if (read === null) dropped += 1;
    else if (!byName.has(read.version.version)) byName.set(read.version.version, read);
  }
  return { versions: [...byName.values()], dropped };
}

function readVersion(value: unknown): ReadVersion | null {
  const fields: Fields = isFields(value) ? value : { version: value };
  const version = textIn(fields, VERSION_NAME, MAX_VERSION);
  if (version === null) return null;
  const list = first(fields, ['files'], z.array(z.unknown()));
  const { files, dropped } = readFiles(list ?? []);
  const raw = rawTextIn(fields, VERSION_NAME, MAX_VERSION);
  return {
    version: {
      version,
      notes: textIn(fields, NOTES, MAX_NOTES),
      datedAtMs: momentIn(fields, CREATED),
      files,
    },
    raw: raw === null || isDots(raw) ? null : raw,
    hasFiles: list !== null,
    dropped,
  };
}

/** The answer to asking for a version's files; null when it is no list. */
export const readFileList = (value: unknown): readonly unknown[] | null => listIn(value, ['files', ...LISTS]);

/** Files of a version, at most 2,000, each once; `dropped`: entries without a content id, or beyond that number. */
export function readFiles(list: readonly unknown[]): { files: ListedFile[]; dropped: number } {
  const byKey = new Map<string, ListedFile>();
  let dropped = Math.max(0, list.length - MAX_FILES);
  for (const entry of list.slice(0, MAX_FILES)) {
    const file = readFile(entry);
    if (file === null) dropped += 1;
    else byKey.set(JSON.stringify([file.blobId, file.name]), file);
  }
  return { files: [...byKey.values()], dropped };
}

function readFile(value: unknown): ListedFile | null {
  if (!isFields(value)) return null;
  // An id that is not well-formed is kept: that is what is wrong with that file.
  const blobId = first(value, [...CONTENT_ID, 'id'], z.string().refine(isBlobId)) ?? textIn(value, CONTENT_ID, MAX_ID);
  if (blobId === null) return null;
  return {
    blobId,
    name: textIn(value, FILE_NAME, MAX_FILE_NAME) ?? '',
    sizeBytes: countIn(value, FILE_SIZE),
    datedAtMs: momentIn(value, FILE_DATES),
  };
}
