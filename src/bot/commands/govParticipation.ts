import type { View } from '../../lib/view.ts';
import { errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import { endedVotes, endedVotesView, endedWords } from '../endedVotes.ts';
import { epochView } from '../epochView.ts';
import { findGauges, GAUGE_KINDS } from '../gaugeView.ts';
import { findSources, networkOption, notReadOf } from '../governanceSources.ts';
import { DEFAULT_WINDOW, WINDOW_NAMES } from '../participationWindows.ts';
import { PROPOSAL_KINDS } from '../readProposals.ts';

export const govParticipation: Command = {
  path: ['gov', 'participation'],
  summary: 'Who takes part: turnout by power and by wallets, and who came back, epoch by epoch',
  options: [
    networkOption,
    {
      name: 'window',
      summary: `How far back; ${DEFAULT_WINDOW} if not said`,
      type: 'text',
      required: false,
      choices: WINDOW_NAMES,
    },
  ],
  permission: 'everyone',
  examples: ['gov participation', 'gov participation bedrock 400d', 'gov participation opengradient'],
  async run(context, { args }): Promise<View> {
    const window = String(args.window ?? DEFAULT_WINDOW);
    const again = (network?: string): string =>
      `gov participation${network === undefined ? '' : ` network:${network}`}${args.window === undefined ? '' : ` window:${window}`}`;
    const words = { what: 'votes', again };
    const found = await findSources(context, args.network, [...GAUGE_KINDS, ...PROPOSAL_KINDS], words);
    if ('instead' in found) return found.instead;
    const [only] = found;
    if (found.length > 1 || only === undefined) {
      const actions = found.slice(0, 5).map(({ network: { name, title } }) => ({ label: title, command: again(name) }));
      return errorView('Which network?', ['Several are voted in: choose one.'], actions);
    }
    const has = (kinds: readonly string[]): boolean => only.origins.some(({ kind }) => kinds.includes(kind));
    const { name } = only.network;
    if (!has(GAUGE_KINDS)) {
      if (only.isUnread) return notReadOf([only], 'Votes', again(name));
      return endedVotesView(only, await endedVotes(context, only, window), window, again);
    }
    const gauges = await findGauges(context, name, words);
    if ('instead' in gauges) return gauges.instead;
    const also = has(PROPOSAL_KINDS)
      ? [`Proposals: ${endedWords(await endedVotes(context, only, window), window)}`]
      : [];
    return epochView(gauges, window, again, also);
  },
};
