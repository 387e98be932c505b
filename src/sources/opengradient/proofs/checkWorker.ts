import { parentPort } from 'node:worker_threads';
import type { Hex } from '../../../lib/facts.ts';
import type { LeafVerdict, SettledAnswer } from '../../../lib/proofFacts.ts';
import { checkAnswer } from './checkAnswer.ts';
import { type BatchCheck, checkBatch, type ExpectedBatch } from './checkBatch.ts';

/** A thread of the proof checker: one question, one answer, in order. It trusts its parent, and nothing in a blob. */

export type CheckJob =
  | { kind: 'batch'; bytes: Uint8Array; expected: ExpectedBatch }
  | { kind: 'answers'; answers: SettledAnswer[] };

/** Keys have no answer: they hold for the jobs after them. */
export type CheckMessage = CheckJob | { kind: 'keys'; keys: ReadonlyMap<Hex, Uint8Array> };

/** `ready` once, when the thread has started. */
export type CheckReply = 'ready' | BatchCheck | LeafVerdict[];

let keys: ReadonlyMap<Hex, Uint8Array> = new Map();

parentPort?.on('message', (message: CheckMessage) => {
  if (message.kind === 'keys') keys = message.keys;
  else if (message.kind === 'batch') reply(checkBatch(message.bytes, message.expected, keys));
  else reply(message.answers.map((answer) => checkAnswer(answer, keys)));
});

function reply(what: CheckReply): void {
  parentPort?.postMessage(what);
}

reply('ready');
