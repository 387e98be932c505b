import { toSeconds } from '../../lib/clock.ts';
import { HUB_SOURCE } from '../../lib/modelFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import {
  authorOf,
  HUB_WORDS,
  MODEL_FAMILY,
  modelAlert,
  modelLabel,
  modelSample,
  type Published,
  statusButton,
  topicsOf,
} from '../modelRule.ts';
import { NEWS_SECONDS } from '../news.ts';
import type { AlertFacts, Rule } from '../rule.ts';

/** What was seen listed of one model at one look. */
interface Listing extends Published {
  atMs: number;
  isNew: boolean;
  blobIds: string[];
  /** Of those files whose wait is known. */
  waits: number[];
}

/**
 * A new model, or files of an older one that were known to wait. Files of a new version that nobody waited for are the news of
 * `model.version`.
 */
export const modelListed: Rule = {
  id: 'model.listed',
  family: MODEL_FAMILY,
  summary: 'The hub lists a new model, or an upload that was known to wait; told once, with the wait.',
  levels: { listed: { severity: 'info', forSeconds: 0 } },
  clearSeconds: 0,
  clears: 'a day has passed, without a word',
  threshold: null,
  dependsOn: [HUB_SOURCE],
  facts: 'models',
  isNews: true,
  samples: (facts) =>
    listingsOf(facts).map((listing) =>
      modelSample(facts, {
        subject: `model:${listing.modelKey}@${listing.atMs}`,
        verdict: 'bad',
        owner: authorOf(listing),
        topics: topicsOf({ model: listing, blobIds: listing.blobIds.slice(0, MAX_TOPICS) }),
        level: 'listed',
        detail: {
          label: modelLabel(listing),
          modelKey: listing.modelKey,
          isNew: listing.isNew,
          files: listing.blobIds.length,
          longestWaitSeconds: listing.waits.length === 0 ? null : Math.max(...listing.waits),
          waits: listing.waits.length,
          atSeconds: toSeconds(listing.atMs),
        },
      }),
    ),
  text(_kind, { detail }, facts) {
    const isNew = detail.isNew === true;
    return modelAlert(
      {
        headline: isNew ? 'New model' : 'Upload listed',
        about: String(detail.label),
        tone: 'info',
        lines: [
          [
            {
              strong: isNew
                ? 'The hub lists a new model'
                : `The hub lists ${plural(Number(detail.files), 'file')} of it`,
            },
            ', first seen by this bot ',
            { time: Number(detail.atSeconds) },
            // Of several told together only the first line is shown.
            detail.longestWaitSeconds === null ? '.' : `. ${waitWords(detail)}`,
          ],
          ...(detail.longestWaitSeconds === null ? [whyNoWait(detail)] : []),
        ],
        actions: statusButton(detail),
        sources: [HUB_WORDS],
      },
      facts,
    );
  },
};

/** The topics of an incident are one text; more files of one model at one look are not followed one by one. */
const MAX_TOPICS = 50;

const whyNoWait = ({ files }: Record<string, unknown>): Line =>
  `How long it waited is not known: ${Number(files) === 0 ? 'none of its files is shown' : 'this bot did not see it stored before'}.`;

function waitWords({ longestWaitSeconds, waits }: Record<string, unknown>): string {
  const wait = duration(Number(longestWaitSeconds));
  return Number(waits) === 1
    ? `From stored to listed: ${wait}.`
    : `From stored to listed: ${wait} for the slowest of ${waits} files.`;
}

function listingsOf({ models, nowMs }: AlertFacts): Listing[] {
  if (models === null) return [];
  const found = new Map<string, Listing>();
  const listingOf = (one: Published & { atMs: number }): Listing => {
    const key = `${one.modelKey}@${one.atMs}`;
    const listing = found.get(key) ?? {
      ...{ modelKey: one.modelKey, modelName: one.modelName, author: one.author, atMs: one.atMs },
      ...{ isNew: false, blobIds: [], waits: [] },
    };
    found.set(key, listing);
    return listing;
  };
  for (const version of models.versions) if (version.isFirst) listingOf(version).isNew = true;
  for (const one of models.listed) {
    const listing = listingOf(one);
    listing.blobIds.push(one.blobId);
    if (one.waitSeconds !== null) listing.waits.push(Math.max(0, one.waitSeconds));
  }
  const isNews = ({ isNew, waits, atMs }: Listing): boolean =>
    (isNew || waits.length > 0) && nowMs - atMs <= NEWS_SECONDS * 1000;
  return [...found.values()].filter(isNews);
}
