import type { RegistryEvent, TeeRecord } from '../lib/facts.ts';
import type { Standing } from '../lib/proofFacts.ts';

/** What is known of one node id over time. */
export interface StandingHistory {
  /** As the registry has it now; null: it has no such id. */
  record: Pick<TeeRecord, 'teeId' | 'enabled' | 'registeredAtSeconds' | 'pcrHash' | 'teeType'> | null;
  /** Whether its measurement is approved now; null when the registry does not tell. */
  pcrApproved: boolean | null;
  /** Registry events in any order; those about other ids or measurements, and heartbeats, are passed over. */
  events: readonly Pick<
    RegistryEvent,
    'kind' | 'teeId' | 'pcrHash' | 'teeType' | 'blockTimestampSeconds' | 'blockNumber' | 'logIndex'
  >[];
  /** All events since then are known; null: none are. */
  knownFromSeconds: number | null;
}

type Event = StandingHistory['events'][number];

/**
 * How a node stood at a moment of chain time (unix seconds): registered, enabled, its measurement approved. What was before the
 * first known event is `not-known`, unless nothing about it changed in all that is known and it is fine now. The signed time is the
 * enclave's own: within 5 minutes of a change it may say either. Pure; the order of events does not matter.
 */
export function standingAt(history: StandingHistory, atSeconds: number): Standing {
  const { record, pcrApproved, events, knownFromSeconds } = history;
  // The registry removes nobody: what it does not have it never had.
  if (record === null || atSeconds < record.registeredAtSeconds) return 'not-registered';
  const switches = around(
    events.filter((event) => SWITCHES.has(event.kind) && same(event.teeId, record.teeId)),
    atSeconds,
  );
  const approvals = around(
    events.filter(
      (event) => APPROVALS.has(event.kind) && event.teeType === record.teeType && same(event.pcrHash, record.pcrHash),
    ),
    atSeconds,
  );
  const unchanged = knownFromSeconds !== null && !switches.any && !approvals.any;
  const isKnown =
    knownFromSeconds !== null &&
    (atSeconds >= knownFromSeconds || (unchanged && record.enabled && pcrApproved === true));
  if (!isKnown) return 'not-known';
  // Registering enables a node, and its date is known although its event may not be.
  const sinceRegistered = knownFromSeconds <= record.registeredAtSeconds ? true : null;
  const enabled = stateOf(switches, sinceRegistered, record.enabled);
  const approved = stateOf(approvals, null, pcrApproved);
  if (enabled === false) return 'disabled';
  if (approved === false) return 'pcr-not-approved';
  return enabled === null || approved === null ? 'not-known' : 'fine';
}

const SWITCHES: ReadonlySet<string> = new Set(['registered', 'enabled', 'disabled']);
const APPROVALS: ReadonlySet<string> = new Set(['pcr-approved', 'pcr-revoked']);

const isOn = ({ kind }: Event): boolean => kind !== 'disabled' && kind !== 'pcr-revoked';

const same = (one: string | null, other: string): boolean => one?.toLowerCase() === other.toLowerCase();

interface Around {
  /** The last event up to the moment, and the first after it. */
  before: Event | null;
  after: Event | null;
  any: boolean;
}

function around(events: readonly Event[], atSeconds: number): Around {
  let before: Event | null = null;
  let after: Event | null = null;
  for (const event of events) {
    if (event.blockTimestampSeconds <= atSeconds) {
      if (before === null || isLater(event, before)) before = event;
    } else if (after === null || isLater(after, event)) after = event;
  }
  return { before, after, any: before !== null || after !== null };
}

const isLater = (one: Event, other: Event): boolean =>
  one.blockNumber === other.blockNumber ? one.logIndex > other.logIndex : one.blockNumber > other.blockNumber;

/** On or off: as the last event left it, else as it was from the start, else as it must have been for the next event to change it, else as it is now. */
function stateOf({ before, after }: Around, atStart: boolean | null, now: boolean | null): boolean | null {
  if (before !== null) return isOn(before);
  if (atStart !== null) return atStart;
  // Only what is on is switched off. What is switched on may have been on: a measurement is approved again under another name.
  if (after !== null) return isOn(after) ? null : true;
  return now;
}
