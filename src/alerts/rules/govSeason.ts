import type { Line } from '../../lib/view.ts';
import { GOV_NEWS, type Happened, newsSamples } from '../govNews.ts';
import { type GovSources, gaugesNow, govAlert, networkButton } from '../govRule.ts';
import type { Rule } from '../rule.ts';

/** A new season of a vote escrow, which takes all power back to its start: announced, and begun. */
export const govSeason = (sources: GovSources): Rule => ({
  ...GOV_NEWS,
  id: 'gov.season',
  summary: 'A season reset of voting power is announced, or has begun; told once each.',
  levels: { season: { severity: 'info', forSeconds: 0 } },
  facts: 'gauges',
  readFrom: 'seasons of each vote escrow',
  samples(facts) {
    const news = gaugesNow(facts, sources).flatMap(({ book, at, knownSinceSeconds }) => {
      if (knownSinceSeconds === null) return [];
      const happened = (what: string, index: number, atSeconds: number, startSeconds: number): Happened[] => {
        if (atSeconds < knownSinceSeconds || atSeconds > at.clockSeconds) return [];
        const detail = () => ({ label: `${at.network.title}, season ${index}`, what, index, startSeconds });
        const atMs = at.readAtMs + (atSeconds - at.clockSeconds) * 1000;
        return [{ at, atMs, sample: { subject: `${what}:${at.source}:${index}`, level: 'season', detail } }];
      };
      return book.state.seasons.flatMap(({ index, startSeconds, announcedAtSeconds }) => [
        ...(announcedAtSeconds < startSeconds ? happened('announced', index, announcedAtSeconds, startSeconds) : []),
        ...happened('begun', index, startSeconds, startSeconds),
      ]);
    });
    return newsSamples('seasons', news, facts);
  },
  text(_kind, { detail }, facts) {
    const isBegun = detail.what === 'begun';
    const time = { time: Number(detail.startSeconds) };
    const lines: Line[] = [
      isBegun
        ? [{ strong: `Season ${String(detail.index)} has begun` }, ' ', time, ': votes and grown power are reset.']
        : [{ strong: 'A season reset is announced' }, ' for ', time, ': votes and grown power end then.'],
      'Shares by power are not comparable across a reset; numbers of wallets are. Who votes again counts again.',
    ];
    return govAlert(
      {
        headline: isBegun ? 'Season begun' : 'Season reset announced',
        about: String(detail.label),
        tone: 'info',
        lines,
        actions: [networkButton('Epoch', 'gov epoch', detail)],
      },
      detail,
      facts,
    );
  },
});
