// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// The paying token as far as a reader of transfers sees it: anyone moves anything.
contract Payments {
    event Transfer(address indexed from, address indexed to, uint256 value);

    function move(address from, address to, uint256 value, uint256 times) external {
        for (uint256 i = 0; i < times; i++) emit Transfer(from, to, value);
    }
}
