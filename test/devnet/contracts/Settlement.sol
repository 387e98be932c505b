// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IRegistry {
    function isTEEEnabled(bytes32 teeId) external view returns (bool);
    function getTEEPublicKey(bytes32 teeId) external view returns (bytes memory);
}

/// The public ABI of TEEInferenceVerifier: relay -> verifier -> registry, and signatures checked by the stand-in at 0x900.
contract Verifier {
    address constant PRECOMPILE = 0x0000000000000000000000000000000000000900;
    uint256 public constant MAX_INFERENCE_AGE = 3600;
    uint256 public constant FUTURE_TOLERANCE = 300;
    address public registry;

    event RegistryUpdated(address indexed oldRegistry, address indexed newRegistry);

    constructor(address registry_) { registry = registry_; }

    function setRegistry(address registry_) external {
        emit RegistryUpdated(registry, registry_);
        registry = registry_;
    }

    function computeMessageHash(bytes32 inputHash, bytes32 outputHash, uint256 timestamp) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(inputHash, outputHash, timestamp));
    }

    function verifySignature(
        bytes32 teeId, bytes32 inputHash, bytes32 outputHash, uint256 timestamp, bytes calldata signature
    ) external view returns (bool) {
        if (timestamp + MAX_INFERENCE_AGE < block.timestamp || timestamp > block.timestamp + FUTURE_TOLERANCE) return false;
        return verifySignatureNoTimestamp(teeId, inputHash, outputHash, timestamp, signature);
    }

    function verifySignatureNoTimestamp(
        bytes32 teeId, bytes32 inputHash, bytes32 outputHash, uint256 timestamp, bytes calldata signature
    ) public view returns (bool) {
        if (!IRegistry(registry).isTEEEnabled(teeId)) return false;
        bytes memory key = IRegistry(registry).getTEEPublicKey(teeId);
        bytes32 message = computeMessageHash(inputHash, outputHash, timestamp);
        (bool ok, bytes memory answer) =
            PRECOMPILE.staticcall(abi.encodeWithSignature("verifyRSAPSS(bytes,bytes32,bytes)", key, message, signature));
        return ok && answer.length == 32 && abi.decode(answer, (bool));
    }
}

abstract contract SettlementEvents {
    event BatchSettlement(bytes32 indexed merkleRoot, uint256 batchSize, bytes walrusBlobId);
    event IndividualSettlement(
        bytes32 indexed teeId, address indexed ethAddress, bytes32 inputHash, bytes32 outputHash,
        uint256 timestamp, bytes walrusBlobId, bytes signature
    );
}

/// "SettlementRelay" as the facilitator publishes it: neither write asks who is calling.
contract OpenRelay is SettlementEvents {
    address public SETTLEMENT_CONTRACT;

    constructor(address verifier) { SETTLEMENT_CONTRACT = verifier; }

    function _mayWrite() internal view virtual {}

    function batchSettle(bytes32 _merkleRoot, uint256 _batchSize, bytes calldata _walrusBlobId) external {
        _mayWrite();
        emit BatchSettlement(_merkleRoot, _batchSize, _walrusBlobId);
    }

    function settleIndividual(
        bytes32 _teeId, bytes32 _inputHash, bytes32 _outputHash, uint256 _timestamp, address _ethAddress,
        bytes calldata _walrusBlobId, bytes calldata _signature
    ) external {
        _mayWrite();
        require(
            Verifier(SETTLEMENT_CONTRACT).verifySignature(_teeId, _inputHash, _outputHash, _timestamp, _signature),
            "Invalid signature"
        );
        emit IndividualSettlement(_teeId, _ethAddress, _inputHash, _outputHash, _timestamp, _walrusBlobId, _signature);
    }

    /// As OpenZeppelin's MerkleProof: pairs are sorted.
    function verifyProof(bytes32[] calldata _proof, bytes32 _root, bytes32 _leaf) external pure returns (bool) {
        bytes32 node = _leaf;
        for (uint256 i = 0; i < _proof.length; i++) {
            node = node < _proof[i] ? keccak256(abi.encode(node, _proof[i])) : keccak256(abi.encode(_proof[i], node));
        }
        return node == _root;
    }
}

/// "InferenceSettlementRelay": the same, for accounts with the role only.
contract Relay is OpenRelay {
    bytes32 public constant SETTLEMENT_RELAY_ROLE = keccak256("SETTLEMENT_RELAY_ROLE");
    address admin = msg.sender;
    mapping(bytes32 => mapping(address => bool)) public hasRole;

    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    constructor(address verifier) OpenRelay(verifier) {}

    function grantRole(bytes32 role, address account) external {
        if (msg.sender != admin) revert AccessControlUnauthorizedAccount(msg.sender, 0);
        hasRole[role][account] = true;
    }

    function _mayWrite() internal view override {
        if (!hasRole[SETTLEMENT_RELAY_ROLE][msg.sender]) {
            revert AccessControlUnauthorizedAccount(msg.sender, SETTLEMENT_RELAY_ROLE);
        }
    }
}

/// "V1": the older event forms.
contract OldRelay {
    event BatchSettlement(bytes32 indexed merkleRoot, uint256 batchSize);
    event Settlement(bytes32 indexed inputHash, bytes32 indexed outputHash);
    event SettlementWithMetadata(
        bytes32 indexed inputHash, bytes32 indexed outputHash, string modelInfo, bytes inputData, bytes outputData
    );

    function batchSettle(bytes32 root, uint256 batchSize) external { emit BatchSettlement(root, batchSize); }
    function settle(bytes32 inputHash, bytes32 outputHash) external { emit Settlement(inputHash, outputHash); }
    function settleWithMetadata(
        bytes32 inputHash, bytes32 outputHash, string calldata info, bytes calldata input, bytes calldata output
    ) external {
        emit SettlementWithMetadata(inputHash, outputHash, info, input, output);
    }
}

/// Settlement events in bulk: the relay's, hundreds a transaction, without the work of checking anything.
contract BulkRelay is SettlementEvents {
    struct Batch { bytes32 root; uint256 size; bytes blobId; }
    struct Individual {
        bytes32 teeId; address payer; bytes32 inputHash; bytes32 outputHash; uint256 timestamp; bytes blobId; bytes signature;
    }

    function emitBatches(Batch[] calldata list) external {
        for (uint256 i = 0; i < list.length; i++) emit BatchSettlement(list[i].root, list[i].size, list[i].blobId);
    }

    function emitIndividuals(Individual[] calldata list) external {
        for (uint256 i = 0; i < list.length; i++) {
            Individual calldata one = list[i];
            emit IndividualSettlement(
                one.teeId, one.payer, one.inputHash, one.outputHash, one.timestamp, one.blobId, one.signature
            );
        }
    }

    /// Made up from the numbers first … first + count - 1: distinct answers, signatures of the right length that nobody made.
    function inventIndividuals(bytes32 teeId, uint256 first, uint256 count, uint256 age) external {
        bytes memory signature = new bytes(256);
        bytes memory blobId = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (uint256 i = first; i < first + count; i++) {
            bytes32 seed = keccak256(abi.encode(i));
            assembly { mstore(add(signature, 32), seed) }
            emit IndividualSettlement(
                teeId, address(uint160(i % 1000 + 1)), seed, ~seed, block.timestamp - age, blobId, signature
            );
        }
    }

    function inventBatches(uint256 first, uint256 count, uint256 size) external {
        bytes memory blobId = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (uint256 i = first; i < first + count; i++) emit BatchSettlement(keccak256(abi.encode(i)), size, blobId);
    }
}
