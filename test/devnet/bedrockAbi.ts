import { parseAbi } from 'viem';

/**
 * What the contracts of Bedrock's kind say of themselves: typed from Aragon's interfaces as the project's reference has
 * them (bedrock.md, parts 2 and 3), not from our own contracts, so that a slip in those is seen.
 */
export const ESCROW_ABI = parseAbi([
  'struct LockedBalance { uint208 amount; uint48 start; }',
  'event Deposit(address indexed depositor, uint256 indexed tokenId, uint256 indexed startTs, uint256 value, uint256 newTotalLocked)',
  'event Withdraw(address indexed depositor, uint256 indexed tokenId, uint256 value, uint256 ts, uint256 newTotalLocked)',
  'function token() view returns (address)',
  'function lockNFT() view returns (address)',
  'function voter() view returns (address)',
  'function curve() view returns (address)',
  'function queue() view returns (address)',
  'function clock() view returns (address)',
  'function totalLocked() view returns (uint256)',
  'function lastLockId() view returns (uint256)',
  'function locked(uint256 tokenId) view returns (LockedBalance)',
  'function ownedTokens(address owner) view returns (uint256[])',
  'function votingPower(uint256 tokenId) view returns (uint256)',
  'function votingPowerAt(uint256 tokenId, uint256 t) view returns (uint256)',
  'function votingPowerForAccount(address account) view returns (uint256)',
  'function totalVotingPower() view returns (uint256)',
  'function isVoting(uint256 tokenId) view returns (bool)',
  'function createLock(uint256 value) returns (uint256)',
  'function createLockFor(uint256 value, address to) returns (uint256)',
  'function beginWithdrawal(uint256 tokenId)',
  'function resetVotesAndBeginWithdrawal(uint256 tokenId)',
  'function withdraw(uint256 tokenId)',
  'function setVoter(address voter)',
  'function setParts(address curve, address queue, address lockNft)',
  'error CannotExit()',
  'error NotTicketHolder()',
  'error MinLockNotReached(uint256 tokenId, uint48 minLock, uint256 earliest)',
]);

export const LOCK_NFT_ABI = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  'function ownerOf(uint256) view returns (address)',
  'function totalSupply() view returns (uint256)',
  'function tokenByIndex(uint256) view returns (uint256)',
  'function transferFrom(address from, address to, uint256 tokenId)',
  'function setApprovalForAll(address operator, bool approved)',
  'function approve(address to, uint256 tokenId)',
  'function enableTransfers()',
  'error NotWhitelisted()',
]);

export const QUEUE_ABI = parseAbi([
  'struct Ticket { address holder; uint256 exitDate; }',
  'event ExitQueued(uint256 indexed tokenId, address indexed holder, uint256 exitDate)',
  'event Exit(uint256 indexed tokenId, uint256 fee)',
  'function cooldown() view returns (uint48)',
  'function minLock() view returns (uint48)',
  'function feePercent() view returns (uint256)',
  'function queue(uint256 tokenId) view returns (Ticket)',
  'function ticketHolder(uint256 tokenId) view returns (address)',
  'function setRules(uint48 cooldown, uint48 minLock, uint256 feePercent)',
]);

export const CURVE_ABI = parseAbi([
  'function getBias(uint256 timeElapsed, uint256 amount) view returns (uint256)',
  'function getCoefficients(uint256 amount) view returns (int256[3])',
  'function previewMaxBias(uint256 amount) view returns (uint256)',
  'function warmupPeriod() view returns (uint48)',
]);

export const CLOCK_ABI = parseAbi([
  'event SeasonStarted(uint16 seasonIndex, uint48 startTimestamp)',
  'function currentSeasonIndex() view returns (uint16)',
  'function currentSeasonTs() view returns (uint48 startTimestamp, uint48 endTimestamp)',
  'function seasonTs(uint16) view returns (uint48, uint48)',
  'function currentEpoch() view returns (uint256)',
  'function epochDuration() view returns (uint256)',
  'function votingActive() view returns (bool)',
  'function epochVoteStartTs() view returns (uint256)',
  'function epochVoteEndTs() view returns (uint256)',
  'function newSeason() returns (uint48 startTimestamp, uint16 seasonIndex)',
  'function setAlwaysOpen(bool open)',
  'error SeasonTooShort()',
]);

const GAUGES = [
  'struct Gauge { bool active; uint256 created; string metadataURI; }',
  'struct GaugeVote { uint256 weight; address gauge; }',
  'event GaugeCreated(address indexed gauge, address indexed creator, string metadataURI)',
  'event GaugeActivated(address indexed gauge)',
  'event GaugeDeactivated(address indexed gauge)',
  'event GaugeMetadataUpdated(address indexed gauge, string metadataURI)',
  'function getAllGauges() view returns (address[])',
  'function getGauge(address) view returns (Gauge)',
  'function gaugeVotes(address) view returns (uint256)',
  'function totalVotingPowerCast() view returns (uint256)',
  'function epochId() view returns (uint256)',
  'function createGauge(address gauge, string metadataURI)',
  'function activateGauge(address gauge)',
  'function deactivateGauge(address gauge)',
  'function updateGaugeMetadata(address gauge, string metadataURI)',
  'error VotingInactive()',
  'error NotApprovedOrOwner()',
  'error GaugeInactive(address gauge)',
  'error NoVotingPower()',
  'error NotCurrentlyVoting()',
] as const;

/** Of both voters by lock; the two season functions exist on the season voter only. */
export const TOKEN_VOTER_ABI = parseAbi([
  ...GAUGES,
  'event Voted(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 tokenId, uint256 votingPowerCastForGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'event Reset(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 tokenId, uint256 votingPowerRemovedFromGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'function votes(uint256 tokenId, address gauge) view returns (uint256)',
  'function gaugesVotedFor(uint256 tokenId) view returns (address[])',
  'function usedVotingPower(uint256 tokenId) view returns (uint256)',
  'function seasonTotalVotingPowerCast(uint16) view returns (uint256)',
  'function seasonGaugeVotes(uint16, address) view returns (uint256)',
  'function vote(uint256 tokenId, GaugeVote[] votes)',
  'function voteMultiple(uint256[] tokenIds, GaugeVote[] votes)',
  'function reset(uint256 tokenId)',
]);

export const ADDRESS_VOTER_ABI = parseAbi([
  ...GAUGES,
  'event Voted(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 votingPowerCastForGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'event Reset(address indexed voter, address indexed gauge, uint256 indexed epoch, uint256 votingPowerRemovedFromGauge, uint256 totalVotingPowerInGauge, uint256 totalVotingPowerInContract, uint256 timestamp)',
  'function votes(address account, address gauge) view returns (uint256)',
  'function gaugesVotedFor(address account) view returns (address[])',
  'function usedVotingPower(address account) view returns (uint256)',
  'function vote(GaugeVote[] votes)',
  'function reset()',
]);

export const TOKEN_ABI = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function mint(address to, uint256 value)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function transfer(address to, uint256 value) returns (bool)',
]);
