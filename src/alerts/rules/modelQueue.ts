import { judgeQueue, type ModelThresholds } from '../../insight/registrationQueue.ts';
import { HUB_SOURCE, STORAGE_SOURCE } from '../../lib/modelFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import { HUB_WORDS, MODEL_FAMILY, modelAlert, modelSample, queueButton, STORAGE_WORDS } from '../modelRule.ts';
import { lasted } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/** Fewer than this many more arrivals than listings are chance. */
const MIN_EXCESS = 5;
const CLEAR_SECONDS = 600;
/** The hour looks back an hour: what must hold longer than that would never be told of a burst. */
const MAX_FOR_SECONDS = 3_000;

/** More uploads arrive than the hub lists, over an hour. For those who follow everything. */
export function modelQueue({ lateSeconds }: ModelThresholds): Rule {
  const forSeconds = Math.min(lateSeconds, MAX_FOR_SECONDS);
  return {
    id: 'model.queue',
    family: MODEL_FAMILY,
    summary: `Over an hour ${MIN_EXCESS} or more uploads were stored above those that were listed: the queue grows.`,
    levels: { growing: { severity: 'warning', forSeconds } },
    clearSeconds: CLEAR_SECONDS,
    clears: 'about as many are listed as arrive',
    threshold: null,
    dependsOn: [HUB_SOURCE, STORAGE_SOURCE],
    facts: 'models',
    samples(facts) {
      const { models, nowMs } = facts;
      if (models === null) return [];
      const queue = judgeQueue({ ...models, nowMs });
      const arrivals = queue.arrivalsLastHour;
      const listings = queue.listingsLastHour;
      if (arrivals === null || listings === null)
        return [modelSample(facts, { subject: 'queue', verdict: 'unknown', level: '', detail: {} })];
      const isGrowing = queue.growing && arrivals - listings >= MIN_EXCESS;
      return [
        modelSample(facts, {
          subject: 'queue',
          verdict: isGrowing ? 'bad' : 'clear',
          topics: ['queue:growing'],
          level: 'growing',
          detail: {
            label: 'registration queue',
            ...{ arrivals, listings, waiting: queue.count, oldestSeconds: queue.oldestSeconds, cases: queue.cases },
            ...{ projectedWaitSeconds: queue.projectedWaitSeconds, pattern: queue.pattern },
          },
        }),
      ];
    },
    text(kind, incident, facts) {
      const { arrivals, listings, waiting, projectedWaitSeconds, cases } = incident.detail;
      const isOver = kind === 'resolved';
      const counts = `${Number(arrivals)} stored and ${Number(listings)} listed in the last hour`;
      return modelAlert(
        {
          headline: isOver ? 'Registration queue no longer grows' : 'Registration queue grows',
          about: '',
          tone: isOver ? 'ok' : 'degraded',
          lines: isOver
            ? [
                `${counts}, ${duration(lasted(incident))} after the alert; ${plural(Number(waiting), 'upload')} still waiting.`,
              ]
            : [
                [{ strong: counts }, `; ${plural(Number(waiting), 'upload')} waiting.`],
                projectedWaitSeconds === null
                  ? `How long a new one will wait cannot be said (${plural(Number(cases), 'case')} in the past week).`
                  : `At this pace a new one waits about ${duration(Number(projectedWaitSeconds))} (${plural(Number(cases), 'case')} in the past week).`,
              ],
          actions: [queueButton],
          sources: [HUB_WORDS, STORAGE_WORDS],
        },
        facts,
      );
    },
  };
}
