import type { GovThresholds } from '../../insight/govThresholds.ts';
import { medianDrop } from '../../insight/medianDrop.ts';
import { percent } from '../../lib/units.ts';
import { endedEpochs } from '../endedEpochs.ts';
import { GOV_NEWS, type Happened, newsSamples } from '../govNews.ts';
import { type GaugesNow, type GovSources, gaugesNow, govAlert, networkButton } from '../govRule.ts';
import { participationOf } from '../participationOf.ts';
import type { Rule } from '../rule.ts';

/** Fewer took part in an epoch than in the four before it. */
export const govParticipation = (thresholds: GovThresholds, sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.participation',
  summary: `Participation in an epoch is ${thresholds.participationDropPercent} % or more below the median of the four epochs before; told once.`,
  levels: { low: { severity: 'info', forSeconds: 0 } },
  facts: 'gauges',
  readFrom: 'gauge votes of each network',
  samples: (facts) =>
    newsSamples(
      'epochs',
      gaugesNow(facts, sources).flatMap((now) => dropOf(now, thresholds)),
      facts,
    ),
  text(_kind, { detail }, facts) {
    const byTurnout = detail.measure === 'turnout by wallets';
    const shown = (value: unknown): string => (byTurnout ? percent(Number(value)) : String(value));
    const measure = byTurnout ? 'Turnout by wallets' : 'The number of voting wallets';
    return govAlert(
      {
        headline: 'Participation fell',
        about: String(detail.label),
        tone: 'degraded',
        lines: [
          [
            { strong: `${measure} was ${shown(detail.now)}` },
            `, ${percent(Number(detail.drop))} below the median of the four epochs before (${shown(detail.median)}).`,
          ],
          ...(detail.acrossReset === true
            ? ['A season began within these epochs: power is not comparable across it, wallets are.']
            : []),
          'Wallets are not people.',
        ],
        actions: [networkButton('Participation', 'gov participation', detail)],
      },
      detail,
      facts,
    );
  },
});

function dropOf(now: GaugesNow, { participationDropPercent }: GovThresholds): Happened[] {
  const { book, at } = now;
  const ended = endedEpochs(now);
  if (ended.length === 0 || book.completeSinceSeconds === null) return [];
  const all = participationOf(book);
  return ended.flatMap(({ epoch, atMs }) => {
    // As it was at its end, whatever was voted after it.
    const drop = medianDrop(
      all.filter((one) => one.epoch <= epoch),
      participationDropPercent,
    );
    if (drop === null || !drop.isBelow || drop.epoch !== epoch) return [];
    const { measure, median, acrossReset } = drop;
    const detail = () => ({
      label: `${at.network.title}, epoch ${epoch}`,
      ...{ measure, median, acrossReset, now: drop.now, drop: drop.drop },
    });
    return [{ at, atMs, sample: { subject: `participation:${at.source}:${epoch}`, level: 'low', detail } }];
  });
}
