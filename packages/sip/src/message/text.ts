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

const slabBytes = 32_768;

/**
 * Makes messages of a head and a body. They lie in slabs that many of them share, as Node's own buffers do: an array of its own
 * per message costs more than its content. The head comes as one text, since texts that were cut from others and put together
 * are read character by character in many ways, and all at once in one.
 */
export class MessageWriter {
  private slab = new Uint8Array(slabBytes);
  private start = 0;

  /** The head in UTF-8 and the body, which nothing overwrites. */
  write(head: string, body: Uint8Array): Uint8Array {
    // A UTF-16 code unit takes at most three bytes.
    const sizeMax = head.length * 3 + body.length;
    if (this.start + sizeMax > this.slab.length) {
      this.slab = new Uint8Array(Math.max(slabBytes, sizeMax));
      this.start = 0;
    }
    const { slab, start } = this;
    const headEnd = start + encoder.encodeInto(head, slab.subarray(start)).written;
    slab.set(body, headEnd);
    this.start = headEnd + body.length;
    return slab.subarray(start, this.start);
  }
}
