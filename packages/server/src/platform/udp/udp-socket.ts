/** What a socket for datagrams tells. */
export interface UdpEvents {
  /** The bytes are the receiver's to keep. Must not throw. */
  message(bytes: Uint8Array, address: string, port: number): void;
  /** Something was not sent or read; the socket goes on. */
  error(error: Error): void;
}

export interface UdpOptions {
  /** IPv4 or IPv6 in text; on `::` the socket serves both, and tells and takes IPv4 as such. */
  address: string;
  port: number;
  /** Wanted of the kernel in each direction, bytes; it may give less. */
  bufferBytes: number;
}

/** A socket for datagrams to and from anybody. */
export interface UdpSocket {
  /** Sends soon; what cannot be sent is told by `error`. The port is not 0, and the bytes must not be changed any more. */
  send(bytes: Uint8Array, address: string, port: number): void;
  /** Resolves when the port is free. */
  close(): Promise<void>;
}
