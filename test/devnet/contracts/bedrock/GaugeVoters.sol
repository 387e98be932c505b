// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IVoterEscrow {
    function isApprovedOrOwner(address spender, uint256 tokenId) external view returns (bool);
    function votingPower(uint256 tokenId) external view returns (uint256);
    function votingPowerForAccount(address account) external view returns (uint256);
    function lockNFT() external view returns (address);
}

interface IVoterClock {
    function currentEpoch() external view returns (uint256);
    function votingActive() external view returns (bool);
    function currentSeasonIndex() external view returns (uint16);
}

interface IVoterNft {
    function ownerOf(uint256 tokenId) external view returns (address);
}

/// Gauges, whoever votes on them. Anyone may be their administrator here.
abstract contract GaugeList {
    struct Gauge {
        bool active;
        uint256 created;
        string metadataURI;
    }

    struct GaugeVote {
        uint256 weight;
        address gauge;
    }

    address public immutable escrow;
    address public immutable clock;
    address[] private list;
    mapping(address => Gauge) private gauges;

    event GaugeCreated(address indexed gauge, address indexed creator, string metadataURI);
    event GaugeActivated(address indexed gauge);
    event GaugeDeactivated(address indexed gauge);
    event GaugeMetadataUpdated(address indexed gauge, string metadataURI);

    error VotingInactive();
    error NotApprovedOrOwner();
    error GaugeExists();
    error GaugeDoesNotExist(address gauge);
    error GaugeInactive(address gauge);
    error GaugeActivationUnchanged();
    error DoubleVote();
    error NoVotes();
    error NoVotingPower();
    error NotCurrentlyVoting();

    constructor(address escrow_, address clock_) {
        (escrow, clock) = (escrow_, clock_);
    }

    modifier whenVotingActive() {
        if (!IVoterClock(clock).votingActive()) revert VotingInactive();
        _;
    }

    modifier exists(address gauge) {
        if (gauges[gauge].created == 0) revert GaugeDoesNotExist(gauge);
        _;
    }

    function createGauge(address gauge, string calldata metadataURI) external {
        if (gauges[gauge].created > 0) revert GaugeExists();
        gauges[gauge] = Gauge(true, block.timestamp, metadataURI);
        list.push(gauge);
        emit GaugeCreated(gauge, msg.sender, metadataURI);
    }

    function activateGauge(address gauge) external exists(gauge) {
        if (gauges[gauge].active) revert GaugeActivationUnchanged();
        gauges[gauge].active = true;
        emit GaugeActivated(gauge);
    }

    function deactivateGauge(address gauge) external exists(gauge) {
        if (!gauges[gauge].active) revert GaugeActivationUnchanged();
        gauges[gauge].active = false;
        emit GaugeDeactivated(gauge);
    }

    function updateGaugeMetadata(address gauge, string calldata metadataURI) external exists(gauge) {
        gauges[gauge].metadataURI = metadataURI;
        emit GaugeMetadataUpdated(gauge, metadataURI);
    }

    function getGauge(address gauge) external view returns (Gauge memory) {
        return gauges[gauge];
    }

    function getAllGauges() external view returns (address[] memory) {
        return list;
    }

    function epochId() public view returns (uint256) {
        return IVoterClock(clock).currentEpoch();
    }

    function votingActive() external view returns (bool) {
        return IVoterClock(clock).votingActive();
    }

    function _mayVoteFor(address gauge) internal view exists(gauge) {
        if (!gauges[gauge].active) revert GaugeInactive(gauge);
    }

    function _sumOfWeights(GaugeVote[] memory cast) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < cast.length; i++) sum += cast[i].weight;
        if (sum == 0) revert NoVotes();
    }
}

