import type { Judged } from '../insight/judgeNodes.ts';
import type { SourceStatus } from '../lib/facts.ts';
import type { View } from '../lib/view.ts';
import type { GovernanceFacts } from '../store/governanceRepository.ts';
import type { ModelFacts } from '../store/modelRepository.ts';
import type { ProofFacts } from '../store/proofRepository.ts';
import type { SetRepository } from '../store/setRepository.ts';
import type { NodeFacts, Severity, StoredNode } from '../store/store.ts';
import type { GaugeBook } from './gaugeBook.ts';
import type { Incident } from './incident.ts';

/** What rules look at: the store's facts, judged. */
export interface AlertFacts {
  nowMs: number;
  /** Chain time of the facts, unix seconds; 0 before the first read. */
  chainSeconds: number;
  facts: NodeFacts | null;
  /** Those of the facts, judged; empty before the first read. */
  nodes: readonly Judged<StoredNode>[];
  /** null before they were read for the first time, or where their sources are not configured. */
  models: ModelFacts | null;
  proofs: ProofFacts | null;
  /** null before any of their sources was read. */
  governance: GovernanceFacts | null;
  /** Of every gauge source that was read. */
  gauges: readonly GaugeBook[];
  /** Addresses that some chat follows as voters, in lower case. */
  followedVoters: readonly string[];
  /** Of every set that has a day. */
  shifts: Awaited<ReturnType<SetRepository['shifts']>>;
  sources: ReadonlyMap<string, SourceStatus>;
}

/** One rule's word on one subject at one moment. */
export interface Sample {
  /** `node:<id>`, `owner:<address>`, `source:<name>`, `blob:<id>`, `settlement:<tx>:<log>`, `watch:<id>`, …: no two alike in a rule. */
  subject: string;
  nodeId: number | null;
  /** Lower case: an address, or the author of a model. */
  owner: string | null;
  /** What else it is about, each as `scope:subject` of a subscription; absent: nothing. */
  topics?: readonly string[];
  /** bad: the condition holds; clear: it does not; unknown: could not be asked, so nothing changes. */
  verdict: 'bad' | 'clear' | 'unknown';
  /** Within `bad`, one of the rule's levels. A change of level is a `changed` event. */
  level: string;
  /** What thresholds of subscriptions are compared with, in the unit of the rule's threshold; null where it has none. */
  value: number | null;
  /** Values for the text: plain JSON. */
  detail: Record<string, unknown>;
  /** Bad, but too old to start with (a registration dead for a day): it keeps an incident open and opens none. */
  onlyIfOpen?: boolean;
  /** Clear beyond doubt (the subject is gone): it resolves without the rule's wait; what is unstable must still be calm. */
  final?: boolean;
  /** Moment of the sample by the clock of its facts, unix seconds. */
  atSeconds: number;
  /** When the condition began, by the same clock, where the facts know it; else it begins with the first bad sample. */
  sinceSeconds?: number;
}

/** How grave one level of a rule is, and how long it must hold before it fires. */
export interface Level {
  severity: Severity;
  forSeconds: number;
}

/** What a subscription's own threshold may be. It can only ask to hear later than the rule: `min` is the default. */
export interface Threshold {
  /** What is measured: "age of the last heartbeat". */
  what: string;
  unit: 's';
  default: number;
  min: number;
  max: number;
  /** How finely a firing incident's value is kept: it is written when it passes a multiple of this. */
  step: number;
}

/** A rule is one file in `alerts/rules/`, listed in `alerts/registry.ts`. */
export interface Rule {
  /** e.g. `node.heartbeat`. */
  id: string;
  family: string;
  /** What it means, one line. */
  summary: string;
  /** By name, mildest first. */
  levels: Readonly<Record<string, Level>>;
  /** Seconds of `clear` before it resolves. */
  clearSeconds: number;
  /** When it is over, in words. */
  clears: string;
  /** What a subscription may override; null: nothing is measured. */
  threshold: Threshold | null;
  /** Source names whose failure makes its samples unknown. */
  dependsOn: readonly string[];
  /** What its samples are made from: without it the rule says nothing, and nothing of it ends. */
  facts: 'nodes' | 'models' | 'proofs' | 'governance' | 'gauges' | 'votes' | 'sets' | 'sources';
  /** What that is, where its sources are not fixed: of several networks each is looked at by itself. */
  readFrom?: string;
  /**
   * It tells of something that happened rather than of something that is wrong: told once, and over without a word. Its samples are
   * bad for a day after it happened, so that a restart forgets nothing, and it does not count as open.
   */
  isNews?: boolean;
  /** Its end is not told: another alert tells it, or there is nothing to tell. */
  endsQuietly?: boolean | ((ended: Incident) => boolean);
  /** What still waits to be told when it is over, in quiet hours maybe, is not told any more: nobody is reminded of what is done. */
  lapses?: boolean;
  /**
   * Whether an open incident whose subject the samples do not name stays as it is, because that alone does not say that it is
   * over: an answer may lack it by mistake, and what was told would be told again. Absent: it is over.
   */
  keeps?(incident: Incident, facts: AlertFacts): boolean;
  /** The admin destination hears of it too. */
  tellsAdmin?: boolean;
  /** Whether an incident of this rule, while it fires, speaks for that other one. */
  inhibits?(own: Incident, other: Incident): boolean;
  samples(facts: AlertFacts): Sample[];
  /** What to tell; `incidentView` is what tells it. */
  text(kind: 'fired' | 'changed' | 'resolved', incident: Incident, facts: AlertFacts): View;
}
