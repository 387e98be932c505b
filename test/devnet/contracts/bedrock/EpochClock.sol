// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Epochs of two weeks since 1970: votes in the first week but for an hour at both ends, a checkpoint every week.
contract EpochClock {
    uint256 internal constant EPOCH = 2 weeks;
    uint256 internal constant WEEK = 1 weeks;
    uint256 internal constant BUFFER = 1 hours;

    /// For fast runs of many votes: the window never closes.
    bool public alwaysOpen;

    function setAlwaysOpen(bool open) external {
        alwaysOpen = open;
    }

    function epochDuration() external pure returns (uint256) {
        return EPOCH;
    }

    function checkpointInterval() external pure returns (uint256) {
        return WEEK;
    }

    function currentEpoch() external view returns (uint256) {
        return block.timestamp / EPOCH;
    }

    /// Of the next epoch; now, at the second one starts.
    function epochStartTs() external view returns (uint256) {
        return _nextEpoch();
    }

    function votingActive() external view returns (bool) {
        return alwaysOpen || (_elapsed() >= BUFFER && _elapsed() < WEEK - BUFFER);
    }

    /// As Aragon's: when votes are taken next, which is now while they are taken.
    function epochVoteStartTs() external view returns (uint256) {
        uint256 elapsed = _elapsed();
        if (elapsed < BUFFER) return block.timestamp + BUFFER - elapsed;
        if (elapsed < WEEK - BUFFER) return block.timestamp;
        return _nextEpoch() + BUFFER;
    }

    /// As Aragon's: the end of this epoch's window, or now when it is over.
    function epochVoteEndTs() external view returns (uint256) {
        uint256 elapsed = _elapsed();
        return elapsed >= WEEK - BUFFER ? block.timestamp : block.timestamp + WEEK - BUFFER - elapsed;
    }

    /// Never now: at the second of a checkpoint it is the one a week later.
    function epochNextCheckpointTs() public view returns (uint256) {
        return block.timestamp - (block.timestamp % WEEK) + WEEK;
    }

    function _elapsed() internal view returns (uint256) {
        return block.timestamp % EPOCH;
    }

    function _nextEpoch() internal view returns (uint256) {
        uint256 elapsed = _elapsed();
        return elapsed == 0 ? block.timestamp : block.timestamp + EPOCH - elapsed;
    }
}

/// The same clock with seasons. Season 0 began at 0; the running one ends at 0.
contract SeasonClock is EpochClock {
    uint48[] private starts;

    event SeasonStarted(uint16 seasonIndex, uint48 startTimestamp);

    error SeasonTooShort();
    error SeasonNotFound();

    /// Announces it: it starts at the next weekly checkpoint.
    function newSeason() external returns (uint48 startTimestamp, uint16 seasonIndex) {
        startTimestamp = uint48(epochNextCheckpointTs());
        uint256 count = starts.length;
        if (count > 0 && startTimestamp < starts[count - 1] + EPOCH) revert SeasonTooShort();
        starts.push(startTimestamp);
        seasonIndex = uint16(count + 1);
        emit SeasonStarted(seasonIndex, startTimestamp);
    }

    function currentSeasonIndex() external view returns (uint16) {
        return _indexAt(block.timestamp);
    }

    function currentSeasonTs() external view returns (uint48 startTimestamp, uint48 endTimestamp) {
        return seasonTs(_indexAt(block.timestamp));
    }

    function seasonTsAt(uint48 timestamp) external view returns (uint48 startTimestamp, uint48 endTimestamp) {
        return seasonTs(_indexAt(timestamp));
    }

    function seasonTs(uint16 index) public view returns (uint48 startTimestamp, uint48 endTimestamp) {
        if (index > starts.length) revert SeasonNotFound();
        startTimestamp = index == 0 ? 0 : starts[index - 1];
        endTimestamp = index < starts.length ? starts[index] : 0;
    }

    function _indexAt(uint256 timestamp) private view returns (uint16) {
        for (uint256 i = starts.length; i > 0; i--) {
            if (timestamp >= starts[i - 1]) return uint16(i);
        }
        return 0;
    }
}
