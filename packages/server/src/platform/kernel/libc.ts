import koffi from 'koffi';

type SystemCall = (...args: number[]) => number;

/** Brings a file system to the medium, named by a descriptor on it, in a thread; calls back with false when that failed. */
export type FileSystemSync = (descriptor: number, done: (isDurable: boolean) => void) => void;

/** What is asked of the C library. */
export interface LibC {
  socket: SystemCall;
  bind: SystemCall;
  getsockname: SystemCall;
  connect: SystemCall;
  close: SystemCall;
  setsockopt: SystemCall;
  recvfrom: SystemCall;
  recvmmsg: SystemCall;
  sendto: SystemCall;
  epoll_create1: SystemCall;
  epoll_ctl: SystemCall;
  epoll_wait: SystemCall;
  eventfd: SystemCall;
  read: SystemCall;
  mmap: SystemCall;
  /** `syncfs`, in one of Node's threads for files, because it waits for the disk. */
  syncfs: FileSystemSync;
  /** For what the C library has no function for; the number and six arguments. */
  syscall: SystemCall;
}

/**
 * Pointers are declared as 64-bit integers and passed as plain numbers: user-space addresses stay below 2^47,
 * and that spares koffi the look at a typed array on every call (40 instead of 90 ns).
 */
export function loadLibC(): LibC {
  if (process.platform !== 'linux')
    throw new Error(`system calls of our own need Linux, this is ${process.platform}`);
  const library = koffi.load(null);
  const declare = (name: string, result: string, ...types: string[]): SystemCall =>
    library.func(name, result, types) as SystemCall;
  const syncfs = library.func('syncfs', 'int', ['int']);
  return {
    socket: declare('socket', 'int', 'int', 'int', 'int'),
    bind: declare('bind', 'int', 'int', 'int64_t', 'int'),
    getsockname: declare('getsockname', 'int', 'int', 'int64_t', 'int64_t'),
    connect: declare('connect', 'int', 'int', 'int64_t', 'int'),
    close: declare('close', 'int', 'int'),
    setsockopt: declare('setsockopt', 'int', 'int', 'int', 'int', 'int64_t', 'int'),
    recvfrom: declare('recvfrom', 'int', 'int', 'int64_t', 'size_t', 'int', 'int64_t', 'int64_t'),
    recvmmsg: declare('recvmmsg', 'int', 'int', 'int64_t', 'uint', 'int', 'int64_t'),
    sendto: declare('sendto', 'int', 'int', 'int64_t', 'size_t', 'int', 'int64_t', 'int'),
    epoll_create1: declare('epoll_create1', 'int', 'int'),
    epoll_ctl: declare('epoll_ctl', 'int', 'int', 'int', 'int', 'int64_t'),
    epoll_wait: declare('epoll_wait', 'int', 'int', 'int64_t', 'int', 'int'),
    eventfd: declare('eventfd', 'int', 'uint', 'int'),
    read: declare('read', 'int', 'int', 'int64_t', 'size_t'),
    mmap: declare('mmap', 'int64_t', 'int64_t', 'size_t', 'int', 'int', 'int', 'int64_t'),
    syncfs: (descriptor, done) =>
      syncfs.async(descriptor, (error: unknown, result: number) => done(error === null && result === 0)),
    syscall: declare('syscall', 'int', ...new Array<string>(7).fill('int64_t')),
  };
}

/** The error of the last call that failed. */
export function lastErrno(): number {
  return koffi.errno();
}

/**
 * Bytes whose address is handed to the kernel. They lie outside the JavaScript heap, so they never move, and are
 * held by their owner for the life of the process: a collected buffer would make system calls fail silently.
 */
export class PinnedBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly address: number;

  constructor(length: number) {
    // Node keeps small typed arrays inside the moving heap; a page and more never is.
    this.bytes = new Uint8Array(new ArrayBuffer(Math.max(length, 4096)));
    this.words = new Int32Array(this.bytes.buffer, 0, this.bytes.length >> 2);
    this.address = Number(koffi.address(this.bytes));
  }
}

const addresses = new WeakMap<ArrayBufferLike, number>();

/** Where bytes lie that are outside the JavaScript heap, which holds from a page on and for shared memory. */
export function addressOf(bytes: Uint8Array): number {
  let address = addresses.get(bytes.buffer);
  if (address === undefined) {
    address = Number(koffi.address(new Uint8Array(bytes.buffer)));
    addresses.set(bytes.buffer, address);
  }
  return address + bytes.byteOffset;
}

const PROT_READ_WRITE = 3;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_ANONYMOUS = 0x20;

/** Memory that is mapped for the life of the process. */
export interface MappedMemory {
  readonly buffer: ArrayBuffer;
  readonly address: number;
}

/** Maps memory of a descriptor, or fresh pages of zeros for −1. Throws when the kernel refuses. */
export function mapMemory(c: LibC, length: number, descriptor: number, offset: number): MappedMemory {
  const flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  const address = c.mmap(0, length, PROT_READ_WRITE, flags, descriptor, offset);
  if (address < 0) throw new Error(`mmap of ${length} bytes failed with errno ${lastErrno()}`);
  return { buffer: koffi.view(BigInt(address), length), address };
}
