// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IQueueEscrow {
    struct LockedBalance {
        uint208 amount;
        uint48 start;
    }

    function locked(uint256 tokenId) external view returns (LockedBalance memory);
}

interface IQueueClock {
    function epochNextCheckpointTs() external view returns (uint256);
}

/// Who waits to leave, and until when.
contract ExitQueue {
    struct Ticket {
        address holder;
        uint256 exitDate;
    }

    address public immutable escrow;
    address public immutable clock;
    uint48 public cooldown;
    uint48 public minLock;
    /// 1e18 is all of it.
    uint256 public feePercent;
    mapping(uint256 => Ticket) private tickets;

    event ExitQueued(uint256 indexed tokenId, address indexed holder, uint256 exitDate);
    event Exit(uint256 indexed tokenId, uint256 fee);

    error OnlyEscrow();
    error CannotExit();
    error MinLockNotReached(uint256 tokenId, uint48 minLock, uint256 earliest);

    constructor(address escrow_, address clock_, uint48 cooldown_, uint48 minLock_, uint256 feePercent_) {
        (escrow, clock, cooldown, minLock, feePercent) = (escrow_, clock_, cooldown_, minLock_, feePercent_);
    }

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert OnlyEscrow();
        _;
    }

    function setRules(uint48 cooldown_, uint48 minLock_, uint256 feePercent_) external {
        (cooldown, minLock, feePercent) = (cooldown_, minLock_, feePercent_);
    }

    function queue(uint256 tokenId) external view returns (Ticket memory) {
        return tickets[tokenId];
    }

    function ticketHolder(uint256 tokenId) external view returns (address) {
        return tickets[tokenId].holder;
    }

    function canExit(uint256 tokenId) public view returns (bool) {
        Ticket memory ticket = tickets[tokenId];
        return ticket.holder != address(0) && block.timestamp > ticket.exitDate;
    }

    function queueExit(uint256 tokenId, address holder) external onlyEscrow {
        uint256 earliest = IQueueEscrow(escrow).locked(tokenId).start + minLock;
        if (earliest > block.timestamp) revert MinLockNotReached(tokenId, minLock, earliest);
        uint256 checkpoint = IQueueClock(clock).epochNextCheckpointTs();
        uint256 cooled = block.timestamp + cooldown;
        tickets[tokenId] = Ticket(holder, checkpoint > cooled ? checkpoint : cooled);
        emit ExitQueued(tokenId, holder, tickets[tokenId].exitDate);
    }

    function exit(uint256 tokenId) external onlyEscrow returns (uint256 fee) {
        if (!canExit(tokenId)) revert CannotExit();
        delete tickets[tokenId];
        fee = (uint256(IQueueEscrow(escrow).locked(tokenId).amount) * feePercent) / 1e18;
        emit Exit(tokenId, fee);
    }
}
