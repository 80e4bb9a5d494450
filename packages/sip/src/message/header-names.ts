// Compact forms are those of the IANA registry "SIP Header Fields" (RFC 3261 §7.3.3 and later RFCs).
const compactForms: Record<string, string> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

const known = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Alert-Info',
  'Allow',
  'Authentication-Info',
  'Authorization',
  'Call-Info',
  'Content-Disposition',
  'CSeq',
  'Date',
  'Diversion',
  'Expires',
  'Max-Forwards',
  'Min-Expires',
  'Min-SE',
  'MIME-Version',
  'P-Asserted-Identity',
  'Path',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Require',
  'RAck',
  'Reason',
  'Record-Route',
  'Remote-Party-ID',
  'Replaces',
  'Require',
  'Retry-After',
  'Route',
  'RSeq',
  'Server',
  'Service-Route',
  'SIP-ETag',
  'SIP-If-Match',
  'Unsupported',
  'User-Agent',
  'Warning',
  'WWW-Authenticate',
  ...Object.values(compactForms),
];

const canonical = new Map<string, string>();
for (const name of known) {
  canonical.set(name, name);
  canonical.set(name.toLowerCase(), name);
}
for (const [letter, name] of Object.entries(compactForms)) {
  canonical.set(letter, name);
  canonical.set(letter.toUpperCase(), name);
}

/** Known names by length and first letter: comparing one candidate in place is cheaper than hashing a slice. */
const candidates: Array<string[] | undefined> = [];
for (const name of new Set(canonical.values())) {
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  candidates[slot] = [...(candidates[slot] ?? []), name];
}

/** The name of `text[start, end)` when it is a known one in its usual spelling, else undefined. */
export function knownNameAt(text: string, start: number, end: number): string | undefined {
  const slot = candidates[(end - start) * 32 + (text.charCodeAt(start) & 31)];
  if (slot === undefined) return undefined;
  for (let c = 0; c < slot.length; c++) {
    const candidate = slot[c] as string;
    let i = 0;
    while (i < candidate.length && candidate.charCodeAt(i) === text.charCodeAt(start + i)) i++;
    if (i === candidate.length) return candidate;
  }
  return undefined;
}

/** The one spelling of a header name that this package stores and writes; unknown names become `Train-Case`. */
export function canonicalName(name: string): string {
  const found = canonical.get(name);
  if (found !== undefined) return found;
  const lower = name.toLowerCase();
  return canonical.get(lower) ?? trainCase(lower);
}

function trainCase(lower: string): string {
  let result = '';
  let atStart = true;
  for (const character of lower) {
    result += atStart ? character.toUpperCase() : character;
    atStart = character === '-';
  }
  return result;
}
