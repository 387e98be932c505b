import { parseAbi } from 'viem';

/**
 * What is asked of Aragon's ve-governance: VotingEscrowIncreasing, Lock, ExitQueue, Clock and ClockSeason, SimpleGaugeVoter and
 * TokenGaugeVoterSeason (github.com/aragon/ve-governance).
 */
export const veAbi = parseAbi([
  // Escrow.
  'function token() view returns (address)',
  'function lockNFT() view returns (address)',
  'function voter() view returns (address)',
  'function curve() view returns (address)',
  'function queue() view returns (address)',
  'function clock() view returns (address)',
  'function totalLocked() view returns (uint256)',
  'function lastLockId() view returns (uint256)',
  'function locked(uint256 tokenId) view returns (uint256 amount, uint256 start)',
  'function votingPower(uint256 tokenId) view returns (uint256)',
  // Lock NFT, and the token.
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function totalSupply() view returns (uint256)',
  'function tokenByIndex(uint256 index) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function symbol() view returns (string)',
  // Exit queue.
  'function cooldown() view returns (uint256)',
  'function minLock() view returns (uint256)',
  'function feePercent() view returns (uint256)',
  'function ticketHolder(uint256 tokenId) view returns (address)',
  // Curve.
  'function previewMaxBias(uint256 amount) view returns (uint256)',
  // Clock.
  'function currentEpoch() view returns (uint256)',
  'function epochDuration() view returns (uint256)',
  'function votingActive() view returns (bool)',
  'function epochVoteStartTs() view returns (uint256)',
  'function epochVoteEndTs() view returns (uint256)',
  'function resolveEpochVoteStartTs(uint256 timestamp) view returns (uint256)',
  'function resolveEpochVoteEndTs(uint256 timestamp) view returns (uint256)',
  'function currentSeasonIndex() view returns (uint16)',
  'function currentSeasonTs() view returns (uint48 startTimestamp, uint48 endTimestamp)',
  // Voter.
  'function getAllGauges() view returns (address[])',
  'function getGauge(address gauge) view returns ((bool active, uint256 created, string metadataURI))',
  'function gaugeVotes(address gauge) view returns (uint256)',
  'function totalVotingPowerCast() view returns (uint256)',
]);

/** Of the exit queue; the escrow has a getter of the same name. */
export const ticketAbi = parseAbi(['function queue(uint256 tokenId) view returns (address holder, uint256 exitDate)']);
