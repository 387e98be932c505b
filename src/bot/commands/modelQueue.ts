import {
  judgeQueue,
  type Lateness,
  latenessOf,
  MIN_CASES,
  type QueueFindings,
} from '../../insight/registrationQueue.ts';
import { toSeconds } from '../../lib/clock.ts';
import { duration, percent, plural } from '../../lib/units.ts';
import type { Field, Line, View } from '../../lib/view.ts';
import type { ModelFacts } from '../../store/modelRepository.ts';
import type { Command } from '../command.ts';
import { shortBlob } from '../findModel.ts';
import { readModelSources } from '../modelView.ts';
import { pageOf } from '../pages.ts';

const WHO =
  'Counted are uploads that somebody handed to /model watch or that the chain shows in use: storage has no public list.';

export const modelQueue: Command = {
  path: ['model', 'queue'],
  summary: 'Uploads that wait to be listed: how many, how long, one by one or stuck',
  options: [{ name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 1_000 }],
  permission: 'everyone',
  examples: ['model queue'],
  async run(context, { args }): Promise<View> {
    const nowMs = context.clock.now();
    const sources = await readModelSources(context);
    const warning = [...sources.warning, ...sources.storageWarning];
    const facts = await context.store.models.facts(nowMs);
    if (facts === null) {
      return {
        title: 'Registration queue: not known yet',
        tone: 'unknown',
        lines: ['Neither the hub nor storage has been read yet.', ...warning, WHO],
        actions: [],
        ...sources.stamp,
      };
    }
    const found = judgeQueue({ nowMs, ...facts });
    const lateness = latenessOf(facts.waits, context.modelThresholds);
    const isLate = (found.oldestSeconds ?? 0) > lateness.warnSeconds;
    const isWrong = isLate || found.growing || found.pattern === 'stuck';
    const { shown, number, of } = pageOf(facts.waiting, args.page);
    return {
      title: `Registration queue: ${found.count > 0 ? plural(found.count, 'upload') : warning.length > 0 ? 'none known' : 'empty'}`,
      tone: warning.length > 0 ? 'unknown' : isWrong ? 'degraded' : 'ok',
      lines: [
        [{ strong: headline(found) }],
        ...warning,
        patternLine(found),
        latenessLine(lateness),
        ...shown.map((one) => row(one, lateness, nowMs)),
        ...limits(facts),
        WHO,
      ],
      fields: fieldsOf(found, facts.arrivalsPerHour.length),
      actions: [
        { label: 'Refresh', command: 'model queue' },
        ...shown.slice(0, 3).map(({ blobId }) => ({
          label: shortBlob(blobId),
          command: `model status ${blobId}`,
          mode: 'reply' as const,
        })),
      ],
      ...(of > 1 ? { page: { number, of, command: 'model queue' } } : {}),
      ...sources.stamp,
    };
  },
};

const latenessLine = ({ from, warnSeconds, cases }: Lateness): string =>
  `Late is what waits longer than ${duration(warnSeconds)}: ${from === 'past week' ? `p95 of the past week’s ${cases} cases` : 'the default, as the past week has fewer than 20 cases'}.`;

function row({ blobId, storedAtMs, storage }: ModelFacts['waiting'][number], lateness: Lateness, nowMs: number): Line {
  return [
    `${lateMark((nowMs - storedAtMs) / 1000, lateness)} `,
    { code: shortBlob(blobId) },
    storage === 'missing' ? ' stored, no longer readable, ' : ' stored ',
    { time: toSeconds(storedAtMs) },
    ', first seen',
  ];
}

/** What these numbers cannot know. */
const limits = ({ waitingCount, waiting, unseenModels }: ModelFacts): Line[] => [
  ...(waitingCount > waiting.length
    ? [`Of ${waitingCount} only ${waiting.length} are listed here, those that a chat follows first.`]
    : []),
  ...(unseenModels === 0
    ? []
    : [`The hub does not show the files of ${plural(unseenModels, 'model')}: some of these may be listed there.`]),
];

const lateMark = (seconds: number, { warnSeconds, criticalSeconds }: Lateness): string =>
  seconds > criticalSeconds ? '🔴' : seconds > warnSeconds ? '🟡' : '•';

function headline({ count, oldestSeconds, growing }: QueueFindings): string {
  if (count === 0) return 'Nothing that is followed waits to be listed.';
  const oldest = oldestSeconds === null ? '' : `, the oldest for ${duration(oldestSeconds)}`;
  return `${plural(count, 'upload')} stored and not listed${oldest}${growing ? '; the queue grows' : ''}.`;
}

function patternLine({ pattern, batch, orderKept, cases }: QueueFindings): Line {
  if (pattern === null)
    return `One by one, batched or stuck: not known, ${plural(cases, 'case')} in 7 days (${MIN_CASES} are needed).`;
  const together = batch === null ? '' : `at each look ${batch.median} at a time, ${batch.largest} at most`;
  const order = orderKept === null ? '' : `; order kept in ${percent(orderKept)} of neighbours`;
  const seen =
    together === '' ? '' : pattern === 'stuck' ? ` Before that ${together}${order}.` : ` ${capital(together)}${order}.`;
  return [
    { strong: capital(pattern) },
    `${pattern === 'stuck' ? ': nothing was listed for two hours' : ''} (${plural(cases, 'case')} in 7 days).${seen}`,
  ];
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function fieldsOf(found: QueueFindings, hours: number): Field[] {
  const seconds = (value: number | null): string => (value === null ? 'not known' : duration(value));
  const rate = (value: number | null): string =>
    value === null ? 'not known' : value.toFixed(value > 0 && value < 1 ? 2 : 1);
  return [
    {
      name: 'Wait, 7 days',
      value: `median ${seconds(found.medianSeconds)}, p90 ${seconds(found.p90Seconds)} (${plural(found.cases, 'case')})`,
    },
    {
      name: `An hour, over ${hours} h`,
      value: `${rate(found.arrivalsPerHour)} arrive, ${rate(found.listingsPerHour)} are listed`,
    },
    {
      name: 'Last hour',
      value: `${found.arrivalsLastHour ?? 'unknown'} arrived, ${found.listingsLastHour ?? 'unknown'} were listed`,
    },
    {
      name: 'Projected wait',
      value:
        found.projectedWaitSeconds === null
          ? `not projected: ${found.cases < MIN_CASES ? `below ${MIN_CASES} cases` : 'nothing is being listed'}`
          : `${duration(found.projectedWaitSeconds)} (Little’s law: waiting divided by listings an hour)`,
    },
  ];
}
