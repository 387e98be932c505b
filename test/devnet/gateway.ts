import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Hex, hexToBytes, keccak256, stringToBytes } from 'viem';
import { answerMessageHash, type SignedAnswer } from './answers.ts';
import { makeSigningKey, makeTlsIdentity, type SigningKey, type TlsIdentity } from './certificates.ts';
import { type Beat, heartbeatMessageHash } from './chain.ts';

export type GatewayFault = 'none' | 'slow' | 'html' | 'error' | 'stale-price' | 'wrong-identity';

/** A TEE gateway as a real HTTPS server, with an identity of its own. */
export class DevGateway {
  readonly name: string;
  fault: GatewayFault = 'none';
  latencyMs: number;
  registry: Hex | null = null;
  /** While false it neither listens nor beats. */
  alive = false;
  sent = 0;
  #signing: SigningKey;
  #tls: TlsIdentity;
  #server: Server | null = null;
  readonly #sockets = new Set<Duplex>();
  #port = 0;

  private constructor(name: string, latencyMs: number, signing: SigningKey, tls: TlsIdentity) {
    this.name = name;
    this.latencyMs = latencyMs;
    this.#signing = signing;
    this.#tls = tls;
  }

  static async start(name: string, latencyMs = 0): Promise<DevGateway> {
    const gateway = new DevGateway(name, latencyMs, makeSigningKey(), await makeTlsIdentity());
    await gateway.listen();
    return gateway;
  }

  get endpoint(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  get publicKeyDer(): Uint8Array {
    return this.#signing.publicKeyDer;
  }

  get tlsCertificateDer(): Uint8Array {
    return this.#tls.certificateDer;
  }

  get teeId(): Hex {
    return keccak256(this.#signing.publicKeyDer);
  }

  /** A heartbeat signed now; the real gateway dates it five minutes back, and so does this one. */
  beat(chainSeconds: number): Beat {
    const timestampSeconds = chainSeconds - 300;
    const message = hexToBytes(heartbeatMessageHash(this.teeId, timestampSeconds));
    this.sent += 1;
    return { teeId: this.teeId, timestampSeconds, signature: this.#signing.sign(message) };
  }

  /** An inference: what was asked, what came out, and the signature over both that is settled later. */
  answer(requestText: string, outputText: string, chainSeconds: number): SignedAnswer {
    const requestHash = keccak256(stringToBytes(requestText));
    const outputHash = keccak256(stringToBytes(outputText));
    const message = hexToBytes(answerMessageHash(requestHash, outputHash, chainSeconds));
    const signature = this.#signing.sign(message);
    return {
      teeId: this.teeId,
      requestHash,
      outputHash,
      signedAtSeconds: chainSeconds,
      signature,
      requestText,
      outputText,
    };
  }

  /** Listens again on the port it had. */
  async listen(): Promise<void> {
    const server = createServer({ key: this.#tls.keyPem, cert: this.#tls.certificatePem }, (request, response) => {
      void this.#answer(request.url ?? '/').then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type });
        response.end(body);
      });
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.alive = true;
  }

  /** Stops listening and beating: connections are refused. */
  async stop(): Promise<void> {
    this.alive = false;
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  /** Another TLS certificate than the registered one. */
  async swapCertificate(tls?: TlsIdentity): Promise<void> {
    await this.stop();
    this.#tls = tls ?? (await makeTlsIdentity());
    await this.listen();
  }

  /** The enclave restarts: a new key, hence a new node id, on the same endpoint. */
  async restart(): Promise<void> {
    await this.stop();
    this.#signing = makeSigningKey();
    this.#tls = await makeTlsIdentity();
    await this.listen();
  }

  async #answer(path: string): Promise<{ status: number; type: string; body: string }> {
    await delay(this.fault === 'slow' ? 30_000 : this.latencyMs, undefined, { ref: false });
    if (this.fault === 'html') return { status: 200, type: 'text/html', body: '<html><h1>It works!</h1></html>' };
    if (this.fault === 'error') return { status: 500, type: 'text/plain', body: 'no' };
    const body = this.#body(path.split('?')[0] as string);
    return { status: body === null ? 404 : 200, type: 'application/json', body: JSON.stringify(body ?? {}) };
  }

  #body(path: string): object | null {
    const now = Math.floor(Date.now() / 1000);
    if (path === '/health') {
      const age = this.fault === 'stale-price' ? 3_600 : 40;
      const feed = { price_usd: 0.21, last_success: now - age, last_error: null, consecutive_failures: 0 };
      return { status: 'OK', version: '1.0.0', tee_enabled: true, price_feed: { ...feed, refresh_interval: 300 } };
    }
    if (path === '/heartbeat/status') {
      const counts = { interval_seconds: 900, total_sent: this.sent, total_errors: 0, last_error: null };
      return { enabled: true, running: true, tee_id: this.teeId, registry: this.registry, ...counts };
    }
    if (path === '/signing-key') {
      const key = this.fault === 'wrong-identity' ? makeSigningKey() : this.#signing;
      return {
        public_key: key.publicKeyPem,
        tee_id: this.teeId,
        timestamp: new Date().toISOString(),
        measurements: null,
      };
    }
    return null;
  }
}
