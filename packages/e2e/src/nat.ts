import { execFileSync, spawnSync } from 'node:child_process';

/** Seconds after which this router forgets a way that nothing has used, in either direction. */
const forgetsAfterSeconds = 5;

/** Whose addresses the router hides: those of telephones at home, or that of the server, whose ports it passes on (DNAT). */
export type HiddenSide = 'telephones' | 'server';

/**
 * This machine and a network of telephones with a router in between that translates addresses and ports (NAPT) and forgets ways soon, in
 * network namespaces of its own.
 */
export class NatNetwork {
  /** Under which telephones know the server. */
  readonly serverAddress: string;
  /** Of a telephone, in its own network. */
  readonly insideAddress: string;
  /** Where this machine finds the telephone's TCP ports that are forwarded. */
  readonly controlAddress: string;
  readonly #hidden: HiddenSide;
  /** Of the router: on the side of this machine, and on the side of the telephones. */
  readonly #outerAddress: string;
  readonly #innerAddress: string;
  readonly #machineAddress: string;
  readonly #inside: string;
  readonly #router: string;

  private constructor(number: number, hidden: HiddenSide) {
    this.#hidden = hidden;
    this.#inside = `cp-in-${number}`;
    this.#router = `cp-nat-${number}`;
    const outer = `10.${200 + (number >> 8)}.${number & 0xff}`;
    // What is told to peers in public networks only is not told to private ones.
    const inner = hidden === 'telephones' ? '192.168.77' : `198.18.${number & 0xff}`;
    this.#machineAddress = `${outer}.1`;
    this.#outerAddress = `${outer}.2`;
    this.#innerAddress = `${inner}.1`;
    this.insideAddress = `${inner}.2`;
    this.serverAddress = hidden === 'telephones' ? this.#machineAddress : this.#innerAddress;
    this.controlAddress = hidden === 'telephones' ? this.#outerAddress : this.insideAddress;
  }

  /** Undefined where this account may make none, or the machine cannot translate. */
  static make(hidden: HiddenSide): NatNetwork | undefined {
    const network = new NatNetwork(process.pid % 4_096, hidden);
    try {
      if (!network.#isPossible()) {
        network.remove();
        return undefined;
      }
      network.#build();
      return network;
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  /** Before a command that runs inside. */
  get within(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#inside];
  }

  /** What comes to this TCP port of {@link controlAddress} goes to the same one of the telephone. */
  forward(port: number): void {
    if (this.#hidden === 'telephones')
      this.#passOn('tcp', String(port), this.#outerAddress, this.insideAddress);
  }

  /** What comes to these UDP ports of {@link serverAddress}, such as `20000:20999`, goes to the same ones of this machine. */
  publish(ports: string): void {
    this.#passOn('udp', ports, this.#innerAddress, this.#machineAddress);
  }

  remove(): void {
    for (const name of [this.#inside, this.#router]) spawnSync('ip', ['netns', 'delete', name]);
  }

  #isPossible(): boolean {
    const made = [this.#inside, this.#router].map((name) => spawnSync('ip', ['netns', 'add', name]).status);
    const tables = ['netns', 'exec', this.#router, 'iptables', '-w', '-t', 'nat', '-L', '-n'];
    return made.every((status) => status === 0) && spawnSync('ip', tables).status === 0;
  }

  #build(): void {
    const [outer, outerPeer] = [`${this.#router}-o`, `${this.#router}-p`];
    const [inner, innerPeer] = [`${this.#inside}-i`, `${this.#inside}-p`];
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', outerPeer, 'netns', this.#router);
    ip('address', 'add', `${this.#machineAddress}/24`, 'dev', outer);
    ip('link', 'set', outer, 'up');
    ip('-n', this.#router, 'address', 'add', `${this.#outerAddress}/24`, 'dev', outerPeer);
    ip(
      '-n',
      this.#router,
      'link',
      'add',
      inner,
      'type',
      'veth',
      'peer',
      'name',
      innerPeer,
      'netns',
      this.#inside,
    );
    ip('-n', this.#router, 'address', 'add', `${this.#innerAddress}/24`, 'dev', inner);
    ip('-n', this.#inside, 'address', 'add', `${this.insideAddress}/24`, 'dev', innerPeer);
    for (const device of [outerPeer, inner]) ip('-n', this.#router, 'link', 'set', device, 'up');
    for (const device of ['lo', innerPeer]) ip('-n', this.#inside, 'link', 'set', device, 'up');
    ip('-n', this.#inside, 'route', 'add', 'default', 'via', this.#innerAddress);
    this.#inRouter('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
    for (const name of ['udp_timeout', 'udp_timeout_stream'])
      this.#inRouter('sysctl', '-q', '-w', `net.netfilter.nf_conntrack_${name}=${forgetsAfterSeconds}`);
    if (this.#hidden === 'telephones') {
      // Ports change as well, as behind most routers that many share.
      this.#translate(outerPeer, '-p', 'udp', '-j', 'MASQUERADE', '--to-ports', '40000-49999');
      this.#translate(outerPeer, '-j', 'MASQUERADE');
    } else {
      ip('route', 'add', `${this.insideAddress}/32`, 'via', this.#outerAddress);
      this.#translate(inner, '-j', 'MASQUERADE');
    }
  }

  #translate(device: string, ...how: string[]): void {
    this.#inRouter('iptables', '-w', '-t', 'nat', '-A', 'POSTROUTING', '-o', device, ...how);
  }

  #passOn(protocol: 'tcp' | 'udp', ports: string, from: string, to: string): void {
    const match = ['-d', from, '-p', protocol, '--dport', ports];
    this.#inRouter(
      'iptables',
      '-w',
      '-t',
      'nat',
      '-A',
      'PREROUTING',
      ...match,
      '-j',
      'DNAT',
      '--to-destination',
      to,
    );
  }

  #inRouter(...command: string[]): void {
    execFileSync('ip', ['netns', 'exec', this.#router, ...command], { stdio: 'pipe' });
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
