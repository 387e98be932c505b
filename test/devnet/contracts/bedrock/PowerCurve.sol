// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface ICurveClock {
    function seasonTsAt(uint48 timestamp) external view returns (uint48, uint48);
}

/// Power of a lock: its amount at the start, eight times as much six epochs later, in a straight line.
contract PowerCurve {
    uint256 private constant MAX_TIME = 6 * 2 weeks;

    struct Point {
        uint256 amount;
        uint256 start;
        uint256 written;
        /// 0: not exiting.
        uint256 cleared;
    }

    address public immutable escrow;
    address public immutable clock;
    bool private immutable seasons;
    uint48 public immutable warmupPeriod;
    mapping(uint256 => Point) private points;

    error OnlyEscrow();

    constructor(address escrow_, address clock_, bool seasons_, uint48 warmup) {
        (escrow, clock, seasons, warmupPeriod) = (escrow_, clock_, seasons_, warmup);
    }

    function getCoefficients(uint256 amount) external pure returns (int256[3] memory) {
        return [int256(amount), int256((amount * 7) / MAX_TIME), int256(0)];
    }

    function getBias(uint256 timeElapsed, uint256 amount) public pure returns (uint256) {
        uint256 time = timeElapsed > MAX_TIME ? MAX_TIME : timeElapsed;
        return amount + (amount * 7 * time) / MAX_TIME;
    }

    function previewMaxBias(uint256 amount) external pure returns (uint256) {
        return getBias(MAX_TIME, amount);
    }

    /// Warm-up is judged by the block, not by `t`, as in the original.
    function votingPowerAt(uint256 tokenId, uint256 t) external view returns (uint256) {
        Point memory point = points[tokenId];
        if (point.start == 0 || t < point.start) return 0;
        if (point.cleared != 0 && t >= point.cleared) return 0;
        if (block.timestamp <= point.written + warmupPeriod) return 0;
        uint256 from = point.start;
        if (seasons) {
            (uint48 season, ) = ICurveClock(clock).seasonTsAt(uint48(t));
            if (season > from) from = season;
        }
        return getBias(t - from, point.amount);
    }

    function supplyAt(uint256) external pure returns (uint256) {
        revert("Supply Not Implemented");
    }

    function checkpoint(uint256 tokenId, uint256 amount, uint256 start) external {
        if (msg.sender != escrow) revert OnlyEscrow();
        if (amount == 0) points[tokenId].cleared = start;
        else points[tokenId] = Point(amount, start, block.timestamp, 0);
    }
}
