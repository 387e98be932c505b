import { cleanText, plural } from '../lib/units.ts';
import { compareVersions, isNewestFirst, outOfOrder, parseVersion } from './versionOrder.ts';

/** One version as the store keeps it. */
export interface LineageVersion {
  version: string;
  /** Its place in the hub's order. */
  position: number;
  atFirst: boolean;
  firstSeenAtMs: number;
  datedAtMs: number | null;
  goneAtMs: number | null;
  files: readonly LineageFile[];
}

export interface LineageFile {
  blobId: string;
  name: string;
  goneAtMs: number | null;
}

type FileRef = Pick<LineageFile, 'blobId' | 'name'>;

export interface LineageStep {
  version: string;
  /** As the hub dates it, else when Assay first saw it; null when it was there at first. */
  atMs: number | null;
  dating: 'assay' | 'source' | 'at-first';
  goneAtMs: number | null;
  files: number;
  /** Against the version before it, the oldest first; null on the first one, and on those that are gone. */
  changes: {
    added: FileRef[];
    removed: FileRef[];
    /** The same name with another content id. */
    changed: { name: string; from: string; to: string }[];
    /** The same content id under another name. */
    renamed: { blobId: string; from: string; to: string }[];
  } | null;
}

export interface Lineage {
  /** In the hub's order; those that are gone last. */
  versions: LineageStep[];
  /** Whether the hub shows the newest first; then a version is compared with the one after it. */
  newestFirst: boolean;
  /** One clause each: `nothing between 1.00 and 1.02`. */
  gaps: string[];
  /** One clause each: `the hub shows 1.02 before 1.01`, `1.02 was first seen before 1.01`. */
  reordered: string[];
  /** Versions that the hub lists no longer. */
  gone: string[];
  /** One line. */
  summary: string;
}

/** Versions of one model, in any order of arrival. Pure. */
export function lineageOf(versions: readonly LineageVersion[]): Lineage {
  const byPlace = versions.toSorted((a, b) => a.position - b.position || a.firstSeenAtMs - b.firstSeenAtMs);
  const live = byPlace.filter(({ goneAtMs }) => goneAtMs === null);
  const left = byPlace.filter(({ goneAtMs }) => goneAtMs !== null);
  const names = live.map(({ version }) => version);
  const newestFirst = isNewestFirst(names);
  const gaps = gapsOf(versions.map(({ version }) => version));
  const reordered = [
    ...outOfOrder(names).map(([before, after]) => `the hub shows ${said(before)} before ${said(after)}`),
    ...seenOutOfOrder(live),
  ];
  const gone = left.map(({ version }) => version);
  return {
    versions: [
      ...live.map((version, at) => stepOf(version, live[newestFirst ? at + 1 : at - 1] ?? null)),
      ...left.map((version) => stepOf(version, null)),
    ],
    newestFirst,
    gaps,
    reordered,
    gone,
    summary: summaryOf(names, newestFirst, { gaps: gaps.length, reordered: reordered.length, gone: gone.length }),
  };
}

const said = (version: string): string => cleanText(version, 20);

function stepOf(version: LineageVersion, before: LineageVersion | null): LineageStep {
  const { datedAtMs, atFirst, firstSeenAtMs } = version;
  return {
    version: version.version,
    atMs: datedAtMs ?? (atFirst ? null : firstSeenAtMs),
    dating: datedAtMs !== null ? 'source' : atFirst ? 'at-first' : 'assay',
    goneAtMs: version.goneAtMs,
    files: filesOf(version).length,
    changes: before && changesOf(filesOf(before), filesOf(version)),
  };
}

/** Those of a version that is gone are gone with it, and still its files. */
const filesOf = ({ files, goneAtMs }: LineageVersion): readonly LineageFile[] =>
  goneAtMs === null ? files.filter((file) => file.goneAtMs === null) : files;

