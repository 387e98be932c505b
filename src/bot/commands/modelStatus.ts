import { fileKind } from '../../insight/fileKind.ts';
import { judgeRegistration, type Registration } from '../../insight/registration.ts';
import { compareVersions } from '../../insight/versionOrder.ts';
import { isBlobId } from '../../lib/modelFacts.ts';
import { cleanText, plural } from '../../lib/units.ts';
import type { Action, Field, Line, View } from '../../lib/view.ts';
import type { BlobWithListings, ListedAt, ModelWithVersions } from '../../store/modelRepository.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findBlob, findModel, modelOption, shortBlob } from '../findModel.ts';
import { headline, isDone, pointOf, toneOf } from '../modelVerdict.ts';
import {
  listingOf,
  type ModelSources,
  modelAction,
  modelName,
  readModelSources,
  stageChain,
  stageLine,
} from '../modelView.ts';
import { usualWait } from '../usualWait.ts';

const MAX_FILES = 8;

export const modelStatus: Command = {
  path: ['model', 'status'],
  summary: 'Where a model is between upload and use, and what keeps it there',
  options: [{ ...modelOption, summary: 'author/name or blob id', rest: true }],
  permission: 'everyone',
  examples: ['model status acme/fraud-net', 'model status hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M'],
  async run(context, { args }): Promise<View> {
    const typed = String(args.model).trim();
    const sources = await readModelSources(context);
    if (isBlobId(typed)) return await blobStatus(context, sources, typed);
    const model = await findModel(context, sources, typed, 'model status');
    return 'instead' in model ? model.instead : await statusOfModel(context, sources, model);
  },
};

async function blobStatus(context: BotContext, sources: ModelSources, blobId: string): Promise<View> {
  const found = await findBlob(context, blobId);
  if (found === null) return notFollowed(blobId, sources);
  // A place where it is still listed counts before one where it no longer is.
  const listings = found.listings.toSorted((a, b) => Number(isGone(a)) - Number(isGone(b)));
  const [listing] = listings;
  const model = listing === undefined ? null : await context.store.models.model(listing.model.key);
  if (listing !== undefined && model !== null) return await statusOfModel(context, sources, model, listings);
  const nowMs = context.clock.now();
  const judged = judgeRegistration({ blob: found.blob, listing: null, sources: sources.sources, nowMs });
  return view(`Upload ${shortBlob(blobId)}`, judged, sources, nowMs, {
    waits: await usualWait(context, judged),
    fields: [{ name: 'Blob id', value: { code: blobId } }],
    actions: [
      { label: 'Refresh', command: `model status ${blobId}` },
      { label: 'Tell this chat', command: `model watch ${blobId}`, mode: 'reply' },
      { label: 'Queue', command: 'model queue', mode: 'reply' },
    ],
  });
}

type Place = BlobWithListings['listings'][number];

const isGone = ({ model, version, file }: Place): boolean =>
  model.goneAtMs !== null || version.goneAtMs !== null || file.goneAtMs !== null;

function notFollowed(blobId: string, { stamp, warning }: ModelSources): View {
  return {
    title: `Upload ${shortBlob(blobId)}: not known`,
    tone: 'unknown',
    lines: [
      'Whether it is stored is not known: this bot has seen it listed nowhere, and nobody has asked it to follow it.',
      ...warning,
      'Storage has no public list of uploads. Follow it, and its stages are looked up from now on.',
    ],
    actions: [{ label: 'Follow it here', command: `model watch ${blobId}`, mode: 'reply' }],
    ...stamp,
  };
}

