/** Rules that tell of something that happened (`Rule.isNews`), by their ids: known also where the rules are not at hand. */
const NEWS: ReadonlySet<string> = new Set([
  'model.listed',
  'model.version',
  'proof.party',
  'watch.settled',
  'gov.proposal',
  'gov.ends-24h',
  'gov.ends-6h',
  'gov.ends-1h',
  'gov.result',
  'gov.large-vote',
  'gov.validators',
  'gov.window',
  'gov.season',
  'gov.participation',
  'gov.concentration',
  'voter.ends-24h',
  'voter.ends-6h',
  'voter.ends-1h',
]);

/** Whether incidents of that rule are news: told once, over without a word, and counted as open nowhere. */
export const isNews = ({ rule }: { rule: string }): boolean => NEWS.has(rule);

/** How long something that happened is news: its incident stays for as long, so that a restart tells nothing again. */
export const NEWS_SECONDS = 86_400;
