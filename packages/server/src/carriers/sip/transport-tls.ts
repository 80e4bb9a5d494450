import { X509Certificate } from 'node:crypto';
import { isIP, type Server, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  createServer,
  rootCertificates,
  type SecureContext,
  type TlsOptions,
  TLSSocket,
} from 'node:tls';
import type { TransportEvents } from './transport-common.ts';
import { certificatesIn } from './transport-credentials-folder.ts';
import type { CredentialsFolder, TlsCredentials } from './transport-credentials.ts';
import { socketOptions, type StreamKind } from './transport-stream.ts';

/** How a server that we connect to is to be met. */
export interface TlsPeer {
  /** What its certificate must name: the host as it was configured, before it was looked up. */
  host: string;
  /** File of the folder, without `.pem`, that proves us; null: our first certificate. */
  certificate: string | null;
  /** File of the folder with the authorities that it must be vouched for by; null: the public ones. */
  authority: string | null;
}

type OwnCertificate = Pick<TlsCredentials, 'certificate' | 'key'>;

const handshakeTimeoutMs = 10_000;
/** RFC 8996: nothing older is safe. */
const minVersion = 'TLSv1.2';
const chainMax = 8;

/**
 * SIP over TLS (RFC 3261 §26.3.1). A client that asks for a name (SNI) gets the certificate that is for it, else the
 * first one. A peer that we connect to must prove its address, or the host that it was configured by, by a certificate
 * of a public authority, of its own authority, or by our own one: machines of one installation may share it.
 */
export class TlsKind implements StreamKind {
  readonly protocol = 'tls';
  readonly #events: TransportEvents;
  readonly #peerAt: (address: string, port: number) => TlsPeer | undefined;
  #credentials: TlsCredentials;
  /** Of names, made when they are first asked for. */
  #contexts = new Map<string, SecureContext>();
  /** Of connections that we open: to read all public authorities each time would stop everything for 10 ms. */
  #outgoing = new Map<string, SecureContext>();
  #server: (Server & { setSecureContext(options: TlsOptions): void }) | undefined;

  constructor(
    credentials: TlsCredentials,
    events: TransportEvents,
    peerAt: (address: string, port: number) => TlsPeer | undefined = () => undefined,
  ) {
    this.#credentials = credentials;
    this.#events = events;
    this.#peerAt = peerAt;
  }

