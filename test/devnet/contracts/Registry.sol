// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// The small network's TEE registry: the public ABI of the real one, without attestation.
/// Layout of the answer differs between generations; storage is the same.
abstract contract RegistryBase {
    struct Stored {
        address owner;
        address paymentAddress;
        string endpoint;
        bytes publicKey;
        bytes tlsCertificate;
        bytes32 pcrHash;
        uint8 teeType;
        bool enabled;
        uint256 registeredAt;
        uint256 lastHeartbeatAt;
        bytes ohttpKey;
    }
    struct TEETypeInfo { string name; uint256 addedAt; }
    struct PCRKey { bytes32 pcrHash; uint8 teeType; }

    event TEETypeAdded(uint8 indexed typeId, string name);
    event PCRApproved(bytes32 indexed pcrHash, uint8 indexed teeType, string version);
    event PCRRevoked(bytes32 indexed pcrHash, uint8 indexed teeType);
    event TEERegistered(bytes32 indexed teeId, address indexed owner, uint8 teeType);
    event TEEDisabled(bytes32 indexed teeId);
    event TEEEnabled(bytes32 indexed teeId);
    event HeartbeatReceived(bytes32 indexed teeId, uint256 timestamp);

    error TEENotFound();
    error NotAdmin();
    error BadSignature();

    address constant VERIFIER = 0x0000000000000000000000000000000000000900;

    address public admin = msg.sender;
    uint256 public heartbeatMaxAge = 1800;
    mapping(bytes32 => Stored) internal tees;
    mapping(uint8 => bytes32[]) internal byType;
    mapping(address => bytes32[]) internal byOwner;
    uint8[] internal typeIds;
    mapping(uint8 => TEETypeInfo) internal typeInfo;
    PCRKey[] internal pcrs;
    mapping(uint8 => mapping(bytes32 => bool)) internal approved;

    modifier onlyAdmin() { if (msg.sender != admin) revert NotAdmin(); _; }

    function addTEEType(uint8 typeId, string calldata name) external onlyAdmin {
        typeIds.push(typeId);
        typeInfo[typeId] = TEETypeInfo(name, block.timestamp);
        emit TEETypeAdded(typeId, name);
    }

    function approvePCR(bytes32 pcrHash, uint8 teeType, string calldata version) external onlyAdmin {
        if (!approved[teeType][pcrHash]) { approved[teeType][pcrHash] = true; pcrs.push(PCRKey(pcrHash, teeType)); }
        emit PCRApproved(pcrHash, teeType, version);
    }

    /// As on the real one: every node of that measurement is disabled in the same transaction, then the event.
    function revokePCR(bytes32 pcrHash, uint8 teeType) external onlyAdmin {
        approved[teeType][pcrHash] = false;
        for (uint256 i = 0; i < pcrs.length; i++) {
            if (pcrs[i].pcrHash == pcrHash && pcrs[i].teeType == teeType) { pcrs[i] = pcrs[pcrs.length - 1]; pcrs.pop(); break; }
        }
        bytes32[] storage ids = byType[teeType];
        for (uint256 i = 0; i < ids.length; i++) {
            Stored storage tee = tees[ids[i]];
            if (tee.pcrHash == pcrHash && tee.enabled) { tee.enabled = false; emit TEEDisabled(ids[i]); }
        }
        emit PCRRevoked(pcrHash, teeType);
    }

    function setHeartbeatMaxAge(uint256 seconds_) external onlyAdmin { heartbeatMaxAge = seconds_; }

    function register(Stored calldata tee) external onlyAdmin returns (bytes32 teeId) {
        teeId = keccak256(tee.publicKey);
        tees[teeId] = tee;
        tees[teeId].enabled = true;
        tees[teeId].registeredAt = block.timestamp;
        tees[teeId].lastHeartbeatAt = block.timestamp;
        byType[tee.teeType].push(teeId);
        byOwner[tee.owner].push(teeId);
        emit TEERegistered(teeId, tee.owner, tee.teeType);
    }

    function disableTEE(bytes32 teeId) external onlyAdmin { _known(teeId).enabled = false; emit TEEDisabled(teeId); }
    function enableTEE(bytes32 teeId) external onlyAdmin { _known(teeId).enabled = true; emit TEEEnabled(teeId); }

    /// RSA-PSS over keccak256(abi.encode(teeId, timestamp)), checked by the stand-in at 0x900.
    function heartbeat(bytes32 teeId, uint256 timestamp, bytes calldata signature) external {
        Stored storage tee = _known(teeId);
        (bool ok, bytes memory answer) = VERIFIER.staticcall(
            abi.encodeWithSignature(
                "verifyRSAPSS(bytes,bytes32,bytes)", tee.publicKey, keccak256(abi.encode(teeId, timestamp)), signature
            )
        );
        if (!ok || answer.length != 32 || !abi.decode(answer, (bool))) revert BadSignature();
        tee.lastHeartbeatAt = block.timestamp;
        emit HeartbeatReceived(teeId, timestamp);
    }

    function _known(bytes32 teeId) internal view returns (Stored storage tee) {
        tee = tees[teeId];
        if (tee.registeredAt == 0) revert TEENotFound();
    }

    function getTEETypes() external view returns (uint8[] memory ids, TEETypeInfo[] memory infos) {
        infos = new TEETypeInfo[](typeIds.length);
        for (uint256 i = 0; i < typeIds.length; i++) infos[i] = typeInfo[typeIds[i]];
        return (typeIds, infos);
    }
    function isValidTEEType(uint8 typeId) external view returns (bool) { return typeInfo[typeId].addedAt != 0; }
    function getTEEsByType(uint8 teeType) external view returns (bytes32[] memory) { return byType[teeType]; }
    function getTEEsByOwner(address owner) external view returns (bytes32[] memory) { return byOwner[owner]; }
    function getTEEPublicKey(bytes32 teeId) external view returns (bytes memory) { return _known(teeId).publicKey; }
    function getApprovedPCRs() external view returns (PCRKey[] memory) { return pcrs; }
    function isPCRApproved(uint8 teeType, bytes32 pcrHash) external view returns (bool) { return approved[teeType][pcrHash]; }
    function isTEEEnabled(bytes32 teeId) external view returns (bool) { return tees[teeId].enabled; }
    function isTEEActive(bytes32 teeId) external view returns (bool) {
        Stored storage tee = tees[teeId];
        return tee.enabled && block.timestamp - tee.lastHeartbeatAt <= heartbeatMaxAge && approved[tee.teeType][tee.pcrHash];
    }
}

