import { toSeconds } from '../../lib/clock.ts';
import { HUB_SOURCE, STORAGE_SOURCE } from '../../lib/modelFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { crowded, crowdSpeaks } from '../crowd.ts';
import type { Incident } from '../incident.ts';
import {
  authorOf,
  HUB_WORDS,
  MODEL_FAMILY,
  modelAlert,
  modelLabel,
  modelSample,
  STORAGE_WORDS,
  shortBlob,
  statusButton,
  topicsOf,
} from '../modelRule.ts';
import { lasted } from '../nodeRule.ts';
import type { AlertFacts, Rule } from '../rule.ts';

const ID = 'model.unreadable';
/** Aggregators come and go: it must stay missing for this long. */
const FOR_SECONDS = 600;
const ALL = 'files';

/** The hub lists a file that every aggregator which answers says it does not have, after it had it. */
export const modelUnreadable: Rule = {
  id: ID,
  family: MODEL_FAMILY,
  summary: 'A file that the hub lists can no longer be read from storage; it could be before.',
  levels: { missing: { severity: 'warning', forSeconds: FOR_SECONDS } },
  clearSeconds: 0,
  clears: 'it can be read, or is listed no longer',
  threshold: null,
  dependsOn: [HUB_SOURCE, STORAGE_SOURCE],
  facts: 'models',
  inhibits: crowdSpeaks(ID, (subject) => subject === ALL),
  samples(facts) {
    const missing = [...(facts.models?.unreadable ?? [])].sort(
      (a, b) => a.sinceMs - b.sinceMs || (a.blobId < b.blobId ? -1 : 1),
    );
    const members = missing.map((one) => ({
      isFollowed: false,
      sample: modelSample(facts, {
        subject: `blob:${one.blobId}`,
        verdict: 'bad',
        owner: authorOf(one),
        topics: topicsOf({ model: one, blobIds: [one.blobId] }),
        level: 'missing',
        detail: {
          label: `${modelLabel(one)}, file ${shortBlob(one.blobId)}`,
          blobId: one.blobId,
          sinceSeconds: toSeconds(one.sinceMs),
        },
        sinceSeconds: toSeconds(one.sinceMs),
      }),
    }));
    const detail = { label: 'listed files', count: missing.length };
    return crowded(
      members,
      modelSample(facts, { subject: ALL, topics: ['queue:unreadable'], verdict: 'bad', level: 'missing', detail }),
    );
  },
  text(kind, incident, facts) {
    if (kind === 'resolved') return over(incident, facts);
    const { detail, subject } = incident;
    const isAll = subject === ALL;
    return modelAlert(
      {
        headline: isAll ? 'Listed files cannot be read' : 'Listed file cannot be read',
        about: isAll ? plural(Number(detail.count), 'file') : String(detail.label),
        tone: 'degraded',
        lines: isAll
          ? [
              [{ strong: `Storage no longer has ${plural(Number(detail.count), 'file')} that the hub lists` }, '.'],
              'So many at once point to storage or its aggregators rather than to one publisher. Told as one.',
            ]
          : [
              [
                { strong: 'Storage no longer has it' },
                ', since ',
                { time: Number(detail.sinceSeconds) },
                ', and the hub still lists it.',
              ],
              'Whoever asks for this model now fails. Its publisher can upload the same file again: the id stays the same.',
              ['File: ', { code: String(detail.blobId) }],
            ],
        actions: statusButton(detail),
        sources: [HUB_WORDS, STORAGE_WORDS],
      },
      facts,
    );
  },
};

function over(incident: Incident, facts: AlertFacts): View {
  const { subject, detail } = incident;
  const after = `${duration(lasted(incident))} after the alert`;
  const isAll = subject === ALL;
  return modelAlert(
    {
      headline: isAll ? 'Listed files can be read again' : 'No longer a listed file that cannot be read',
      about: isAll ? '' : String(detail.label),
      tone: 'ok',
      lines: [
        isAll
          ? `Few or none are missing now, ${after}.`
          : `It can be read again, or the hub lists it no longer, ${after}.`,
      ],
      actions: statusButton(detail),
      sources: [HUB_WORDS, STORAGE_WORDS],
    },
    facts,
  );
}
