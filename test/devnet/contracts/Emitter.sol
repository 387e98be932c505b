// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Heartbeats in bulk for the benchmark: the registry's event without the work of checking a signature.
contract Emitter {
    event HeartbeatReceived(bytes32 indexed teeId, uint256 timestamp);

    function emitBeats(uint256 first, uint256 count) external {
        for (uint256 i = first; i < first + count; i++) {
            emit HeartbeatReceived(keccak256(abi.encode(i % 1000)), block.timestamp - 300);
        }
    }
}
