import type { Server } from 'node:net';
import { connect, createServer, rootCertificates, type TlsOptions } from 'node:tls';
import type { TransportEvents } from './transport-common.ts';
import type { TlsCredentials } from './transport-credentials.ts';
import { socketOptions, type StreamKind } from './transport-stream.ts';

const handshakeTimeoutMs = 10_000;
/** RFC 8996: nothing older is safe. */
const minVersion = 'TLSv1.2';

/**
 * SIP over TLS (RFC 3261 §26.3.1). Every name that a client asks for (SNI) gets the one certificate. A peer that we
 * connect to must prove its address by a certificate of a public authority, or by our own one: machines of one
 * installation may share it.
 */
export class TlsKind implements StreamKind {
  readonly protocol = 'tls';
  readonly #events: TransportEvents;
  #credentials: TlsCredentials;
  #server: (Server & { setSecureContext(options: TlsOptions): void }) | undefined;

  constructor(credentials: TlsCredentials, events: TransportEvents) {
    this.#credentials = credentials;
    this.#events = events;
  }

  createServer(onConnection: Parameters<StreamKind['createServer']>[0]): Server {
    const { certificate: cert, key } = this.#credentials;
    const server = createServer({
      ...socketOptions,
      cert,
      key,
      minVersion,
      handshakeTimeout: handshakeTimeoutMs,
    });
    server.on('secureConnection', onConnection);
    server.on('tlsClientError', (error, socket) => {
      this.#events.fault(
        'sip-tls',
        `no handshake with ${socket.remoteAddress ?? 'a peer'}: ${error.message}`,
      );
    });
    this.#server = server;
    return server;
  }

  connect(host: string, port: number, whenReady: () => void): ReturnType<StreamKind['connect']> {
    const { certificate: cert, key } = this.#credentials;
    const ca = [...rootCertificates, cert];
    return connect({ host, port, cert, key, ca, minVersion, ...socketOptions }, whenReady);
  }

  /** New connections get the new certificate; those that are up stay. */
  renew(credentials: TlsCredentials): void {
    if (credentials.certificate === this.#credentials.certificate) return;
    this.#credentials = credentials;
    this.#server?.setSecureContext({ cert: credentials.certificate, key: credentials.key, minVersion });
  }
}
