import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { isPublicAddress } from './publicAddress.ts';

/** Thrown before a byte of HTTP is sent. */
export class RefusedAddress extends Error {}
export class CertificateMismatch extends Error {}

export type Lookup = (hostname: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void;

export interface PinOptions {
  allowPrivate: boolean;
  /** DER the peer must present, byte for byte; null accepts any. */
  certificateDer: Uint8Array | null;
  /** Told what the peer presented, also when it does not match. */
  onCertificate: (der: Uint8Array) => void;
  connectTimeoutMs: number;
  lookup?: Lookup;
}

const systemLookup: Lookup = (hostname, callback) => dnsLookup(hostname, { all: true }, callback);

/**
 * An agent for one endpoint of a stranger: it connects to public addresses only, checked after DNS on the very
 * address that is connected to, and hands a connection to HTTP only once the certificate is the registered one.
 * Chain and host name are not verified: nodes sign their own, and the registry says which.
 */
export class PinnedAgent extends Agent {
  readonly #pin: PinOptions;
  readonly #sockets = new Set<TLSSocket>();

  constructor(pin: PinOptions) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#pin = pin;
  }

  // The callback form keeps the request waiting until the peer has been checked.
  override createConnection(
    options: { host?: string | null; port?: number | string | null },
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const pin = this.#pin;
    const host = String(options.host).replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: Number(options.port ?? 443),
      rejectUnauthorized: false,
      timeout: pin.connectTimeoutMs,
      lookup: (hostname, lookupOptions, done) => {
        (pin.lookup ?? systemLookup)(hostname, (error, addresses) => {
          const allowed = pin.allowPrivate
            ? addresses
            : (addresses ?? []).filter(({ address }) => isPublicAddress(address));
          const first = allowed?.[0];
          if (error) done(error, '', 0);
          else if (first === undefined) done(new RefusedAddress('the name leads to a private address'), '', 0);
          else if (lookupOptions.all) (done as unknown as (e: null, a: LookupAddress[]) => void)(null, allowed);
          else done(null, first.address, first.family);
        });
      },
    });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const fail = (error: Error): void => {
      socket.destroy();
      callback(error, socket);
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })));
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      const problem = this.#check(socket);
      if (problem === null) callback(null, socket);
      else fail(problem);
    });
    return undefined;
  }

  /** Ends the connections that are only being made, too: a peer may draw out its handshake beyond our deadline. */
  override destroy(): void {
    super.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #check(socket: TLSSocket): Error | null {
    const { allowPrivate, certificateDer, onCertificate } = this.#pin;
    if (!allowPrivate && !isPublicAddress(socket.remoteAddress ?? '')) {
      return new RefusedAddress('the connection led to a private address');
    }
    const presented = socket.getPeerCertificate().raw;
    if (presented === undefined) return new CertificateMismatch('the peer presented no certificate');
    onCertificate(presented);
    if (certificateDer === null || Buffer.compare(presented, certificateDer) === 0) return null;
    return new CertificateMismatch('the peer presented another certificate than the registered one');
  }
}
