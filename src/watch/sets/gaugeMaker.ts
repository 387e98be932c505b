import { setImmediate as turn } from 'node:timers/promises';
import { readGauges } from '../../alerts/gaugeBook.ts';
import { gaugeSet, gaugeVoterSet, powerSet } from '../../insight/sets/gauges.ts';
import { networkOf } from '../../lib/governanceFacts.ts';
import type { SetReading } from '../../lib/influence.ts';
import { shortHex } from '../../lib/units.ts';
import type { Store } from '../../store/store.ts';
import type { Freshness } from './freshness.ts';
import type { SetMaker } from './maker.ts';

/** Power, gauges and who votes for them, of one gauge source. */
export function gaugeMaker(store: Store, source: string, freshness: Freshness): SetMaker {
  return {
    everyMs: 0,

    async stamp() {
      const book = await readGauges(store, source);
      const read = await freshness.of(source, book?.reading.readAtMs);
      if (book === null || read === null) return null;
      // Votes too, which come between two readings of the contracts.
      const { lastAtSeconds, totalWei } = book.state;
      return [read, store.gauges.generation(source), lastAtSeconds, totalWei, book.completeSinceSeconds].join('/');
    },

    async make() {
      const book = await readGauges(store, source);
      if (book === null) return [];
      const { reading, state, completeSinceSeconds } = book;
      const [name, address] = reading.contracts.escrow
        ? ['vote escrow', reading.contracts.escrow]
        : ['votes with', reading.token];
      const input = {
        network: networkOf(source),
        atSeconds: reading.block.timestampSeconds,
        words: `${name} ${shortHex(address)} on chain ${reading.chainId}`,
      };
      // Its votes first: they are live, and whoever reads on changes them.
      const votes = gaugeVoterSet(reading, { state, isComplete: completeSinceSeconds !== null }, input);
      await turn();
      const power = powerSet(reading, input);
      await turn();
      return [power, gaugeSet(reading, input), votes].filter((set): set is SetReading => set !== null);
    },
  };
}
