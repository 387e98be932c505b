import type { Store } from '../store/store.ts';
import type { LogKind } from './logHistory.ts';

/** Remembers which chain logs of one kind were read on, where their rows do not say it. */
export function chainMark(
  { meta }: Pick<Store, 'meta'>,
  name: string,
  chainId: number,
): Required<Pick<LogKind<never>, 'chainOf' | 'begin'>> {
  const key = `chain:${name}`;
  return {
    async chainOf() {
      const text = await meta.get(key);
      return text === null ? null : Number(text);
    },
    begin: () => meta.set(key, String(chainId)),
  };
}
