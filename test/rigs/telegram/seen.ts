import { type Clickable, clickableIn } from './clickable.ts';
import type { Entity } from './html.ts';
import type { RigButton, RigDocument, RigMessage } from './world.ts';

/** A message as its readers have it before them. */
export interface SeenMessage {
  chatId: number;
  id: number;
  thread: number | null;
  fromBot: boolean;
  /** What the eye sees: the text or caption without invisible joiners. */
  text: string;
  /** Exactly what is stored. */
  raw: string;
  entities: Entity[];
  /** What the app makes tappable by itself in it. */
  clickable: Clickable[];
  /** Rows of buttons. */
  keyboard: RigButton[][];
  photo: Buffer | null;
  document: RigDocument | null;
  replyTo: number | null;
  linkPreview: boolean;
  edits: number;
}

export function seen(message: RigMessage, botId: number): SeenMessage {
  return {
    chatId: message.chat.id,
    id: message.id,
    thread: message.thread,
    fromBot: message.from?.id === botId || message.extra.byBot === true,
    text: message.text.replaceAll('\u2060', ''),
    raw: message.text,
    entities: message.entities,
    clickable: clickableIn(message.text, message.entities),
    keyboard: message.keyboard ?? [],
    photo: message.photo,
    document: message.document,
    replyTo: message.replyTo,
    linkPreview: message.linkPreview,
    edits: message.edits,
  };
}
