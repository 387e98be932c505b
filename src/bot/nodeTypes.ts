import { cleanText } from '../lib/units.ts';
import type { JudgedNode, NetworkFacts } from './networkFacts.ts';

export const MAX_TYPE = 40;

/** A type's name as it is shown, typed and put into buttons: a quote in it would end the quotes around it. */
export const typeWord = (name: string): string => cleanText(name.replaceAll('"', ' '), MAX_TYPE);

/** What kind of node it is, in the registry's word. */
export function typeName({ health }: JudgedNode, { facts }: NetworkFacts): string {
  const id = health.current?.teeType;
  return typeWord(facts.registry.types.find((type) => type.id === id)?.name ?? '') || `type ${id}`;
}
