import { toSeconds } from '../../lib/clock.ts';
import { HUB_SOURCE, USE_SOURCE } from '../../lib/modelFacts.ts';
import { plural } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { crowded, crowdSpeaks } from '../crowd.ts';
import type { Incident } from '../incident.ts';
import {
  HUB_WORDS,
  MODEL_FAMILY,
  modelAlert,
  modelLabel,
  modelSample,
  shortBlob,
  statusButton,
  topicsOf,
  USE_WORDS,
  unlessHidden,
} from '../modelRule.ts';
import type { AlertFacts, Rule } from '../rule.ts';

const ID = 'model.unlisted';
const ALL = 'models';
/** The hub is swept in turns: what is listed shows within this time. */
const FOR_SECONDS = 3_600;

/** A stored file that contracts use and the hub lists nowhere. Often on purpose, so it is only noted. */
export const modelUnlisted: Rule = {
  id: ID,
  family: MODEL_FAMILY,
  summary: 'A model file is used on chain and the hub lists it nowhere, an hour after it was first seen.',
  levels: { used: { severity: 'info', forSeconds: FOR_SECONDS } },
  clearSeconds: 0,
  clears: 'the hub lists it, or a week passes without use',
  threshold: null,
  dependsOn: [HUB_SOURCE, USE_SOURCE],
  facts: 'models',
  inhibits: crowdSpeaks(ID, (subject) => subject === ALL),
  samples(facts) {
    const { usedUnlisted = [], listed = [], unseenModels = 0 } = facts.models ?? {};
    const oldestFirst = [...usedUnlisted].sort(
      (a, b) => a.firstSeenAtMs - b.firstSeenAtMs || (a.blobId < b.blobId ? -1 : 1),
    );
    const members = oldestFirst.map((one) => ({
      isFollowed: false,
      sample: modelSample(facts, {
        subject: `blob:${one.blobId}`,
        verdict: 'bad',
        topics: topicsOf({ blobIds: [one.blobId] }),
        level: 'used',
        detail: {
          label: `file ${shortBlob(one.blobId)}`,
          ...{ blobId: one.blobId, uses: one.uses, lastUsedAtSeconds: one.lastUsedAtSeconds, unseenModels },
        },
        sinceSeconds: toSeconds(one.firstSeenAtMs),
      }),
    }));
    const detail = { label: 'used, not listed', count: oldestFirst.length };
    const whole = modelSample(facts, {
      subject: ALL,
      topics: ['queue:unlisted'],
      verdict: 'bad',
      level: 'used',
      detail,
    });
    const now = listed.map((one) =>
      modelSample(facts, {
        subject: `blob:${one.blobId}`,
        verdict: 'clear',
        level: 'used',
        detail: { because: 'listed', model: modelLabel(one) },
      }),
    );
    const bad = new Set(oldestFirst.map(({ blobId }) => `blob:${blobId}`));
    return unlessHidden([...crowded(members, whole), ...now.filter(({ subject }) => !bad.has(subject))], facts);
  },
  text: (kind, incident, facts) => (kind === 'resolved' ? over(incident, facts) : used(incident, facts)),
};

function used({ subject, detail }: Incident, facts: AlertFacts): View {
  const unseen = Number(detail.unseenModels ?? 0);
  const isAll = subject === ALL;
  return modelAlert(
    {
      headline: isAll ? 'Models used, not listed' : 'Model used, not listed',
      about: isAll ? plural(Number(detail.count), 'file') : String(detail.label),
      tone: 'info',
      lines: isAll
        ? [
            [
              { strong: `${plural(Number(detail.count), 'file')} used on chain within a week, listed nowhere` },
              '. Told as one.',
            ],
          ]
        : [
            [
              { strong: `Used on chain (${plural(Number(detail.uses), 'time')}), listed nowhere` },
              ', last ',
              { time: Number(detail.lastUsedAtSeconds) },
              '.',
            ],
            'A private model looks the same; so does one whose registration is stuck.',
            ...(unseen > 0
              ? [`The hub does not show the files of ${plural(unseen, 'model')}: it may be listed there.`]
              : []),
            ['File: ', { code: String(detail.blobId) }],
          ],
      actions: statusButton(detail),
      sources: [USE_WORDS, HUB_WORDS],
    },
    facts,
  );
}

function over({ subject, detail }: Incident, facts: AlertFacts): View {
  const isListed = detail.because === 'listed';
  const isAll = subject === ALL;
  const line = isListed
    ? `The hub lists it in ${String(detail.model)} now.`
    : isAll
      ? 'Few or none are used without being listed now.'
      : 'It was not used for a week, or is listed by now.';
  return modelAlert(
    {
      headline: isListed ? 'Listed now' : 'No longer used without being listed',
      about: isAll ? '' : String(detail.label),
      tone: isListed ? 'ok' : 'info',
      lines: [line],
      actions: statusButton(detail),
      sources: [HUB_WORDS, USE_WORDS],
    },
    facts,
  );
}
