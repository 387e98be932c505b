import { type Lateness, latenessOf, type ModelThresholds } from '../../insight/registrationQueue.ts';
import { toSeconds } from '../../lib/clock.ts';
import { HUB_SOURCE, STORAGE_SOURCE, type StorageState } from '../../lib/modelFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import { crowded, crowdSpeaks } from '../crowd.ts';
import type { Incident } from '../incident.ts';
import {
  HUB_WORDS,
  MODEL_FAMILY,
  modelAlert,
  modelLabel,
  modelSample,
  queueButton,
  STORAGE_WORDS,
  shortBlob,
  statusButton,
  topicsOf,
  unlessHidden,
} from '../modelRule.ts';
import { lasted } from '../nodeRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

const ID = 'model.late';
const LATE = 'late';
const VERY_LATE = 'very-late';
const QUEUE = 'queue';
const MAX_THRESHOLD_SECONDS = 7 * 86_400;
const THRESHOLD_STEP_SECONDS = 60;

type Waiting = NonNullable<AlertFacts['models']>['waiting'][number];

/**
 * An upload that storage has and the hub does not list for longer than usual. Of very many at once: one incident with their number,
 * and one each for the oldest and for those that somebody follows.
 */
export function modelLate(thresholds: ModelThresholds): Rule {
  const { lateSeconds, lateCriticalSeconds } = thresholds;
  return {
    id: ID,
    family: MODEL_FAMILY,
    summary: `Stored and not listed after the p95 of the past week (20 cases), else after ${duration(lateSeconds)}; very late after ${duration(lateCriticalSeconds)}.`,
    levels: { [LATE]: { severity: 'warning', forSeconds: 0 }, [VERY_LATE]: { severity: 'critical', forSeconds: 0 } },
    clearSeconds: 0,
    clears: 'the hub lists it',
    threshold: {
      what: 'time since it was first seen stored',
      unit: 's',
      default: lateSeconds,
      min: lateSeconds,
      max: Math.max(MAX_THRESHOLD_SECONDS, lateSeconds + THRESHOLD_STEP_SECONDS),
      step: THRESHOLD_STEP_SECONDS,
    },
    dependsOn: [HUB_SOURCE, STORAGE_SOURCE],
    facts: 'models',
    inhibits: crowdSpeaks(ID, (subject) => subject === QUEUE),
    samples: (facts) => unlessHidden(samplesOf(facts, thresholds), facts),
    text(kind, incident, facts) {
      if (incident.subject === QUEUE)
        return kind === 'resolved' ? queueOver(incident, facts) : queueLate(incident, facts);
      return kind === 'resolved' ? listed(incident, facts) : late(incident, facts);
    },
  };
}

function samplesOf(facts: AlertFacts, thresholds: ModelThresholds): Sample[] {
  const { models, nowMs } = facts;
  if (models === null) return [];
  const lateness = latenessOf(models.waits, thresholds);
  const oldestFirst = [...models.waiting].sort(
    (a, b) => a.storedAtMs - b.storedAtMs || (a.blobId < b.blobId ? -1 : a.blobId > b.blobId ? 1 : 0),
  );
  const isLate = (one: Waiting): boolean => ageOf(one, nowMs) > lateness.warnSeconds;
  const late = oldestFirst.filter(isLate);
  const oldest = late[0] === undefined ? 0 : ageOf(late[0], nowMs);
  const whole = modelSample(facts, {
    subject: QUEUE,
    verdict: 'bad',
    // For those who follow everything: who follows one upload hears of that one.
    topics: ['queue:late'],
    level: levelOf(oldest, lateness),
    value: oldest,
    detail: {
      label: 'registration queue',
      count: late.length,
      isCut: models.waitingCount > models.waiting.length,
      ...usual(lateness),
    },
  });
  return [
    ...crowded(
      late.map((one) => ({ sample: sampleOf(one, facts, lateness), isFollowed: one.isFollowed })),
      whole,
    ),
    // What counts as late moves with the past week: who was told of one hears its end when it is listed, and not before.
    ...oldestFirst
      .filter((one) => !isLate(one))
      .map((one) => ({ ...sampleOf(one, facts, lateness), onlyIfOpen: true })),
    ...models.listed.map((one) =>
      modelSample(facts, {
        subject: `blob:${one.blobId}`,
        verdict: 'clear',
        level: LATE,
        detail: { because: 'listed', model: modelLabel(one), waitSeconds: one.waitSeconds },
      }),
    ),
  ];
}

const ageOf = ({ storedAtMs }: Pick<Waiting, 'storedAtMs'>, nowMs: number): number =>
  Math.max(0, toSeconds(nowMs - storedAtMs));

const levelOf = (ageSeconds: number, { criticalSeconds }: Lateness): string =>
  ageSeconds > criticalSeconds ? VERY_LATE : LATE;

