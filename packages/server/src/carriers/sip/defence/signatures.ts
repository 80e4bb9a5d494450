/** How much of a message is looked at: scanners name themselves early, and a long head must not cost more. */
const headBytesMax = 2_048;

/**
 * How tools that search the internet for telephones name themselves, in lower case: the beginning of User-Agent. None
 * of them is a telephone. Tools with which administrators watch their own servers (sipsak, sipp) are not among them.
 */
const scannerAgents = [
  'friendly-scanner',
  'friendly-request',
  'sipvicious',
  'sipcli',
  'sip-scan',
  'sipscan',
  'sundayddr',
  'pplsip',
  'vaxsipuseragent',
  'vaxipuseragent',
  'iwar',
  'sivus',
  'siparmyknife',
  'sipptk',
  'smap',
  'gulp',
  'nmap',
  'masscan',
  'zgrab',
  'test agent',
  'sip scanner',
  'sipsscuser',
  'scanner',
];

/**
 * What their messages hold elsewhere, whatever they call themselves: From, To and Contact of svmap and its kin, and the
 * probe of nmap.
 */
const scannerMarks = /sipvicious|sip:100@1\.1\.1\.1|sip:nm2?@nm2?/i;

/** Knows the tools that search for telephones by what they write. */
export class ScannerSignatures {
  readonly #agents: readonly string[];

  /** @param more further beginnings of User-Agent; case does not matter. */
  constructor(more: readonly string[] = []) {
    this.#agents = [...scannerAgents, ...more.map((signature) => signature.toLowerCase())];
  }

  /** The signature that a message carries, from its first bytes alone; undefined when there is none. */
  find(head: string): string | undefined {
    const agent = /\nuser-agent[ \t]*:[ \t]*([^\r\n]{0,60})/i.exec(head)?.[1]?.toLowerCase();
    if (agent !== undefined) {
      for (const signature of this.#agents) if (agent.startsWith(signature)) return signature;
    }
    return scannerMarks.exec(head)?.[0].toLowerCase();
  }
}

/** The first bytes of a message as text, one character each. */
export function headOf(bytes: Uint8Array): string {
  const length = Math.min(bytes.length, headBytesMax);
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}

/** Who a request says it comes from: the digest user, else the user of From; undefined when neither can be read. */
export function claimedUser(head: string): string | undefined {
  const digest = /\n(?:proxy-)?authorization[ \t]*:[^\r\n]*?username[ \t]*=[ \t]*"([^"\r\n]{1,200})"/i.exec(
    head,
  );
  if (digest?.[1] !== undefined) return digest[1];
  const from = /\n(?:from|f)[ \t]*:[^\r\n]*?sips?:([^@>;\s]{1,200})@/i.exec(head);
  return from?.[1];
}
