import { BR, type DevBedrock, walletOf } from '../bedrock.ts';
import type { DevNetwork } from '../network.ts';
import type { Upload } from '../uploads.ts';
import { type Chats, type Heard, telegramText } from './chats.ts';
import { bold, indent, type Say } from './screen.ts';

interface Stage {
  network: DevNetwork;
  bedrock: DevBedrock;
  chats: Chats;
}

function tell(say: Say, { discord, telegram, afterMs }: Heard): void {
  say(`${bold('Discord channel heard')}  (after ${(afterMs / 1000).toFixed(1)} s)`);
  say(indent(discord));
  say(bold('Telegram chat heard'));
  say(indent(telegram));
}

/** An upload that storage has and the hub does not list, until it does. */
export async function modelStory({ network, chats }: Stage, upload: Upload, say: Say): Promise<void> {
  const late = chats.heard(/Registration late/);
  say(`\n${bold(`>> The model “${upload.name}” stays stored and unlisted.`)}`);
  tell(say, await late);
  const listed = Promise.all([chats.heard(/Registration done/), chats.heard(/New model/)]);
  network.uploads.release(upload);
  say(`\n${bold('>> The hub lists it after all.')}`);
  for (const heard of await listed) tell(say, heard);
}

/** A node that falls silent, until it is back. */
export async function nodeStory({ network, chats }: Stage, say: Say): Promise<void> {
  const late = chats.heard(/Heartbeat late/);
  say(`\n${bold('>> The node “cedar” gives no answers and no heartbeats.')}`);
  const heard = await late;
  tell(say, heard);
  const graver = await chats.telegramEdited(heard.message, /missed/);
  chats.press(graver, 'Acknowledge');
  const acknowledged = await chats.telegramEdited(graver, /Acknowledged by/);
  say(`\n${bold('By now the same message says “missed”, and Ann presses [Acknowledge] below it in Telegram')}`);
  say(indent(telegramText(acknowledged)));
  const back = chats.heard(/Node is back/);
  await network.returnNode('cedar');
  say(`\n${bold('>> “cedar” is started again.')}`);
  tell(say, await back);
}

/** An answer that is visible and not settled, until it is. */
export async function proofStory({ network, chats }: Stage, say: Say): Promise<void> {
  const late = chats.heard(/Proof late/);
  say(`\n${bold('>> The answer of “birch” stays visible and unproven: batches are due after 15 minutes at most.')}`);
  tell(say, await late);
  const proven = chats.heard(/Proven after/);
  network.facilitator.state.holdBatches = false;
  say(`\n${bold('>> The batch with it is settled after all.')}`);
  tell(say, await proven);
}

/** Time between the beginning of a vote and its reminder, in seconds of the chain: eight seconds here. */
const BEFORE_REMINDER_SECONDS = 480;

/** A proposal, told when it is there and when a day is left to vote on it. */
export async function voteStory({ network, chats }: Stage, say: Say): Promise<void> {
  const { governance, chain } = network;
  say(`\n${bold('>> A proposal is made on the chain, to be voted on for little more than a day of its time.')}`);
  const endSeconds = chain.nowSeconds() + 86_400 + BEFORE_REMINDER_SECONDS;
  const proposal = governance.submit({ title: 'Raise the block gas limit', endSeconds });
  const [fresh, id] = await Promise.all([chats.heard(/New proposal/), proposal]);
  tell(say, fresh);
  say(`\n${bold('>> Two of five validators vote, and the end comes nearer.')}`);
  const votes = governance.vote(id, 'aurora', 'yes').then(() => governance.vote(id, 'boreas', 'no'));
  const [reminder] = await Promise.all([chats.heard(/Voting ends in/), votes]);
  tell(say, reminder);
}

/** More than all others of Bedrock hold together, by far. */
const WHALE_AMOUNT = 60_000n * BR;

/** Someone locks so much BR that the others do not count any more. */
export async function whaleStory({ bedrock, chats }: Stage, say: Say): Promise<void> {
  say(
    `\n${bold('>> One wallet locks 60,000 BR of Bedrock. Its power counts from the next week of that chain, which is now.')}`,
  );
  const lock = bedrock.lock(walletOf('veBR whale'), WHALE_AMOUNT).then(() => bedrock.toNextEpoch());
  const [shifted] = await Promise.all([chats.heard(/Influence shifted/), lock]);
  tell(say, shifted);
}
