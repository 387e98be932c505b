import type { Judged } from '../insight/judgeNodes.ts';
import type { SourceStatus } from '../lib/facts.ts';
import type { View } from '../lib/view.ts';
import type { NodeFacts, Severity, StoredNode } from '../store/store.ts';
import type { Incident } from './incident.ts';

/** What rules look at: the store's facts, judged. */
export interface AlertFacts {
  nowMs: number;
  /** Chain time of the facts, unix seconds; 0 before the first read. */
  chainSeconds: number;
  facts: NodeFacts | null;
  /** Those of the facts, judged; empty before the first read. */
  nodes: readonly Judged<StoredNode>[];
  sources: ReadonlyMap<string, SourceStatus>;
}

/** One rule's word on one subject at one moment. */
export interface Sample {
  /** `node:<id>` or `source:<name>`. */
  subject: string;
  nodeId: number | null;
  owner: string | null;
  /** bad: the condition holds; clear: it does not; unknown: could not be asked, so nothing changes. */
  verdict: 'bad' | 'clear' | 'unknown';
  /** Within `bad`: e.g. late, missed, expired. A change of level is a `changed` event. */
  level: string;
  severity: Severity;
  /** Seconds the condition must hold before it fires, for this level. */
  forSeconds: number;
  /** Values for the text: plain JSON. */
  detail: Record<string, unknown>;
  /** Bad, but too old to start with (a registration dead for a day): it keeps an incident open and opens none. */
  onlyIfOpen?: boolean;
  /** Moment of the sample by the clock of its facts, unix seconds. */
  atSeconds: number;
}

/** A rule is one file in `alerts/rules/`, listed in `alerts/registry.ts`. */
export interface Rule {
  /** e.g. `node.heartbeat`. */
  id: string;
  family: string;
  /** What it means, one line. */
  summary: string;
  /** Source names whose failure makes its samples unknown. */
  dependsOn: readonly string[];
  /** Seconds of `clear` before it resolves. */
  clearSeconds: number;
  /** The admin destination hears of it too. */
  tellsAdmin?: boolean;
  samples(facts: AlertFacts): Sample[];
  /** What to tell. */
  text(kind: 'fired' | 'changed' | 'resolved', incident: Incident, facts: AlertFacts): View;
}
