// The two converters exist in Node and in every browser; they are declared here because this package is compiled
// without the types of either.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8 to text; bytes that are not UTF-8 become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Text to UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

let scratch = new Uint8Array(8_192);

/** `head` in UTF-8 followed by `body`, in one fresh array. */
export function encodeWithBody(head: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  // A UTF-16 code unit takes at most three bytes.
  const room = head.length * 3 + body.length;
  if (room > scratch.length) scratch = new Uint8Array(room);
  const { written } = encoder.encodeInto(head, scratch);
  scratch.set(body, written);
  return scratch.slice(0, written + body.length);
}
