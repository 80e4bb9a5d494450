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
 * Puts bytes together from texts, piece by piece, without a string or a buffer in between. What is written lies in slabs
 * that many messages share, as Node's own buffers do: an array of its own per message costs more than its content.
 */
export class ByteWriter {
  private slab = new Uint8Array(slabBytes);
  private start = 0;
  private position = 0;

  /** Begins a message of at most `sizeMax` bytes. */
  begin(sizeMax: number): void {
    if (this.start + sizeMax > this.slab.length) {
      this.slab = new Uint8Array(Math.max(slabBytes, sizeMax));
      this.start = 0;
    }
    this.position = this.start;
  }

  /** Adds a text in UTF-8. */
  put(text: string): void {
    const { slab } = this;
    let { position } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.position += encoder.encodeInto(text, slab.subarray(this.position)).written;
        return;
      }
      slab[position++] = code;
    }
    this.position = position;
  }

  /** Adds the body and returns the message, which nothing overwrites. */
  end(body: Uint8Array): Uint8Array {
    const { slab, start } = this;
    slab.set(body, this.position);
    const end = this.position + body.length;
    this.start = end;
    return slab.subarray(start, end);
  }
}
