import { nodeLabel, shortNodeId } from '../../insight/nodeLabel.ts';
import { type ModeProofs, type NodeProofs, nodeProofs } from '../../insight/nodeProofs.ts';
import { proofLabel } from '../../insight/proofLabels.ts';
import type { ProofMode } from '../../lib/proofFacts.ts';
import { duration, percent, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findNode, nodeOption } from '../findNode.ts';
import { notReadYet } from '../networkFacts.ts';
import { WINDOW_NAMES, type Window } from '../nodeHours.ts';
import {
  MODE_WORDS,
  nodeSource,
  proofsNotRead,
  proofWindow,
  readProofSources,
  seconds,
  sinceLines,
  windowOption,
} from '../proofView.ts';

const MODES: readonly ProofMode[] = ['batch', 'individual'];

export const proofNode: Command = {
  path: ['proof', 'node'],
  summary: 'One node’s proofs: settled, valid, and its delay against the others',
  options: [nodeOption, windowOption],
  permission: 'everyone',
  examples: ['proof node 0x12ab34cd56ef', 'proof node 13.59.207.188 7d'],
  async run(context, { args }): Promise<View> {
    const name = (args.window ?? '24h') as Window;
    const sources = await readProofSources(context);
    if (sources.network === null) return await notReadYet(context);
    const found = findNode(sources.network, String(args.node), (id) => `proof node ${id} ${name}`);
    if ('instead' in found) return found.instead;
    const { node } = found;
    const id = shortNodeId(node.health.current?.teeId ?? '');
    if (sources.facts === null) return proofsNotRead(sources, 'Proofs of a node', `proof node ${id} ${name}`);
    const window = await proofWindow(context, sources, name);
    const { fromHour, toHour } = window;
    const proofs = nodeProofs(node.id, await context.store.proofs.byNode({ fromHour, toHour }));
    const last = sources.facts.nodes.find(({ nodeId }) => nodeId === node.id);
    return {
      title: `Proofs of ${nodeLabel(node)}, last ${name}`,
      tone: proofs.validShare === null ? 'unknown' : proofs.validShare < 1 ? 'degraded' : 'ok',
      lines: [
        [{ strong: headline(proofs, name) }],
        ...sources.warning,
        ...sinceLines(window),
        ...(proofs.valid === proofs.settled
          ? []
          : ['Anyone may settle a forged answer in its name: what is not valid does not by itself accuse the node.']),
        ...MODES.flatMap((mode) => modeLines(mode, proofs[mode], context)),
        last === undefined
          ? 'No valid proof of it is known within 7 days.'
          : ['Its newest valid proof was settled ', { time: last.lastSettledAtSeconds }, '.'],
        'Delay is from signing to settling, valid answers only; a node signs, the facilitator settles.',
      ],
      actions: [
        ...WINDOW_NAMES.map((one) => ({ label: one, command: `proof node ${id} ${one}` })),
        { label: 'Delay', command: `proof delay ${id} ${name}`, mode: 'reply' as const },
        { label: 'Status', command: `node status ${id}`, mode: 'reply' as const },
      ],
      asOf: sources.stamp.asOf,
      sources: [...sources.stamp.sources, ...nodeSource(sources)],
    };
  },
};

function headline({ settled, valid, validShare, ...modes }: NodeProofs, window: Window): string {
  if (validShare === null) return `No answer of it was settled in the last ${window}, as far as is known.`;
  const ranks = MODES.flatMap((mode) => {
    const { rank } = modes[mode];
    return rank === null || rank.of < 2 ? [] : [`${MODE_WORDS[mode].toLowerCase()} ${rank.place} of ${rank.of}`];
  });
  const place = ranks.length === 0 ? '' : ` By p90 delay, fastest first: ${ranks.join(', ')}.`;
  return `${plural(settled, 'answer')} settled, ${valid === settled ? 'all' : `${valid} (${percent(validShare)})`} valid.${place}`;
}

function modeLines(mode: ProofMode, proofs: ModeProofs, { proofThresholds }: BotContext): Line[] {
  const { settled, valid, p50Seconds, p90Seconds } = proofs;
  const name = { strong: MODE_WORDS[mode] };
  if (settled === 0) return [[name, ': none settled.']];
  if (p50Seconds === null || p90Seconds === null) {
    return [[name, `: ${valid} of ${settled} valid; too few to speak of a delay (5 are needed).`]];
  }
  const label = proofLabel(mode, p90Seconds, true, proofThresholds);
  const own = `p50 ${duration(p50Seconds)}, p90 ${duration(p90Seconds)} (${label})`;
  return [[name, `: ${valid} of ${settled} valid; ${own}; ${othersWords(proofs)}.`]];
}

function othersWords({ others }: ModeProofs): string {
  if (others === null) return 'no others to compare it with (5 valid ones of theirs are needed)';
  const share = others.validShare === null ? '' : `, ${percent(others.validShare)} valid`;
  return `the other ${plural(others.nodes, 'node')}: p50 ${seconds(others.p50Seconds)}, p90 ${seconds(others.p90Seconds)}${share}`;
}
