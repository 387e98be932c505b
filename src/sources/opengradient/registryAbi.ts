import { parseAbi } from 'viem';

/**
 * What Assay reads of the TEERegistry. TEEInfo is described with its ten oldest fields: the newer answer with an
 * eleventh (ohttpConfig) decodes with this too, the other way round it would not.
 */
export const registryAbi = parseAbi([
  'struct TEEInfo { address owner; address paymentAddress; string endpoint; bytes publicKey; bytes tlsCertificate; bytes32 pcrHash; uint8 teeType; bool enabled; uint256 registeredAt; uint256 lastHeartbeatAt; }',
  'struct TEETypeInfo { string name; uint256 addedAt; }',
  'struct PCRKey { bytes32 pcrHash; uint8 teeType; }',
  'function getTEE(bytes32 teeId) view returns (TEEInfo)',
  'function getTEEsByType(uint8 teeType) view returns (bytes32[])',
  'function getTEETypes() view returns (uint8[] typeIds, TEETypeInfo[] infos)',
  'function getApprovedPCRs() view returns (PCRKey[])',
  'function isPCRApproved(uint8 teeType, bytes32 pcrHash) view returns (bool)',
  'function heartbeatMaxAge() view returns (uint256)',
]);

/** The eleventh field, decoded only where the layout has it. */
export const teeWithOhttpAbi = parseAbi([
  'struct OhttpConfig { uint8 keyId; uint16 kemId; uint16 kdfId; uint16 aeadId; bytes publicKey; bytes keyConfig; uint256 registeredAt; }',
  'struct TEEInfo11 { address owner; address paymentAddress; string endpoint; bytes publicKey; bytes tlsCertificate; bytes32 pcrHash; uint8 teeType; bool enabled; uint256 registeredAt; uint256 lastHeartbeatAt; OhttpConfig ohttpConfig; }',
  'function getTEE(bytes32 teeId) view returns (TEEInfo11)',
]);
