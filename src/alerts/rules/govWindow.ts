import { amount } from '../../lib/amount.ts';
import { percent, plural } from '../../lib/units.ts';
import type { Line } from '../../lib/view.ts';
import { endedEpochs } from '../endedEpochs.ts';
import { GOV_NEWS, type Happened, newsSamples } from '../govNews.ts';
import { type GaugesNow, type GovSources, gaugesNow, govAlert, networkButton } from '../govRule.ts';
import { participationOf } from '../participationOf.ts';
import type { Rule } from '../rule.ts';

/** The time in an epoch in which can be voted on gauges opens, and closes with how many took part. */
export const govWindow = (sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.window',
  summary: 'The vote window of a gauge epoch opens, or closes with its participation; told once each.',
  levels: { window: { severity: 'info', forSeconds: 0 } },
  facts: 'gauges',
  readFrom: 'gauge votes of each network',
  samples: (facts) =>
    newsSamples(
      'vote windows',
      gaugesNow(facts, sources).flatMap((now) => [...opened(now), ...closed(now)]),
      facts,
    ),
  text(_kind, { detail }, facts) {
    const isOpen = detail.what === 'open';
    return govAlert(
      {
        headline: isOpen ? 'Gauge vote opened' : 'Gauge vote closed',
        about: String(detail.label),
        tone: 'info',
        lines: isOpen
          ? [[{ strong: 'Voting on gauges is open' }, ' until ', { time: Number(detail.endSeconds) }, '.'], STANDING]
          : closedLines(detail),
        actions: [
          networkButton('Epoch', 'gov epoch', detail),
          networkButton('Participation', 'gov participation', detail),
        ],
      },
      detail,
      facts,
    );
  },
});

const STANDING =
  'Votes of earlier epochs may stand on gauges until they are cast anew or reset; that is no vote in this one.';

function opened({ book, at, knownSinceSeconds }: GaugesNow): Happened[] {
  const { clock } = book.reading;
  if (clock === null || knownSinceSeconds === null) return [];
  const { epoch, voteStartSeconds, voteEndSeconds } = clock;
  const isOpen = voteStartSeconds <= at.clockSeconds && at.clockSeconds < voteEndSeconds;
  if (!isOpen || knownSinceSeconds > voteStartSeconds) return [];
  const detail = () => ({ label: `${at.network.title}, epoch ${epoch}`, what: 'open', endSeconds: voteEndSeconds });
  const atMs = at.readAtMs + (voteStartSeconds - at.clockSeconds) * 1000;
  return [{ at, atMs, sample: { subject: `open:${at.source}:${epoch}`, level: 'window', detail } }];
}

function closed(now: GaugesNow): Happened[] {
  const { book, at } = now;
  const ended = endedEpochs(now);
  if (ended.length === 0) return [];
  const all = participationOf(book);
  return ended.map(({ epoch, voteEndSeconds, atMs }) => {
    const found = all.find((one) => one.epoch === epoch);
    const detail = () => ({
      label: `${at.network.title}, epoch ${epoch}`,
      ...{ what: 'closed', endSeconds: voteEndSeconds, isKnown: book.completeSinceSeconds !== null },
      ...{ voters: found?.voters ?? 0, wallets: found?.eligibleWallets ?? null },
      ...{ byPower: found?.turnoutByPower ?? null, byWallets: found?.turnoutByWallets ?? null },
      cast: amount(found?.castWei ?? 0n, book.reading.unit),
      retention: found?.retention ?? null,
      acrossReset: found?.acrossReset ?? false,
    });
    return { at, atMs, sample: { subject: `closed:${at.source}:${epoch}`, level: 'window', detail } };
  });
}

function closedLines(detail: Record<string, unknown>): Line[] {
  const { endSeconds, isKnown, voters, byPower, byWallets, wallets, cast, retention, acrossReset } = detail;
  const end: Line = [{ strong: 'Voting on gauges is over' }, ' since ', { time: Number(endSeconds) }, '.'];
  if (isKnown !== true) return [end, 'How many took part is not known: its logs have not been read completely.'];
  const ofAll = typeof byWallets === 'number' ? ` of ${String(wallets)} that could (${percent(byWallets)})` : '';
  const power = typeof byPower === 'number' ? `, with ${percent(byPower)} of the power` : `, with ${String(cast)}`;
  const kept = retention as { kept: number; of: number } | null;
  return [
    [
      { strong: `${plural(Number(voters), 'wallet')} voted${ofAll}${power}` },
      '; over since ',
      { time: Number(endSeconds) },
      '.',
    ],
    ...(kept === null ? [] : [`Of ${plural(kept.of, 'voter')} of the epoch before, ${kept.kept} voted again.`]),
    ...(acrossReset === true ? ['A season began between the two: compare wallets, not power.'] : []),
    'Wallets are not people.',
  ];
}
