import { type ProofThresholds, proofLabel } from '../../insight/proofLabels.ts';
import type { Hex } from '../../lib/facts.ts';
import { cleanText, duration, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredProofWatch } from '../../store/proofRepository.ts';
import { SubscriptionLimit } from '../../store/subscriptionLimit.ts';
import { errorView } from '../answers.ts';
import type { Call, Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { readMention } from '../mentions.ts';
import { notReadYet } from '../networkFacts.ts';
import { hashProblem, readHash } from '../proofHash.ts';
import { LABEL_TONE, type ProofSources, readProofSources } from '../proofView.ts';
import { readSigned, signedOption } from '../signedOption.ts';
import { chatIsFull, chatOf, whyNotHere } from '../subscribe.ts';

/** That wait, of one person. */
const MAX_WAITING = 10;

type Kind = StoredProofWatch['kind'];

const KIND_WORDS: Readonly<Record<Kind, string>> = { tx: 'transaction', request: 'request hash' };

export const proofWatch: Command = {
  path: ['proof', 'watch'],
  summary: 'Follow one answer until it is proven, then tell you here',
  options: [
    {
      name: 'hash',
      summary: 'Transaction hash or request hash of the answer',
      type: 'text',
      required: true,
      check: hashProblem,
    },
    signedOption,
    {
      name: 'kind',
      summary: 'Which of both it is; else it is looked up',
      type: 'text',
      required: false,
      choices: ['tx', 'request'],
    },
  ],
  permission: 'everyone',
  needsChat: true,
  examples: ['proof watch 4f1e0c3d5b6a79881726354453627180a9b8c7d6e5f40312213243546576879a 5m'],
  async run(context, call): Promise<View> {
    const { args, caller, place } = call;
    const typed = String(args.hash);
    const hash = readHash(typed);
    // The option was checked: this only tells the compiler so.
    if (hash === null) return errorView('Nothing to watch', [hashProblem(typed) ?? '']);
    const sources = await readProofSources(context);
    // Without the chain's clock nothing can be called late.
    if (sources.network === null) return await notReadYet(context);
    const signed = args.signed === undefined ? null : readSigned(args.signed, sources.chainSeconds);
    if (signed !== null && typeof signed !== 'number') return errorView('That did not fit', [signed.problem]);
    const hindered = await whyNotHere(place);
    if (hindered !== null) return hindered;
    const understood = await kindOf(context, hash, typed, args.kind as Kind | undefined);
    if (understood === 'root') return rootView(hash);
    const mention = await readMention('me', call);
    const callsAsker = typeof mention === 'string';
    const added = await add(context, {
      kind: understood.kind,
      hash,
      signedAtSeconds: signed,
      createdAtSeconds: sources.chainSeconds,
      place: chatOf(place),
      mention: callsAsker ? mention : '',
      createdBy: `${caller.platform}:${caller.userId}`,
      maxWaiting: MAX_WAITING,
      nowMs: context.clock.now(),
    });
    if ('instead' in added) return added.instead;
    return viewOf(context, call, sources, { ...added, because: understood.because, callsAsker });
  },
};

/**
 * Both are 32 bytes. What is stored decides; else how it is written: transactions come with 0x everywhere, the hash that a node
 * returns with its answer without.
 */
async function kindOf(
  { store }: BotContext,
  hash: Hex,
  typed: string,
  said: Kind | undefined,
): Promise<{ kind: Kind; because: string } | 'root'> {
  if (said !== undefined) return { kind: said, because: 'as you said' };
  if ((await store.proofs.leavesOf(hash)).length > 0) return { kind: 'request', because: 'an answer to it is known' };
  const settlements = await store.proofs.byHash(hash);
  if (settlements.some(({ txHash, answer }) => txHash === hash || answer?.requestHash === hash)) {
    const isTx = settlements.some(({ txHash }) => txHash === hash);
    return { kind: isTx ? 'tx' : 'request', because: 'a settlement by it is known' };
  }
  if (settlements.some(({ root }) => root === hash)) return 'root';
  return /0x/i.test(typed)
    ? { kind: 'tx', because: 'it begins with 0x and no answer to such a request is known' }
    : { kind: 'request', because: 'it comes without 0x, as nodes write it' };
}

const rootView = (hash: Hex): View =>
  errorView(
    'That is a Merkle root',
    [
      'A batch by it is settled already. Watch an answer by its transaction or its request hash; a root can be checked.',
    ],
    [{ label: 'Check it', command: `proof check ${hash}` }],
  );

type Input = Parameters<BotContext['store']['proofs']['watch']>[0];

async function add(
  { store }: BotContext,
  input: Input,
): Promise<{ watch: StoredProofWatch; created: boolean } | { instead: View }> {
  try {
    const added = await store.proofs.watch(input);
    if (added !== 'limit') return added;
    const line = `You follow ${MAX_WAITING} answers that are not settled yet, as many as one person can. Wait for one, or remove it by its number in the list.`;
    return { instead: errorView('Too many at once', [line], [{ label: 'List', command: 'alerts list' }]) };
  } catch (error) {
    if (error instanceof SubscriptionLimit) return { instead: chatIsFull() };
    throw error;
  }
}

interface Added {
  watch: StoredProofWatch;
  created: boolean;
  because: string;
  callsAsker: boolean;
}

function viewOf({ proofThresholds }: BotContext, { place }: Call, sources: ProofSources, added: Added): View {
  const { watch, because } = added;
  const other = watch.kind === 'tx' ? 'request' : 'tx';
  const state = stateOf(watch, added, sources.chainSeconds, proofThresholds);
  return {
    ...state,
    lines: [
      ...state.lines,
      [
        `Understood as a ${KIND_WORDS[watch.kind]} (${because}): `,
        { code: watch.hash },
        `. If it is a ${KIND_WORDS[other]}, add kind:${other}.`,
      ],
      ...sources.warning,
    ],
    actions: [
      { label: 'Check now', command: `proof check ${watch.hash}`, mode: 'reply' },
      ...(watch.state === 'waiting' && place.kind !== 'terminal'
        ? [{ label: 'List', command: 'alerts list', mode: 'reply' as const }]
        : []),
    ],
    ...sources.stamp,
  };
}

function stateOf(
  watch: StoredProofWatch,
  { created, callsAsker }: Added,
  chainSeconds: number,
  thresholds: ProofThresholds,
): Pick<View, 'title' | 'tone' | 'lines'> {
  const name = shortHex(watch.hash);
  const reason = watch.reason === '' ? '' : ` (${cleanText(watch.reason, 200)})`;
  switch (watch.state) {
    case 'settled':
      return { title: `Settled already: ${name}`, ...settled(watch, reason, thresholds) };
    case 'invalid':
      return {
        title: `Settled, and wrong: ${name}`,
        tone: 'down',
        lines: [[{ strong: `Its proof does not hold${reason}.` }]],
      };
    case 'expired':
    case 'failed':
      return {
        title: `No longer waited for: ${name}`,
        tone: 'degraded',
        lines: [[{ strong: watch.state === 'failed' ? `Its transaction failed${reason}.` : `It expired${reason}.` }]],
      };
    case 'waiting':
      return {
        title: created ? `Watching ${name}` : `Watched already: ${name}`,
        tone: 'info',
        lines: [
          [{ strong: 'Not settled yet, as far as is known.' }, ' This chat is told when it is, or when it is late.'],
          ageLine(watch, chainSeconds, thresholds),
          `Late is a batch after ${duration(thresholds.batchSlowSeconds)}, an answer settled by itself after ${duration(thresholds.individualOverdueSeconds)}; the latter can no longer be settled after ${duration(thresholds.individualExpirySeconds)}, and a private one never is.`,
          ...(callsAsker ? ['You will be called.'] : ['You cannot be called here: the chat is told without that.']),
        ],
      };
  }
}

function settled(
  { mode, delaySeconds, reason: why }: StoredProofWatch,
  reason: string,
  thresholds: ProofThresholds,
): Pick<View, 'tone' | 'lines'> {
  const how = mode === null ? '' : mode === 'batch' ? ' in a batch' : ' by itself';
  if (delaySeconds === null) {
    return { tone: why === '' ? 'ok' : 'unknown', lines: [[{ strong: `It is settled${how}${reason}.` }]] };
  }
  const label = proofLabel(mode, delaySeconds, true, thresholds);
  const line = `It is settled${how}, ${duration(delaySeconds)} after it was signed: ${label}${reason}.`;
  return { tone: why === '' ? LABEL_TONE[label] : 'unknown', lines: [[{ strong: line }]] };
}

function ageLine(watch: StoredProofWatch, chainSeconds: number, thresholds: ProofThresholds): Line {
  const { signedAtSeconds, createdAtSeconds } = watch;
  if (signedAtSeconds === null) {
    return [
      'Its age is counted from when it was asked for, ',
      { time: createdAtSeconds },
      ': say signed:5m to be exact.',
    ];
  }
  const age = Math.max(0, chainSeconds - signedAtSeconds);
  const label = proofLabel(watch.mode, age, false, thresholds);
  return ['Signed ', { time: signedAtSeconds }, `, ${duration(age)} ago by the chain’s clock: ${label} so far.`];
}