/// Votes by lock, kept until they are cast anew, taken back, or `_season` is another.
abstract contract TokenVotes is GaugeList {
    struct Ballot {
        mapping(address => uint256) votes;
        address[] gauges;
        uint256 used;
        uint256 lastVoted;
    }

    mapping(uint16 => uint256) internal totals;
    mapping(uint16 => mapping(address => uint256)) internal gaugeTotals;
    mapping(uint16 => mapping(uint256 => Ballot)) private ballots;

    event Voted(
        address indexed voter,
        address indexed gauge,
        uint256 indexed epoch,
        uint256 tokenId,
        uint256 votingPowerCastForGauge,
        uint256 totalVotingPowerInGauge,
        uint256 totalVotingPowerInContract,
        uint256 timestamp
    );
    event Reset(
        address indexed voter,
        address indexed gauge,
        uint256 indexed epoch,
        uint256 tokenId,
        uint256 votingPowerRemovedFromGauge,
        uint256 totalVotingPowerInGauge,
        uint256 totalVotingPowerInContract,
        uint256 timestamp
    );

    function _season() internal view virtual returns (uint16);

    function byAddress() external pure returns (bool) {
        return false;
    }

    function holdsVotes(uint256 tokenId) external view returns (bool) {
        return isVoting(tokenId);
    }

    function vote(uint256 tokenId, GaugeVote[] calldata cast) external whenVotingActive {
        _vote(tokenId, cast);
    }

    function voteMultiple(uint256[] calldata tokenIds, GaugeVote[] calldata cast) external whenVotingActive {
        for (uint256 i = 0; i < tokenIds.length; i++) _vote(tokenIds[i], cast);
    }

    function reset(uint256 tokenId) external whenVotingActive {
        _needApproval(tokenId);
        if (!isVoting(tokenId)) revert NotCurrentlyVoting();
        _reset(tokenId);
    }

    function _needApproval(uint256 tokenId) private view {
        if (!IVoterEscrow(escrow).isApprovedOrOwner(msg.sender, tokenId)) revert NotApprovedOrOwner();
    }

    function _vote(uint256 tokenId, GaugeVote[] calldata cast) private {
        _needApproval(tokenId);
        uint256 power = IVoterEscrow(escrow).votingPower(tokenId);
        if (power == 0) revert NoVotingPower();
        if (isVoting(tokenId)) _reset(tokenId);
        uint16 season = _season();
        Ballot storage ballot = ballots[season][tokenId];
        uint256 sum = _sumOfWeights(cast);
        for (uint256 i = 0; i < cast.length; i++) {
            address gauge = cast[i].gauge;
            _mayVoteFor(gauge);
            if (ballot.votes[gauge] != 0) revert DoubleVote();
            uint256 value = (cast[i].weight * power) / sum;
            if (value == 0) revert NoVotes();
            ballot.gauges.push(gauge);
            ballot.votes[gauge] = value;
            ballot.used += value;
            gaugeTotals[season][gauge] += value;
            totals[season] += value;
            emit Voted(
                msg.sender,
                gauge,
                epochId(),
                tokenId,
                value,
                gaugeTotals[season][gauge],
                totals[season],
                block.timestamp
            );
        }
        ballot.lastVoted = block.timestamp;
    }

    function _reset(uint256 tokenId) private {
        uint16 season = _season();
        Ballot storage ballot = ballots[season][tokenId];
        for (uint256 i = 0; i < ballot.gauges.length; i++) {
            address gauge = ballot.gauges[i];
            uint256 value = ballot.votes[gauge];
            gaugeTotals[season][gauge] -= value;
            totals[season] -= value;
            delete ballot.votes[gauge];
            emit Reset(
                msg.sender,
                gauge,
                epochId(),
                tokenId,
                value,
                gaugeTotals[season][gauge],
                totals[season],
                block.timestamp
            );
        }
        delete ballot.gauges;
        ballot.used = 0;
        ballot.lastVoted = 0;
    }

    function isVoting(uint256 tokenId) public view returns (bool) {
        return ballots[_season()][tokenId].lastVoted > 0;
    }

    function votes(uint256 tokenId, address gauge) external view returns (uint256) {
        return ballots[_season()][tokenId].votes[gauge];
    }

    function gaugesVotedFor(uint256 tokenId) external view returns (address[] memory) {
        return ballots[_season()][tokenId].gauges;
    }

    function usedVotingPower(uint256 tokenId) external view returns (uint256) {
        return ballots[_season()][tokenId].used;
    }

    function gaugeVotes(address gauge) external view returns (uint256) {
        return gaugeTotals[_season()][gauge];
    }

    function totalVotingPowerCast() external view returns (uint256) {
        return totals[_season()];
    }
}

contract TokenGaugeVoter is TokenVotes {
    constructor(address escrow_, address clock_) GaugeList(escrow_, clock_) {}

    function _season() internal pure override returns (uint16) {
        return 0;
    }
}

contract SeasonGaugeVoter is TokenVotes {
    constructor(address escrow_, address clock_) GaugeList(escrow_, clock_) {}

    function _season() internal view override returns (uint16) {
        return IVoterClock(clock).currentSeasonIndex();
    }

    function seasonTotalVotingPowerCast(uint16 season) external view returns (uint256) {
        return totals[season];
    }

    function seasonGaugeVotes(uint16 season, address gauge) external view returns (uint256) {
        return gaugeTotals[season][gauge];
    }
}