  createServer(onConnection: Parameters<StreamKind['createServer']>[0]): Server {
    const server = createServer({
      ...socketOptions,
      ...this.#contextOptions(),
      handshakeTimeout: handshakeTimeoutMs,
      // A trunk may prove itself by a certificate; a phone has none, and is not asked to.
      requestCert: this.#credentials.folder !== undefined,
      rejectUnauthorized: false,
      SNICallback: (name, done) => done(null, this.#contextFor(name)),
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
    const peer = this.#peerAt(host, port);
    const own = this.#ownFor(peer);
    const authorities = this.#authoritiesOf(peer, own.certificate);
    if (authorities === undefined) {
      const path = this.#credentials.folder?.path ?? 'CROSSPOINT_SIP_TLS_DIR';
      this.#events.fault(
        'sip-tls',
        `${peer?.host}: there is no authority ${peer?.authority}.pem in ${path}; nobody is trusted there`,
      );
    }
    const servername = peer === undefined || isIP(peer.host) !== 0 ? undefined : peer.host;
    return connect(
      {
        host,
        port,
        secureContext: this.#outgoingContext(own, authorities ?? []),
        ...(servername === undefined ? {} : { servername }),
        ...socketOptions,
      },
      whenReady,
    );
  }

  /** New connections get the new certificates; those that are up stay. */
  renew(credentials: TlsCredentials): void {
    if (isSame(credentials, this.#credentials)) return;
    this.#credentials = credentials;
    this.#contexts = new Map();
    this.#outgoing = new Map();
    this.#server?.setSecureContext(this.#contextOptions());
  }

  /**
   * Whether the peer of a connection has proven by a certificate of that authority (a file of the folder) that it is one
   * of these hosts.
   */
  isPeer(socket: Socket | undefined, authority: string, hosts: readonly string[]): boolean {
    const trusted = this.#credentials.folder?.authorities.get(authority);
    if (trusted === undefined || !(socket instanceof TLSSocket) || !socket.authorized) return false;
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined || !isVouchedFor(leaf, certificatesIn(trusted))) return false;
    return hosts.some((host) => (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined);
  }

  #outgoingContext(
    { certificate: cert, key }: OwnCertificate,
    authorities: readonly string[],
  ): SecureContext {
    const name = [cert, ...authorities.slice(-2)].join();
    const known = this.#outgoing.get(name);
    if (known !== undefined) return known;
    const context = createSecureContext({ cert, key, ca: [...authorities], minVersion });
    this.#outgoing.set(name, context);
    return context;
  }

  #contextOptions(): TlsOptions {
    const { certificate: cert, key, folder } = this.#credentials;
    return { cert, key, minVersion, ...authoritiesFor(folder) };
  }

  #contextFor(name: string): SecureContext | undefined {
    const { folder } = this.#credentials;
    if (folder === undefined) return undefined;
    const named = [...folder.credentials.values()].find(({ x509 }) => x509.checkHost(name) !== undefined);
    if (named === undefined) return undefined;
    const known = this.#contexts.get(named.name);
    if (known !== undefined) return known;
    const { certificate: cert, key } = named;
    const context = createSecureContext({ cert, key, minVersion, ...authoritiesFor(folder) });
    this.#contexts.set(named.name, context);
    return context;
  }

  #ownFor(peer: TlsPeer | undefined): OwnCertificate {
    if (peer?.certificate == null) return this.#credentials;
    const named = this.#credentials.folder?.credentials.get(peer.certificate);
    if (named !== undefined) return named;
    this.#events.fault(
      'sip-tls',
      `${peer.host}: there is no certificate ${peer.certificate}.pem with its key in the folder of CROSSPOINT_SIP_TLS_DIR; the first one is shown instead`,
    );
    return this.#credentials;
  }

  #authoritiesOf(peer: TlsPeer | undefined, own: string): string[] | undefined {
    if (peer?.authority == null) return [...rootCertificates, own];
    const pem = this.#credentials.folder?.authorities.get(peer.authority);
    return pem === undefined ? undefined : [pem];
  }
}

/** Who may vouch for a client's certificate: the authorities of all trunks, of which each checks its own afterwards. */
function authoritiesFor(folder: CredentialsFolder | undefined): { ca?: string[] } {
  return folder === undefined ? {} : { ca: [...folder.authorities.values()] };
}

/** OpenSSL has checked the chain already, but against the authorities of all trunks together. */
function isVouchedFor(leaf: X509Certificate, authorities: readonly string[]): boolean {
  const trusted = authorities.map((pem) => new X509Certificate(pem));
  const prints = new Set(trusted.map(({ fingerprint256 }) => fingerprint256));
  let certificate: X509Certificate | undefined = leaf;
  for (let n = 0; n < chainMax && certificate !== undefined; n++) {
    if (prints.has(certificate.fingerprint256)) return true;
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    certificate = issuer === certificate ? undefined : issuer;
  }
  // A resumed connection knows the first certificate alone.
  return trusted.some((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
}

function isSame(a: TlsCredentials, b: TlsCredentials): boolean {
  const text = ({ certificate, key, folder }: TlsCredentials) =>
    [
      certificate,
      key,
      ...[...(folder?.credentials ?? [])].map(([name, pair]) => `${name} ${pair.certificate}${pair.key}`),
      ...[...(folder?.authorities ?? [])].map(([name, pem]) => `${name} ${pem}`),
    ].join('\n');
  return text(a) === text(b);
}
