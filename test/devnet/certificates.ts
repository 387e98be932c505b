import 'reflect-metadata';
import { constants, generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as typeof globalThis.crypto);

export interface TlsIdentity {
  certificatePem: string;
  keyPem: string;
  certificateDer: Uint8Array;
}

/** A self-signed TLS certificate as a node makes one for itself. */
export async function makeTlsIdentity(validFrom = new Date(Date.now() - 60_000), validTo?: Date): Promise<TlsIdentity> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    name: 'CN=localhost',
    notBefore: validFrom,
    notAfter: validTo ?? new Date(Date.now() + 90 * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: `-----BEGIN PRIVATE KEY-----\n${Buffer.from(pkcs8).toString('base64')}\n-----END PRIVATE KEY-----\n`,
    certificateDer: new Uint8Array(certificate.rawData),
  };
}

export interface SigningKey {
  publicKeyPem: string;
  publicKeyDer: Uint8Array;
  /** RSA-PSS, SHA-256, salt 32, over the bytes as they are. */
  sign(message: Uint8Array): Uint8Array;
}

/** An enclave's RSA-2048 signing key. */
export function makeSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const exported = (key: KeyObject) => Uint8Array.from(key.export({ type: 'spki', format: 'der' }));
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    publicKeyDer: exported(publicKey),
    sign: (message) =>
      sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  };
}