/// Votes by address. With the hook they stand until cast anew and fall when a lock leaves; without it they end with the epoch.
contract AddressGaugeVoter is GaugeList {
    struct Ballot {
        mapping(address => uint256) weights;
        mapping(address => uint256) votes;
        address[] gauges;
        uint256 used;
        uint256 lastVoted;
    }

    bool public immutable enableUpdateVotingPowerHook;
    mapping(uint256 => uint256) private totals;
    mapping(uint256 => mapping(address => uint256)) private gaugeTotals;
    mapping(uint256 => mapping(address => Ballot)) private ballots;

    event Voted(
        address indexed voter,
        address indexed gauge,
        uint256 indexed epoch,
        uint256 votingPowerCastForGauge,
        uint256 totalVotingPowerInGauge,
        uint256 totalVotingPowerInContract,
        uint256 timestamp
    );
    event Reset(
        address indexed voter,
        address indexed gauge,
        uint256 indexed epoch,
        uint256 votingPowerRemovedFromGauge,
        uint256 totalVotingPowerInGauge,
        uint256 totalVotingPowerInContract,
        uint256 timestamp
    );

    error OnlyEscrow();

    constructor(address escrow_, address clock_, bool hook) GaugeList(escrow_, clock_) {
        enableUpdateVotingPowerHook = hook;
    }

    function byAddress() external pure returns (bool) {
        return true;
    }

    function holdsVotes(uint256 tokenId) external view returns (bool) {
        return isVoting(IVoterNft(IVoterEscrow(escrow).lockNFT()).ownerOf(tokenId));
    }

    function getWriteEpochId() public view returns (uint256) {
        return enableUpdateVotingPowerHook ? 0 : epochId();
    }

    function vote(GaugeVote[] calldata cast) external whenVotingActive {
        uint256 power = IVoterEscrow(escrow).votingPowerForAccount(msg.sender);
        if (power == 0) revert NoVotingPower();
        for (uint256 i = 0; i < cast.length; i++) _mayVoteFor(cast[i].gauge);
        if (isVoting(msg.sender)) _reset(msg.sender);
        _cast(msg.sender, power, cast);
    }

    function reset() external whenVotingActive {
        if (!isVoting(msg.sender)) revert NotCurrentlyVoting();
        _reset(msg.sender);
    }

    /// Only falls are followed, at any time; a vote may come to stand at nothing.
    function updateVotingPower(address from, address to) external {
        if (msg.sender != escrow) revert OnlyEscrow();
        if (!enableUpdateVotingPowerHook) return;
        _update(from);
        if (from != to) _update(to);
    }

    function _update(address account) private {
        if (!isVoting(account)) return;
        uint256 power = IVoterEscrow(escrow).votingPowerForAccount(account);
        Ballot storage ballot = ballots[getWriteEpochId()][account];
        if (ballot.used < power) return;
        GaugeVote[] memory again = new GaugeVote[](ballot.gauges.length);
        for (uint256 i = 0; i < again.length; i++) {
            again[i] = GaugeVote(ballot.weights[ballot.gauges[i]], ballot.gauges[i]);
        }
        _reset(account);
        _cast(account, power, again);
    }

    function _cast(address account, uint256 power, GaugeVote[] memory cast) private {
        uint256 key = getWriteEpochId();
        Ballot storage ballot = ballots[key][account];
        uint256 sum = _sumOfWeights(cast);
        for (uint256 i = 0; i < cast.length; i++) {
            address gauge = cast[i].gauge;
            if (ballot.weights[gauge] != 0) revert DoubleVote();
            uint256 weight = (cast[i].weight * 1e36) / sum;
            if (weight == 0) revert NoVotes();
            uint256 value = (weight * power) / 1e36;
            ballot.gauges.push(gauge);
            ballot.weights[gauge] = weight;
            ballot.votes[gauge] = value;
            gaugeTotals[key][gauge] += value;
            totals[key] += value;
            emit Voted(account, gauge, epochId(), value, gaugeTotals[key][gauge], totals[key], block.timestamp);
        }
        ballot.used = power;
        ballot.lastVoted = block.timestamp;
    }

    function _reset(address account) private {
        uint256 key = getWriteEpochId();
        Ballot storage ballot = ballots[key][account];
        for (uint256 i = 0; i < ballot.gauges.length; i++) {
            address gauge = ballot.gauges[i];
            uint256 value = ballot.votes[gauge];
            gaugeTotals[key][gauge] -= value;
            totals[key] -= value;
            delete ballot.votes[gauge];
            delete ballot.weights[gauge];
            emit Reset(account, gauge, epochId(), value, gaugeTotals[key][gauge], totals[key], block.timestamp);
        }
        delete ballot.gauges;
        ballot.used = 0;
        ballot.lastVoted = 0;
    }

    function isVoting(address account) public view returns (bool) {
        return ballots[getWriteEpochId()][account].lastVoted > 0;
    }

    function votes(address account, address gauge) external view returns (uint256) {
        return ballots[getWriteEpochId()][account].votes[gauge];
    }

    function gaugesVotedFor(address account) external view returns (address[] memory) {
        return ballots[getWriteEpochId()][account].gauges;
    }

    function usedVotingPower(address account) external view returns (uint256) {
        return ballots[getWriteEpochId()][account].used;
    }

    function gaugeVotes(address gauge) external view returns (uint256) {
        return gaugeTotals[getWriteEpochId()][gauge];
    }

    function totalVotingPowerCast() external view returns (uint256) {
        return totals[getWriteEpochId()];
    }
}
