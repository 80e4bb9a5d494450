/** An element of a small XML document: names without namespace prefix. */
export type XmlElement = {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  text: string;
};

const elementsMax = 5_000;
const depthMax = 20;

/** Escapes what may not stand in text or in an attribute; characters that XML does not know become blanks. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;');
}

/**
 * Reads an XML document of elements, attributes and text, as presence-like bodies are: no document type, no entities
 * but the five of XML and numbers. Undefined when it is malformed, too deep or too long.
 */
export function parseXml(source: string): XmlElement | undefined {
  const root: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };
  const open: XmlElement[] = [root];
  const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s/>!?]+)([^>]*?)(\/?)>/y;
  let position = 0;
  let elements = 0;
  for (let start = source.indexOf('<'); start >= 0; start = source.indexOf('<', position)) {
    const parent = open.at(-1) as XmlElement;
    parent.text += unescapeXml(source.slice(position, start));
    token.lastIndex = start;
    // A tag that never closes would make the expression search again and again.
    const match = source.indexOf('>', start) < 0 ? null : token.exec(source);
    // Whatever begins like a tag and is none, a document type for instance, makes the document malformed.
    if (match === null) return undefined;
    position = token.lastIndex;
    const [, cdata, slash, name, attributeText = '', selfClosing] = match;
    if (cdata !== undefined) parent.text += cdata;
    if (name === undefined) continue;
    if (slash === '/') {
      if (open.length === 1 || parent.name !== localName(name)) return undefined;
      open.pop();
      continue;
    }
    const attributes = readAttributes(attributeText);
    if (attributes === undefined || ++elements > elementsMax || open.length > depthMax) return undefined;
    const element: XmlElement = { name: localName(name), attributes, children: [], text: '' };
    parent.children.push(element);
    if (selfClosing !== '/') open.push(element);
  }
  if (open.length !== 1 || source.slice(position).trim() !== '' || root.text.trim() !== '') return undefined;
  return root.children.length === 1 ? root.children[0] : undefined;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function readAttributes(text: string): ReadonlyMap<string, string> | undefined {
  const attributes = new Map<string, string>();
  const pattern = /\s*([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  let position = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    position = pattern.lastIndex;
    attributes.set(localName(match[1] ?? ''), unescapeXml(match[2] ?? match[3] ?? ''));
  }
  return text.slice(position).trim() === '' ? attributes : undefined;
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    const isHex = name[1] === 'x' || name[1] === 'X';
    const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
  });
}
