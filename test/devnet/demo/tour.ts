import type { App } from '../../../src/app.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { TERMINAL_CALLER, TERMINAL_PLACE } from '../../../src/platforms/terminal/prompt.ts';
import { renderTerminal } from '../../../src/platforms/terminal/render.ts';
import type { DevBedrock } from '../bedrock.ts';
import type { DevNetwork } from '../network.ts';
import { type Chats, discordText } from './chats.ts';
import { withPicture } from './picture.ts';
import { bold, color, indent, say, sideBySide } from './screen.ts';
import { modelStory, nodeStory, proofStory, voteStory, whaleStory } from './stories.ts';

/** Storage is asked within this. */
const FIRST_LOOK_MS = 1_500;

interface Stage {
  network: DevNetwork;
  bedrock: DevBedrock;
  chats: Chats;
  app: App;
  signal: AbortSignal;
  /** Where pictures go. */
  pictures: string;
}

type Ask = (where: string, question: string, answer: () => Promise<string>) => Promise<void>;

/** All that is shown, in order: questions first, then three faults and two votes at once, each told to its end. */
export async function tour(stage: Stage): Promise<void> {
  const { network, bedrock, chats, signal, pictures } = stage;
  const ask: Ask = async (where, question, answer) => {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const text = await answer();
    signal.throwIfAborted();
    say(`\n${bold(`${where}  ${question}`)}  (${Math.round(performance.now() - startedAt)} ms)`);
    say(indent(text));
  };
  // Signed now, so that it is late before the end; settled when its story says so.
  network.facilitator.state.holdBatches = true;
  const [answer] = network.infer('birch');
  if (answer === undefined) throw new Error('birch has not answered');
  await questions(stage, ask);

  say(
    `\n${bold('>> Three things go wrong: the node “cedar” stops, a model is uploaded that the hub does not list, and an')}`,
  );
  say(bold('   answer of “birch” was given whose proof does not come. (One second here is a minute on the chain.)'));
  await network.stopNode('cedar');
  const upload = await network.uploads.upload({ author: 'nova', name: 'credit-risk', stuckAt: 'stored' });
  const both = async (command: string, options: Record<string, string>): Promise<void> => {
    const question = `/${[command, ...Object.values(options)].join(' ')}`;
    await ask('Telegram', question, () => chats.telegram(question));
    await ask(
      'Discord',
      'the same',
      async () => discordText(await chats.discord(command, options)).split('\n', 1)[0] ?? '',
    );
  };
  await both('alerts add', { kind: 'node', target: 'all' });
  await both('model watch', { models: upload.blobId });
  const age = `${Math.max(1, Math.round((network.chain.nowSeconds() - answer.signedAtSeconds) / 60))}m`;
  await both('proof watch', { hash: answer.requestHash.slice(2), signed: age });
  await both('alerts add', { kind: 'gov', target: 'all' });
  await systemClock.sleep(FIRST_LOOK_MS, signal);
  await ask('Telegram', `/model status ${upload.blobId}`, () => chats.telegram(`/model status ${upload.blobId}`));

  await sideBySide([
    (speak) => modelStory(stage, upload, speak),
    (speak) => nodeStory(stage, speak),
    (speak) => proofStory(stage, speak),
    (speak) => voteStory(stage, speak),
    (speak) => whaleStory(stage, speak),
  ]);
  // It stands still otherwise, which is told after two minutes.
  bedrock.chain.run(60);
  await ask('Discord', '/gov proposal 1', async () =>
    withPicture(await chats.discord('gov proposal', { id: '1' }), pictures, 'assay-demo-proposal.png'),
  );
  await ask('Discord', '/influence power bedrock', async () =>
    withPicture(
      await chats.discord('influence show', { set: 'power', network: 'bedrock' }),
      pictures,
      'assay-demo-influence.png',
    ),
  );
  await ask('Telegram', '/alerts history', () => chats.telegram('/alerts history'));
  await ask('Telegram', '/network', () => chats.telegram('/network'));
}

async function questions({ network, chats, app, pictures }: Stage, ask: Ask): Promise<void> {
  const id = (name: string): string => network.find(name).teeId.slice(0, 14);
  await ask('terminal', '/network', async () => {
    const view = await app.dispatcher.runText('/network', TERMINAL_CALLER, TERMINAL_PLACE);
    return renderTerminal(view, { nowMs: systemClock.now(), color });
  });
  await ask('Discord', '/node list', async () => discordText(await chats.discord('node list')));
  await ask('Telegram', `/node status ${id('birch')}`, () => chats.telegram(`/node status ${id('birch')}`));
  await ask('Discord', `/node history ${id('delta')} 7d`, async () =>
    withPicture(
      await chats.discord('node history', { node: id('delta'), window: '7d' }),
      pictures,
      'assay-demo-history.png',
    ),
  );
  await ask('Discord', '/proof delay', async () =>
    withPicture(await chats.discord('proof delay'), pictures, 'assay-demo-delay.png'),
  );
  const settled = network.facilitator.settled.at(-1);
  if (settled === undefined) throw new Error('nothing was settled before');
  const check = `/proof check ${settled.txHash}`;
  await ask('Telegram', check, async () => {
    const { text, parts, first } = await chats.telegramInParts(check, (now) => !/under way|Looking/.test(now));
    const edits = parts === 2 ? 'an edit' : `${parts - 1} edits`;
    return parts === 1 ? text : `${first}\n\n… and after ${edits} the same message says:\n\n${text}`;
  });
}
