// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BrToken} from "./BrToken.sol";
import {EpochClock} from "./EpochClock.sol";
import {ExitQueue} from "./ExitQueue.sol";
import {LockNft} from "./LockNft.sol";
import {PowerCurve} from "./PowerCurve.sol";

interface IEscrowVoter {
    function byAddress() external view returns (bool);
    function holdsVotes(uint256 tokenId) external view returns (bool);
    function reset(uint256 tokenId) external;
    function updateVotingPower(address from, address to) external;
}

/// Locks BR for a receipt whose power grows. Anyone may be its administrator here.
contract VotingEscrow {
    struct LockedBalance {
        uint208 amount;
        uint48 start;
    }

    address public immutable token;
    address public immutable clock;
    address public curve;
    address public queue;
    address public lockNFT;
    address public voter;
    uint256 public minDeposit;
    uint256 public lastLockId;
    uint256 public totalLocked;
    mapping(uint256 => LockedBalance) private locks;

    event MinDepositSet(uint256 minDeposit);
    event Deposit(
        address indexed depositor,
        uint256 indexed tokenId,
        uint256 indexed startTs,
        uint256 value,
        uint256 newTotalLocked
    );
    event Withdraw(
        address indexed depositor,
        uint256 indexed tokenId,
        uint256 value,
        uint256 ts,
        uint256 newTotalLocked
    );

    error AmountTooSmall();
    error CannotExit();
    error NotTicketHolder();
    error NotApprovedOrOwner();
    error OnlyLockNft();

    constructor(address token_, address clock_, uint256 minDeposit_) {
        (token, clock, minDeposit) = (token_, clock_, minDeposit_);
        emit MinDepositSet(minDeposit_);
    }

    function setParts(address curve_, address queue_, address lockNft_) external {
        (curve, queue, lockNFT) = (curve_, queue_, lockNft_);
    }

    /// Says nothing in the logs, as in the original.
    function setVoter(address voter_) external {
        voter = voter_;
    }

    function locked(uint256 tokenId) external view returns (LockedBalance memory) {
        return locks[tokenId];
    }

    function isApprovedOrOwner(address spender, uint256 tokenId) public view returns (bool) {
        return LockNft(lockNFT).isApprovedOrOwner(spender, tokenId);
    }

    function ownedTokens(address owner) public view returns (uint256[] memory) {
        return LockNft(lockNFT).tokensOf(owner);
    }

    function votingPower(uint256 tokenId) public view returns (uint256) {
        return votingPowerAt(tokenId, block.timestamp);
    }

    function votingPowerAt(uint256 tokenId, uint256 t) public view returns (uint256) {
        return PowerCurve(curve).votingPowerAt(tokenId, t);
    }

    function votingPowerForAccount(address account) external view returns (uint256 power) {
        uint256[] memory tokens = ownedTokens(account);
        for (uint256 i = 0; i < tokens.length; i++) power += votingPower(tokens[i]);
    }

    function totalVotingPower() external view returns (uint256) {
        return totalVotingPowerAt(block.timestamp);
    }

    function totalVotingPowerAt(uint256 t) public view returns (uint256) {
        return PowerCurve(curve).supplyAt(t);
    }

    function isVoting(uint256 tokenId) public view returns (bool) {
        return IEscrowVoter(voter).holdsVotes(tokenId);
    }

    function createLock(uint256 value) external returns (uint256) {
        return _lock(value, msg.sender);
    }

    function createLockFor(uint256 value, address to) external returns (uint256) {
        return _lock(value, to);
    }

    function _lock(uint256 value, address to) private returns (uint256 tokenId) {
        if (value < minDeposit) revert AmountTooSmall();
        uint256 start = EpochClock(clock).epochNextCheckpointTs();
        tokenId = ++lastLockId;
        totalLocked += value;
        locks[tokenId] = LockedBalance(uint208(value), uint48(start));
        PowerCurve(curve).checkpoint(tokenId, value, start);
        BrToken(token).transferFrom(msg.sender, address(this), value);
        LockNft(lockNFT).mint(to, tokenId);
        emit Deposit(to, tokenId, start, value, totalLocked);
    }

    /// The sender of those resets is this contract.
    function resetVotesAndBeginWithdrawal(uint256 tokenId) external {
        IEscrowVoter(voter).reset(tokenId);
        beginWithdrawal(tokenId);
    }

    /// The receipt comes here; its power ends at the next checkpoint. Votes by address do not stand in its way.
    function beginWithdrawal(uint256 tokenId) public {
        if (!isApprovedOrOwner(msg.sender, tokenId)) revert NotApprovedOrOwner();
        if (!IEscrowVoter(voter).byAddress() && isVoting(tokenId)) revert CannotExit();
        if (votingPower(tokenId) == 0) revert CannotExit();
        address owner = LockNft(lockNFT).ownerOf(tokenId);
        PowerCurve(curve).checkpoint(tokenId, 0, EpochClock(clock).epochNextCheckpointTs());
        LockNft(lockNFT).transferFrom(owner, address(this), tokenId);
        ExitQueue(queue).queueExit(tokenId, owner);
    }

    function withdraw(uint256 tokenId) external {
        if (ExitQueue(queue).ticketHolder(tokenId) != msg.sender) revert NotTicketHolder();
        uint256 value = locks[tokenId].amount;
        uint256 fee = ExitQueue(queue).exit(tokenId);
        delete locks[tokenId];
        totalLocked -= value;
        LockNft(lockNFT).burn(tokenId);
        if (fee > 0) BrToken(token).transfer(queue, fee);
        BrToken(token).transfer(msg.sender, value - fee);
        emit Withdraw(msg.sender, tokenId, value - fee, block.timestamp, totalLocked);
    }

    /// A receipt moved: votes by address follow what their owners still have.
    function moved(address from, address to) external {
        if (msg.sender != lockNFT) revert OnlyLockNft();
        if (IEscrowVoter(voter).byAddress()) IEscrowVoter(voter).updateVotingPower(from, to);
    }
}
