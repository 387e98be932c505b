import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePacked, type Hex, hexToBytes, keccak256, toHex } from 'viem';

export interface OpensslNode {
  teeId: Hex;
  /** SubjectPublicKeyInfo. */
  der: Uint8Array;
  /** What the node signs for an answer: RSA-PSS with a salt of 32 bytes, unless told otherwise. */
  sign(answer: { requestHash: Hex; outputHash: Hex; signedAtSeconds: number | bigint }, options?: string[]): Hex;
  close(): void;
}

const PSS = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:32'];

/** A node whose key and signatures are OpenSSL's, made by its command line: nothing of them comes from what is tested. */
export function opensslNode(bits = 2048): OpensslNode {
  const folder = mkdtempSync(join(tmpdir(), 'assay-openssl-'));
  const keyFile = join(folder, 'key.pem');
  const openssl = (args: string[], input?: Uint8Array): Buffer =>
    execFileSync('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'], ...(input ? { input } : {}) });
  writeFileSync(keyFile, openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`]));
  const der = Uint8Array.from(openssl(['pkey', '-in', keyFile, '-pubout', '-outform', 'DER']));
  return {
    teeId: keccak256(der),
    der,
    sign({ requestHash, outputHash, signedAtSeconds }, options = PSS) {
      const types = ['bytes32', 'bytes32', 'uint256'] as const;
      const message = hexToBytes(keccak256(encodePacked(types, [requestHash, outputHash, BigInt(signedAtSeconds)])));
      const sigopts = options.flatMap((option) => ['-sigopt', option]);
      return toHex(openssl(['dgst', '-sha256', '-sign', keyFile, ...sigopts], message));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
