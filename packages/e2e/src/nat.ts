import { execFileSync, spawnSync } from 'node:child_process';

/** Seconds after which this router forgets a way that nothing has used, in either direction. */
const forgetsAfterSeconds = 5;

/**
 * A home with a router that translates addresses and ports (NAPT) and forgets ways soon, in network namespaces of its own. Inside of it
 * programs see the server, and nobody sees them.
 */
export class NatNetwork {
  /** Of this machine, as it is seen from inside. */
  readonly serverAddress: string;
  /** Of the router, as it is seen from this machine. */
  readonly natAddress: string;
  readonly insideAddress = '192.168.77.2';
  readonly #inside: string;
  readonly #router: string;

  private constructor(number: number) {
    this.#inside = `cp-in-${number}`;
    this.#router = `cp-nat-${number}`;
    const net = `10.${200 + (number >> 8)}.${number & 0xff}`;
    this.serverAddress = `${net}.1`;
    this.natAddress = `${net}.2`;
  }

  /** Undefined where this account may make none, or the machine cannot translate. */
  static make(): NatNetwork | undefined {
    const network = new NatNetwork(process.pid % 4_096);
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

  /** What comes to this TCP port of the router goes to the same one inside. */
  forward(port: number): void {
    const match = ['-d', this.natAddress, '-p', 'tcp', '--dport', String(port)];
    const target = ['-j', 'DNAT', '--to-destination', `${this.insideAddress}:${port}`];
    this.#inRouter('iptables', '-w', '-t', 'nat', '-A', 'PREROUTING', ...match, ...target);
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
    ip('address', 'add', `${this.serverAddress}/24`, 'dev', outer);
    ip('link', 'set', outer, 'up');
    ip('-n', this.#router, 'address', 'add', `${this.natAddress}/24`, 'dev', outerPeer);
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
    ip('-n', this.#router, 'address', 'add', '192.168.77.1/24', 'dev', inner);
    ip('-n', this.#inside, 'address', 'add', `${this.insideAddress}/24`, 'dev', innerPeer);
    for (const device of [outerPeer, inner]) ip('-n', this.#router, 'link', 'set', device, 'up');
    for (const device of ['lo', innerPeer]) ip('-n', this.#inside, 'link', 'set', device, 'up');
    ip('-n', this.#inside, 'route', 'add', 'default', 'via', '192.168.77.1');
    this.#inRouter('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
    // Ports change as well, as behind most routers that many share.
    const translated = ['-p', 'udp', '-j', 'MASQUERADE', '--to-ports', '40000-49999'];
    this.#inRouter('iptables', '-w', '-t', 'nat', '-A', 'POSTROUTING', '-o', outerPeer, ...translated);
    this.#inRouter('iptables', '-w', '-t', 'nat', '-A', 'POSTROUTING', '-o', outerPeer, '-j', 'MASQUERADE');
    for (const name of ['udp_timeout', 'udp_timeout_stream'])
      this.#inRouter('sysctl', '-q', '-w', `net.netfilter.nf_conntrack_${name}=${forgetsAfterSeconds}`);
  }

  #inRouter(...command: string[]): void {
    execFileSync('ip', ['netns', 'exec', this.#router, ...command], { stdio: 'pipe' });
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
