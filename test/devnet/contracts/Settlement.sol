// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Just enough of relay and verifier for the way relay -> verifier -> registry.
contract Verifier {
    address public registry;
    constructor(address registry_) { registry = registry_; }
}

contract Relay {
    address public SETTLEMENT_CONTRACT;
    constructor(address verifier) { SETTLEMENT_CONTRACT = verifier; }
}