function changesOf(before: readonly LineageFile[], now: readonly LineageFile[]): NonNullable<LineageStep['changes']> {
  const removed = without(before, now);
  const added = without(now, before);
  const changed = pair(removed, added, (file) => file.name);
  const renamed = pair(removed, added, (file) => file.blobId);
  const order = (a: FileRef, b: FileRef): number => compare(a.name, b.name) || compare(a.blobId, b.blobId);
  return {
    added: added.sort(order),
    removed: removed.sort(order),
    changed: changed
      .map(([from, to]) => ({ name: from.name, from: from.blobId, to: to.blobId }))
      .sort((a, b) => compare(a.name, b.name)),
    renamed: renamed
      .map(([from, to]) => ({ blobId: from.blobId, from: from.name, to: to.name }))
      .sort((a, b) => compare(a.from, b.from)),
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function without(files: readonly LineageFile[], others: readonly LineageFile[]): FileRef[] {
  const keyOf = ({ name, blobId }: FileRef): string => `${blobId} ${name}`;
  const there = new Set(others.map(keyOf));
  return files.filter((file) => !there.has(keyOf(file))).map(({ blobId, name }) => ({ blobId, name }));
}

/** Takes out of both lists what they share by that key, one for one. */
function pair(removed: FileRef[], added: FileRef[], keyOf: (file: FileRef) => string): [FileRef, FileRef][] {
  const byKey = Map.groupBy(added, keyOf);
  const pairs: [FileRef, FileRef][] = [];
  for (const from of removed) {
    const to = byKey.get(keyOf(from))?.shift();
    if (to !== undefined) pairs.push([from, to]);
  }
  const taken = new Set(pairs.flat());
  for (const list of [removed, added]) list.splice(0, list.length, ...list.filter((file) => !taken.has(file)));
  return pairs;
}

/** Releases count up by one: within a major number, and from one to the next, which begins at .00 (or .01). */
function gapsOf(versions: readonly string[]): string[] {
  const ordered = versions.filter((version) => parseVersion(version) !== null).sort(compareVersions);
  return ordered.slice(1).flatMap((version, at): string[] => {
    const before = ordered[at] as string;
    const a = parseVersion(before);
    const b = parseVersion(version);
    if (a === null || b === null) return [];
    const follows = a.major === b.major ? b.minor - a.minor <= 1 : b.major - a.major === 1 && b.minor <= 1;
    return follows ? [] : [`nothing between ${said(before)} and ${said(version)}`];
  });
}

/** Among those that Assay saw coming, each against the one that came before it. */
function seenOutOfOrder(versions: readonly LineageVersion[]): string[] {
  const ordered = versions
    .filter(({ atFirst, version }) => !atFirst && parseVersion(version) !== null)
    .sort((a, b) => a.firstSeenAtMs - b.firstSeenAtMs || compareVersions(a.version, b.version));
  return ordered.slice(1).flatMap((later, at): string[] => {
    const earlier = ordered[at] as LineageVersion;
    return compareVersions(earlier.version, later.version) > 0
      ? [`${said(earlier.version)} was first seen before ${said(later.version)}`]
      : [];
  });
}

function summaryOf(
  names: readonly string[],
  newestFirst: boolean,
  counts: { gaps: number; reordered: number; gone: number },
): string {
  if (names.length === 0)
    return counts.gone === 0 ? 'no versions are known' : `all ${plural(counts.gone, 'version')} gone`;
  const [oldest, newest] = newestFirst ? [names.at(-1), names[0]] : [names[0], names.at(-1)];
  const range = names.length === 1 ? said(oldest as string) : `${said(oldest as string)} to ${said(newest as string)}`;
  return [
    `${plural(names.length, 'version')} (${range}${newestFirst ? ', newest first' : ''})`,
    counts.gaps === 0 ? 'no gaps' : plural(counts.gaps, 'gap'),
    counts.reordered === 0 ? 'in order' : 'out of order',
    ...(counts.gone === 0 ? [] : [`${counts.gone} gone`]),
  ].join(', ');
}
