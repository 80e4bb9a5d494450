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