contract Registry10 is RegistryBase {
    struct TEEInfo {
        address owner; address paymentAddress; string endpoint; bytes publicKey; bytes tlsCertificate;
        bytes32 pcrHash; uint8 teeType; bool enabled; uint256 registeredAt; uint256 lastHeartbeatAt;
    }
    function getTEE(bytes32 teeId) external view returns (TEEInfo memory) {
        Stored storage t = _known(teeId);
        return TEEInfo(t.owner, t.paymentAddress, t.endpoint, t.publicKey, t.tlsCertificate,
            t.pcrHash, t.teeType, t.enabled, t.registeredAt, t.lastHeartbeatAt);
    }
}

contract Registry11 is RegistryBase {
    struct OhttpConfig {
        uint8 keyId; uint16 kemId; uint16 kdfId; uint16 aeadId; bytes publicKey; bytes keyConfig; uint256 registeredAt;
    }
    struct TEEInfo {
        address owner; address paymentAddress; string endpoint; bytes publicKey; bytes tlsCertificate;
        bytes32 pcrHash; uint8 teeType; bool enabled; uint256 registeredAt; uint256 lastHeartbeatAt; OhttpConfig ohttpConfig;
    }
    function getTEE(bytes32 teeId) external view returns (TEEInfo memory info) {
        Stored storage t = _known(teeId);
        info.owner = t.owner; info.paymentAddress = t.paymentAddress; info.endpoint = t.endpoint;
        info.publicKey = t.publicKey; info.tlsCertificate = t.tlsCertificate; info.pcrHash = t.pcrHash;
        info.teeType = t.teeType; info.enabled = t.enabled; info.registeredAt = t.registeredAt;
        info.lastHeartbeatAt = t.lastHeartbeatAt;
        if (t.ohttpKey.length > 0) info.ohttpConfig = OhttpConfig(1, 0x20, 1, 3, t.ohttpKey, "", t.registeredAt);
    }
}
