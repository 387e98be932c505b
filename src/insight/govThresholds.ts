/** From where on something of governance is told. Percents are whole numbers, so that shares are compared by cross-multiplication. */
export interface GovThresholds {
  /** A vote that is heavier than this share of what could vote, or, where that is not known, of what was cast. */
  largeVotePercent: number;
  /** A quorum that is not reached is at risk from this share of the voting time on, and this long before the end at most. */
  quorumRiskPercent: number;
  quorumRiskSeconds: number;
  /** Missed blocks, as shares of those that may be missed before a validator is jailed. Three, ascending. */
  missedPercents: readonly [number, number, number];
  /** Participation of an epoch that is so far below the median of the four before. */
  participationDropPercent: number;
  /** HHI that has risen by so much within a week. */
  hhiRisePercent: number;
}

export const defaultGovThresholds: GovThresholds = {
  largeVotePercent: 20,
  quorumRiskPercent: 25,
  quorumRiskSeconds: 86_400,
  missedPercents: [25, 50, 75],
  participationDropPercent: 25,
  hhiRisePercent: 20,
};
