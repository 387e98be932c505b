import { proofLabel } from '../../insight/proofLabels.ts';
import { toSeconds } from '../../lib/clock.ts';
import { LEAF_VERDICTS, type ProofCheck, type ProofStep, type ProofSubject } from '../../lib/proofFacts.ts';
import { cleanText, duration, plural } from '../../lib/units.ts';
import type { Line, Tone, View } from '../../lib/view.ts';
import { errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { readSubject, subjectProblem } from '../proofHash.ts';

/** Each fetches up to 8 MiB and checks up to thousands of signatures. */
const MAX_AT_ONCE = 2;

/** Asking stops here; what was not asked by then could not be. */
const ASK_MS = 50_000;
/** A check that does not even stop then is no longer waited for. */
const WAIT_MS = 55_000;
const TIMEOUT_MS = 60_000;

const MARK = { holds: '🟢', fails: '🔴', 'could not ask': '⚪', 'not needed': '➖' } as const;

const TONE: Readonly<Record<ProofCheck['verdict'], Tone>> = {
  checking: 'info',
  proven: 'ok',
  wrong: 'down',
  open: 'unknown',
  'not found': 'unknown',
};

/** Checks under way, by bot. */
const running = new WeakMap<BotContext, number>();

export const proofCheck: Command = {
  path: ['proof', 'check'],
  summary: 'Fetch and verify a proof now, step by step',
  options: [
    {
      name: 'proof',
      summary: 'Transaction hash, blob id, Merkle root or request hash',
      type: 'text',
      required: true,
      rest: true,
      check: subjectProblem,
    },
  ],
  permission: 'everyone',
  timeoutMs: TIMEOUT_MS,
  examples: [
    'proof check 0x4f1e0c3d5b6a79881726354453627180a9b8c7d6e5f40312213243546576879a',
    'proof check hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M',
  ],
  async run(context, { args, progress }): Promise<View> {
    const subject = readSubject(String(args.proof));
    // The option was checked: this only tells the compiler so.
    if (subject === null) return errorView('Nothing to check', [subjectProblem(String(args.proof)) ?? '']);
    const underWay = running.get(context) ?? 0;
    if (underWay >= MAX_AT_ONCE) return busy(subject);
    running.set(context, underWay + 1);
    try {
      const check = await bounded(context, subject, (part) => progress(viewOf(context, subject, part)));
      return viewOf(context, subject, check);
    } finally {
      running.set(context, (running.get(context) ?? 1) - 1);
    }
  },
};

/** As far as it came, should it not come to an end. Parts that come after that are not shown. */
async function bounded(
  { checkProof }: BotContext,
  subject: ProofSubject,
  onPart: (part: ProofCheck) => void,
): Promise<ProofCheck> {
  const late = AbortSignal.timeout(WAIT_MS);
  const given = Promise.withResolvers<ProofCheck>();
  let last: ProofCheck | null = null;
  late.addEventListener('abort', () => given.resolve(unfinished(last, subject)));
  const onStep = (part: ProofCheck): void => {
    if (late.aborted) return;
    last = part;
    onPart(part);
  };
  return await Promise.race([checkProof(subject, onStep, AbortSignal.timeout(ASK_MS)), given.promise]);
}

const unfinished = (last: ProofCheck | null, subject: ProofSubject): ProofCheck => ({
  ...(last ?? { ...NOTHING, subject: wordOf(subject) }),
  verdict: last?.steps.some(({ outcome }) => outcome === 'fails') ? 'wrong' : 'open',
  steps: [
    ...(last?.steps ?? []),
    { name: 'the rest', outcome: 'could not ask', detail: `no answer within ${duration(WAIT_MS / 1000)}` },
  ],
});

const NOTHING = {
  steps: [],
  leaves: null,
  settledAtSeconds: null,
  delaySeconds: null,
  mode: null,
  txHash: null,
  sources: ['nobody answered'],
} as const satisfies Partial<ProofCheck>;

const wordOf = (subject: ProofSubject): string => (subject.kind === 'hash' ? subject.hash : subject.blobId);

function viewOf(context: BotContext, subject: ProofSubject, check: ProofCheck): View {
  const word = wordOf(subject);
  const isDone = check.verdict !== 'checking';
  return {
    title: `Proof check: ${VERDICT_TITLES[check.verdict]}`,
    tone: TONE[check.verdict],
    lines: [
      [{ strong: headline(check) }],
      subjectLine(check.subject, word),
      ...check.steps.map(stepLine),
      ...leafLines(check),
      ...settledLines(check, context),
      isDone
        ? 'Chain and storage were asked just now; keys, and how nodes stood, are what this bot has read of the registry.'
        : 'Chain and storage are being asked now. This message changes as answers come.',
    ],
    actions: isDone
      ? [
          { label: 'Check again', command: `proof check ${word}` },
          ...(check.verdict === 'not found' && subject.kind === 'hash'
            ? [{ label: 'Tell me when it is settled', command: `proof watch ${word}`, mode: 'reply' as const }]
            : []),
        ]
      : [],
    asOf: toSeconds(context.clock.now()),
    sources: check.sources.map((source) => cleanText(source, 120)),
  };
}

/** What it was understood as, with the whole of what was asked for in place of its short form. */
const subjectLine = (subject: string, word: string): Line =>
  subject.includes(word)
    ? cleanText(subject, 120)
    : [`${cleanText(subject.replace(/\s\S*…\S*$/, ''), 120)} `, { code: word }];

const VERDICT_TITLES: Readonly<Record<ProofCheck['verdict'], string>> = {
  checking: 'under way',
  proven: 'proven',
  wrong: 'wrong',
  open: 'open',
  'not found': 'not found',
};

function headline({ verdict, steps }: ProofCheck): string {
  const first = (outcome: ProofStep['outcome']): string => {
    const step = steps.find((one) => one.outcome === outcome);
    return step === undefined ? '' : `: ${cleanText(step.name, 60)}`;
  };
  switch (verdict) {
    case 'checking':
      return `Checking: ${plural(steps.length, 'step')} done.`;
    case 'proven':
      return 'Proven: every step that matters holds.';
    case 'wrong':
      return `Wrong: a step fails${first('fails')}.`;
    case 'open':
      return `Neither proven nor wrong: something could not be asked${first('could not ask')}.`;
    case 'not found':
      return 'Not found: nothing settled is known by that, or not yet. That is no sign of a wrong proof.';
  }
}

const stepLine = ({ name, outcome, detail }: ProofStep): Line => [
  `${MARK[outcome]} `,
  { strong: cleanText(name, 60) },
  `: ${outcome}${detail === '' ? '' : `, ${cleanText(detail, 200)}`}`,
];

function leafLines({ leaves, mode }: ProofCheck): Line[] {
  if (leaves === null || mode === 'individual') return [];
  const counts = LEAF_VERDICTS.flatMap((verdict) => {
    const count = leaves[verdict] ?? 0;
    return count === 0 ? [] : [`${count} ${verdict.replace('-', ' ')}`];
  });
  return [`Answers in the batch: ${counts.join(', ') || 'none'}.`];
}

function settledLines({ settledAtSeconds, delaySeconds, mode }: ProofCheck, { proofThresholds }: BotContext): Line[] {
  if (settledAtSeconds === null) return [];
  const delay =
    delaySeconds === null
      ? ''
      : `, ${duration(delaySeconds)} after it was signed (${proofLabel(mode, Math.max(0, delaySeconds), true, proofThresholds)}; the node’s clock may be off by ± 5 min)`;
  const how = mode === null ? '' : mode === 'batch' ? ' in a batch' : ' by itself';
  return [[`Settled${how} `, { time: settledAtSeconds }, `${delay}.`]];
}

function busy(subject: ProofSubject): View {
  return errorView(
    'Two checks are under way',
    ['Each asks chain and storage anew, so no more are done at once. Try again in half a minute.'],
    [{ label: 'Try again', command: `proof check ${wordOf(subject)}` }],
  );
}