const usual = ({ from, cases, warnSeconds }: Lateness): Record<string, unknown> => ({ from, cases, warnSeconds });

function sampleOf(one: Waiting, facts: AlertFacts, lateness: Lateness): Sample {
  const age = ageOf(one, facts.nowMs);
  return modelSample(facts, {
    subject: `blob:${one.blobId}`,
    verdict: 'bad',
    topics: topicsOf({ blobIds: [one.blobId] }),
    level: levelOf(age, lateness),
    value: age,
    detail: {
      label: `upload ${shortBlob(one.blobId)}`,
      blobId: one.blobId,
      storedAtSeconds: toSeconds(one.storedAtMs),
      storage: one.storage,
      unseenModels: facts.models?.unseenModels ?? 0,
      ...usual(lateness),
    },
  });
}

/** By what "late" is measured, and on how many cases. */
function measure({ detail }: Incident): string {
  const after = duration(Number(detail.warnSeconds));
  const cases = plural(Number(detail.cases), 'case');
  return detail.from === 'past week'
    ? `Late is more than ${after}: 95 % of the past week’s took no longer (${cases}).`
    : `Late is more than ${after}, the default: the past week has too few to go by (${cases}).`;
}

function late(incident: Incident, facts: AlertFacts): View {
  const { detail, level } = incident;
  const isVery = level === VERY_LATE;
  const ageSeconds = toSeconds(facts.nowMs) - Number(detail.storedAtSeconds);
  const unseen = Number(detail.unseenModels);
  return modelAlert(
    {
      headline: isVery ? 'Registration very late' : 'Registration late',
      about: String(detail.label),
      tone: isVery ? 'down' : 'degraded',
      lines: [
        [
          { strong: `Stored for ${duration(ageSeconds)} and not listed on the hub` },
          ', first seen by this bot ',
          { time: Number(detail.storedAtSeconds) },
          '.',
        ],
        ...storageLines(detail.storage as StorageState),
        measure(incident),
        ...(unseen > 0
          ? [`The hub does not show the files of ${plural(unseen, 'model')}: it may be listed there.`]
          : []),
        ['File: ', { code: String(detail.blobId) }],
      ],
      actions: [...statusButton({ blobId: detail.blobId }), queueButton],
      sources: [HUB_WORDS, STORAGE_WORDS],
    },
    facts,
  );
}

const storageLines = (storage: StorageState): Line[] =>
  storage === 'missing'
    ? [[{ strong: 'Storage does not have it any more' }, ': upload it again before anything else.']]
    : [];

function listed(incident: Incident, facts: AlertFacts): View {
  const { detail } = incident;
  const frame = { about: String(detail.label), actions: statusButton({ blobId: detail.blobId }), sources: [HUB_WORDS] };
  if (detail.because !== 'listed') {
    const line = 'Whether it was listed is not known: it is no longer among the uploads that wait.';
    return modelAlert({ ...frame, headline: 'No longer counted as waiting', tone: 'info', lines: [line] }, facts);
  }
  const after = `${duration(lasted(incident))} after the alert`;
  const wait =
    typeof detail.waitSeconds === 'number' ? ` It took ${duration(detail.waitSeconds)} from stored to listed.` : '';
  const lines: Line[] = [[{ strong: `The hub lists it in ${String(detail.model)}` }, `, ${after}.${wait}`]];
  return modelAlert({ ...frame, headline: 'Registration done', tone: 'ok', lines }, facts);
}

const counted = ({ detail }: Incident): string =>
  `${detail.isCut === true ? 'At least ' : ''}${plural(Number(detail.count), 'upload')}`;

function queueLate(incident: Incident, facts: AlertFacts): View {
  return modelAlert(
    {
      headline: 'Registrations late',
      about: plural(Number(incident.detail.count), 'upload'),
      tone: incident.level === VERY_LATE ? 'down' : 'degraded',
      lines: [
        [
          { strong: `${counted(incident)} stored and not listed for too long` },
          ', the oldest for ',
          `${duration(Number(incident.value))}.`,
        ],
        measure(incident),
        'Told as one; whoever follows one of them by its id hears of that one.',
      ],
      actions: [queueButton],
      sources: [HUB_WORDS, STORAGE_WORDS],
    },
    facts,
  );
}

function queueOver(incident: Incident, facts: AlertFacts): View {
  const line = `Few or none are late any more, ${duration(lasted(incident))} after the alert. Those that still are are told one by one.`;
  const frame = { about: '', actions: [queueButton], sources: [HUB_WORDS] };
  return modelAlert(
    { ...frame, headline: 'Registrations no longer late as a whole', tone: 'ok', lines: [line] },
    facts,
  );
}
