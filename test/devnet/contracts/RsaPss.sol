// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Stands in for the precompile at 0x900: RSA-2048, PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes (RFC 8017, 9.1.2).
/// The signed message is the 32 bytes of messageHash.
contract RsaPss {
    uint256 constant MODULUS = 256;

    function verifyRSAPSS(bytes calldata der, bytes32 messageHash, bytes calldata signature) external view returns (bool) {
        // DER SubjectPublicKeyInfo of RSA-2048 with exponent 65537 is always 294 bytes with the modulus at 33.
        if (der.length != 294 || signature.length != MODULUS) return false;
        bytes memory em = _power(signature, der[33:33 + MODULUS]);
        if (em.length != MODULUS || em[MODULUS - 1] != 0xbc || uint8(em[0]) & 0x80 != 0) return false;
        bytes32 h;
        assembly { h := mload(add(em, add(32, 223))) }
        bytes memory mask = _mgf1(h);
        mask[0] = bytes1(uint8(mask[0]) & 0x7f);
        for (uint256 i = 0; i < 223; i++) mask[i] = mask[i] ^ em[i];
        mask[0] = bytes1(uint8(mask[0]) & 0x7f);
        for (uint256 i = 0; i < 190; i++) if (mask[i] != 0) return false;
        if (mask[190] != 0x01) return false;
        bytes32 salt;
        assembly { salt := mload(add(mask, add(32, 191))) }
        return h == sha256(abi.encodePacked(bytes8(0), sha256(abi.encodePacked(messageHash)), salt));
    }

    function _power(bytes calldata base, bytes calldata modulus) internal view returns (bytes memory) {
        (bool ok, bytes memory answer) = address(5).staticcall(
            abi.encodePacked(MODULUS, uint256(3), MODULUS, base, hex"010001", modulus)
        );
        require(ok);
        return answer;
    }

    function _mgf1(bytes32 seed) internal pure returns (bytes memory mask) {
        mask = new bytes(224);
        for (uint256 i = 0; i < 7; i++) {
            bytes32 block_ = sha256(abi.encodePacked(seed, uint32(i)));
            assembly { mstore(add(mask, add(32, mul(i, 32))), block_) }
        }
    }
}