/** `asked`: the places of the file that was asked for, the one to be shown first. */
async function statusOfModel(
  context: BotContext,
  sources: ModelSources,
  model: ModelWithVersions,
  asked: readonly Place[] = [],
): Promise<View> {
  const nowMs = context.clock.now();
  const files = filesOf(model);
  const judge = (at: ListedAt | null): Registration =>
    judgeRegistration({
      blob: at === null ? null : (model.blobs.get(at.file.blobId) ?? null),
      listing: listingOf(model, at),
      sources: sources.sources,
      nowMs,
    });
  const main = asked[0] ?? files[0] ?? null;
  const judged = judge(main);
  const others = asked.length > 0 ? [] : files.filter((file) => file !== main);
  const version = main === null ? '' : ` ${cleanText(main.version.version, 20)}`;
  const [again] = asked;
  return view(`${modelName(model.model)}${version}`, judged, sources, nowMs, {
    waits: await usualWait(context, judged),
    besides: [
      ...elsewhere(asked),
      ...(others.length === 0 ? [] : [`Other files, newest first (${others.length}):`]),
      ...others.slice(0, MAX_FILES).map((at) => otherFile(at, judge(at))),
    ],
    fields: [
      ...fileFields(main),
      { name: 'Task', value: cleanText(model.model.task ?? '', 80) || 'not named' },
      ...(others.length > MAX_FILES ? [{ name: 'Not shown', value: plural(others.length - MAX_FILES, 'file') }] : []),
    ],
    actions: [
      ...(again === undefined
        ? modelAction('Refresh', 'model status', model.model, 'edit')
        : [{ label: 'Refresh', command: `model status ${again.file.blobId}` }]),
      ...modelAction('Every check', 'model doctor', model.model),
      ...modelAction('Versions', 'model lineage', model.model),
      ...modelAction('Tell this chat', 'model watch', model.model),
    ],
  });
}

function fileFields(main: ListedAt | null): Field[] {
  if (main === null) return [];
  const { name, sizeBytes, blobId } = main.file;
  return [
    { name: 'File', value: `${cleanText(name, 80) || 'no name'}, ${sizeWords(sizeBytes)}` },
    { name: 'Blob id', value: { code: cleanText(blobId, 64) || 'none' } },
  ];
}

/** The same content in other places. */
function elsewhere([, ...others]: readonly Place[]): Line[] {
  if (others.length === 0) return [];
  const named = others
    .slice(0, 3)
    .map(
      (place) => `${modelName(place.model)} ${cleanText(place.version.version, 20)}${isGone(place) ? ' (gone)' : ''}`,
    );
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  return [`The same file is in ${named.join(', ')}${more}.`];
}

/** Newest version first, what can run before what is only stored. */
function filesOf({ versions }: ModelWithVersions): ListedAt[] {
  return versions
    .filter(({ goneAtMs }) => goneAtMs === null)
    .sort((a, b) => compareVersions(b.version, a.version))
    .flatMap(({ files, ...version }) =>
      files
        .filter(({ goneAtMs }) => goneAtMs === null)
        .sort((a, b) => Number(fileKind(b.name).runs) - Number(fileKind(a.name).runs))
        .map((file) => ({ version, file })),
    );
}

const otherFile = ({ version, file }: ListedAt, { stages }: Registration): Line => [
  { strong: `${cleanText(version.version, 20)} ${cleanText(file.name, 40)}` },
  ` ${stageChain(stages)}`,
];

function sizeWords(bytes: number | null): string {
  if (bytes === null) return 'size not known';
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

interface Parts {
  waits: Line[];
  besides?: Line[];
  fields: Field[];
  actions: Action[];
}

function view(
  name: string,
  judged: Registration,
  { stamp, warning }: ModelSources,
  nowMs: number,
  { waits, besides = [], fields, actions }: Parts,
): View {
  return {
    title: `${name}: ${headline(judged)}`,
    tone: toneOf(judged),
    lines: [
      pointOf(judged),
      ...warning,
      stageChain(judged.stages, nowMs),
      ...waits,
      ...(isDone(judged) ? [] : [judged.next]),
      ...judged.stages.map(stageLine),
      ...besides,
    ],
    fields,
    actions,
    ...stamp,
  };
}
