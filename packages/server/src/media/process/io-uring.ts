import {
  lastErrno,
  type LibC,
  type MappedMemory,
  mapMemory,
  MSG_DONTWAIT,
  PinnedBytes,
} from '../../platform/kernel/index.ts';

// Numbers of `linux/io_uring.h`, the same on every architecture that has it.
const SYS_IO_URING_SETUP = 425;
const SYS_IO_URING_ENTER = 426;
const SYS_IO_URING_REGISTER = 427;
const IORING_SETUP_CQSIZE = 1 << 3;
const IORING_SETUP_SUBMIT_ALL = 1 << 7;
const IORING_SETUP_TASKRUN_FLAG = 1 << 9;
const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
const IORING_SETUP_DEFER_TASKRUN = 1 << 13;
const IORING_SQ_TASKRUN = 1 << 2;
const IORING_CQ_EVENTFD_DISABLED = 1 << 0;
const IORING_FEAT_SINGLE_MMAP = 1 << 0;
const IORING_ENTER_GETEVENTS = 1;
const IORING_REGISTER_EVENTFD = 4;
const IORING_REGISTER_PBUF_RING = 22;
const IORING_OFF_SQ_RING = 0;
const IORING_OFF_SQES = 0x1000_0000;
const IORING_OP_NOP = 0;
const IORING_OP_RECVMSG = 10;
const IORING_OP_ASYNC_CANCEL = 14;
const IORING_OP_WRITE = 23;
const IORING_OP_SEND = 26;
const IOSQE_ASYNC = 1 << 4;
const IOSQE_BUFFER_SELECT = 1 << 5;
const IOSQE_CQE_SKIP_SUCCESS = 1 << 6;
const IORING_RECVSEND_POLL_FIRST = 1 << 0;
const IORING_RECV_MULTISHOT = 1 << 1;
const IORING_CQE_F_BUFFER = 1 << 0;
const IORING_CQE_F_MORE = 1 << 1;
const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

const setupFlags =
  IORING_SETUP_CQSIZE |
  IORING_SETUP_SUBMIT_ALL |
  IORING_SETUP_TASKRUN_FLAG |
  IORING_SETUP_SINGLE_ISSUER |
  IORING_SETUP_DEFER_TASKRUN;

/** Where the fields of `struct io_uring_params` lie. */
const params = { flags: 8, cqEntries: 4, features: 20, sqOffsets: 40, cqOffsets: 80, bytes: 120 } as const;
const sqeBytes = 64;
const sqeWords = sqeBytes / 4;
const cqeWords = 4;
const bufferEntryBytes = 16;
const twoTo32 = 0x1_0000_0000;

/** Requests that may wait for one submission, and answers that may wait to be looked at. */
const submissionsMax = 1024;
const completionsMax = 8192;
/** Pieces of work (a socket with packets, a write that has ended) that the kernel does at once before it lets us look. */
const workMax = 128;
/** Times that a submission is tried which the kernel did not take as a whole. */
const submitAttemptsMax = 4;
/** The only group of buffers. */
const bufferGroup = 0;
/** Owners of requests that are not receptions; those are channels. */
const ownerFile = 0xffff_fffd;
const ownerSend = 0xffff_fffe;
const ownerCancel = 0xffff_ffff;

/** Memory that received packets are put into by the kernel, in equal pieces. */
export interface ReceiveBuffers {
  readonly address: number;
  readonly strideBytes: number;
  /** A power of two, at most 32,768. */
  readonly count: number;
}

/**
 * One io_uring of Linux: requests and answers in memory that is shared with the kernel, and one system call for as many of
 * them as there are. Made so that the kernel works only while we are in that call (`DEFER_TASKRUN`, Linux 6.1): nothing
 * changes behind our back, and no barriers are needed.
 */
export class IoUring {
  readonly descriptor: number;
  /** Becomes readable when the kernel has something to say, while that is wanted (`setWaking`), until `acknowledge`. */
  readonly wakeDescriptor: number;
  /** The answer that `next` has stepped to: of which channel, in which of its lives, with what result. */
  channel = 0;
  generation = 0;
  result = 0;
  /** Index of the buffer that it fills, −1 for none. */
  buffer = -1;
  /** The reception goes on. */
  goesOn = false;
  /** Sends that failed. */
  sendsFailed = 0;
  /** Told of each write to a file: its number, and how many bytes it wrote or the negative number of an error. */
  onWritten: (id: number, result: number) => void = () => undefined;
  readonly #c: LibC;
  readonly #sq: Int32Array;
  readonly #cq: Int32Array;
  readonly #sqTailAt: number;
  readonly #sqFlagsAt: number;
  readonly #sqMask: number;
  readonly #cqHeadAt: number;
  readonly #cqTailAt: number;
  readonly #cqFlagsAt: number;
  readonly #cqMask: number;
  readonly #cqesAt: number;
  readonly #buffers: ReceiveBuffers;
  readonly #bufferRing: MappedMemory;
  readonly #bufferWords: Uint32Array;
  readonly #bufferHalves: Uint16Array;
  #bufferTail = 0;
  #pending = 0;
  /** `struct msghdr` of every reception: only the room for the source is stated there. */
  readonly #messageHeader = new PinnedBytes(64);
  readonly #wakeCount = new PinnedBytes(8);

  /** Throws with the reason when the kernel has none, or one that is too old, or does not let us. */
  constructor(c: LibC, buffers: ReceiveBuffers, sourceBytes: number) {
    this.#c = c;
    this.#buffers = buffers;
    const pinned = new PinnedBytes(params.bytes);
    const view = new DataView(pinned.bytes.buffer);
    view.setUint32(params.flags, setupFlags, true);
    view.setUint32(params.cqEntries, completionsMax, true);
    this.descriptor = c.syscall(SYS_IO_URING_SETUP, submissionsMax, pinned.address, 0, 0, 0, 0);
    if (this.descriptor < 0) throw new Error(`io_uring_setup failed with errno ${lastErrno()}`);
    this.wakeDescriptor = c.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    try {
      const features = view.getUint32(params.features, true);
      if ((features & IORING_FEAT_SINGLE_MMAP) === 0) throw new Error('io_uring: the kernel is too old');
      const sqOffset = (index: number): number => view.getUint32(params.sqOffsets + index * 4, true);
      const cqOffset = (index: number): number => view.getUint32(params.cqOffsets + index * 4, true);
      const cqes = cqOffset(5);
      const ringBytes = Math.max(sqOffset(6) + submissionsMax * 4, cqes + completionsMax * cqeWords * 4);
      const ring = mapMemory(c, ringBytes, this.descriptor, IORING_OFF_SQ_RING);
      this.#cq = new Int32Array(ring.buffer, 0, ringBytes >> 2);
      this.#sqTailAt = sqOffset(1) >> 2;
      this.#sqMask = this.#cq[sqOffset(2) >> 2] as number;
      this.#sqFlagsAt = sqOffset(4) >> 2;
      this.#cqHeadAt = cqOffset(0) >> 2;
      this.#cqTailAt = cqOffset(1) >> 2;
      this.#cqMask = this.#cq[cqOffset(2) >> 2] as number;
      this.#cqesAt = cqes >> 2;
      this.#cqFlagsAt = cqOffset(6) >> 2;
      // The kernel looks requests up through this list; ours lie in the order in which they are made.
      for (let i = 0; i < submissionsMax; i++) this.#cq[(sqOffset(6) >> 2) + i] = i;
      const sqesBytes = submissionsMax * sqeBytes;
      this.#sq = new Int32Array(mapMemory(c, sqesBytes, this.descriptor, IORING_OFF_SQES).buffer);
      this.#bufferRing = mapMemory(c, buffers.count * bufferEntryBytes, -1, 0);
      this.#bufferWords = new Uint32Array(this.#bufferRing.buffer);
      this.#bufferHalves = new Uint16Array(this.#bufferRing.buffer);
      this.#registerBuffers();
      view.setInt32(0, this.wakeDescriptor, true);
      this.#register(IORING_REGISTER_EVENTFD, pinned, 'a descriptor to be woken by');
    } catch (error) {
      this.close();
      throw error;
    }
    new DataView(this.#messageHeader.bytes.buffer).setUint32(8, sourceBytes, true);
  }

  /** Begins to receive: each packet becomes an answer of its own until one does not go on. */
  receive(channel: number, generation: number, descriptor: number): void {
    const at = this.#request(IORING_OP_RECVMSG, IOSQE_BUFFER_SELECT, descriptor);
    const sq = this.#sq;
    sq[at] = (sq[at] as number) | ((IORING_RECV_MULTISHOT | IORING_RECVSEND_POLL_FIRST) << 16);
    this.#setAddress(at + 4, this.#messageHeader.address);
    sq[at + 6] = 1;
    sq[at + 8] = channel;
    sq[at + 9] = generation;
    sq[at + 10] = bufferGroup;
  }

  /** Sends bytes, which must stay as they are until `submit`; a destination of 0 is that of the connected socket. */
  send(
    descriptor: number,
    address: number,
    length: number,
    destination: number,
    destinationBytes: number,
  ): void {
    const at = this.#request(IORING_OP_SEND, IOSQE_CQE_SKIP_SUCCESS, descriptor);
    const sq = this.#sq;
    if (destination !== 0) {
      this.#setAddress(at + 2, destination);
      sq[at + 11] = destinationBytes;
    }
    this.#setAddress(at + 4, address);
    sq[at + 6] = length;
    // Without waiting it is done, or refused, within `submit`, so that the bytes may be used again after it.
    sq[at + 7] = MSG_DONTWAIT;
    sq[at + 8] = ownerSend | 0;
  }

  /** Writes to a file, in a thread of the kernel, which may wait for the disk; the bytes must stay until `onWritten`. */
  write(descriptor: number, address: number, length: number, position: number, id: number): void {
    const at = this.#request(IORING_OP_WRITE, IOSQE_ASYNC, descriptor);
    const sq = this.#sq;
    this.#setAddress(at + 2, position);
    this.#setAddress(at + 4, address);
    sq[at + 6] = length;
    sq[at + 8] = ownerFile | 0;
    sq[at + 9] = id;
  }

  /** Ends a reception; it has let go of its socket when `work` has returned. */
  cancel(channel: number, generation: number): void {
    const at = this.#request(IORING_OP_ASYNC_CANCEL, IOSQE_CQE_SKIP_SUCCESS, -1);
    this.#sq[at + 4] = channel;
    this.#sq[at + 5] = generation;
    this.#sq[at + 8] = ownerCancel | 0;
  }

  get hasRequests(): boolean {
    return this.#pending > 0;
  }

  /** Hands over every request. */
  submit(): void {
    this.#handOver(0, 0);
  }

  /** The same, and lets the kernel do what has become due; `next` steps through the answers. Never waits. */
  work(): void {
    const cq = this.#cq;
    const head = cq[this.#cqHeadAt] as number;
    // From Linux 6.13 on the kernel works through as many pieces as answers are awaited, and only 20 where none are. It would
    // wait for these answers, but takes those for unread that were read before.
    cq[this.#cqHeadAt] = (head - workMax) | 0;
    this.#handOver(IORING_ENTER_GETEVENTS, workMax);
    cq[this.#cqHeadAt] = head;
  }

  #handOver(flags: number, answers: number): void {
    for (let attempt = 0; ; attempt++) {
      const taken = this.#enter(this.#pending, flags, answers);
      if (taken > 0) this.#pending -= taken;
      if (this.#pending === 0) return;
      if (attempt < submitAttemptsMax) continue;
      // The kernel is out of memory; what is sent later would carry other bytes.
      this.#abandon();
      return;
    }
  }

  /** Steps to the next answer about a reception; false when there is none. */
  next(): boolean {
    const cq = this.#cq;
    for (;;) {
      const head = cq[this.#cqHeadAt] as number;
      if (head === cq[this.#cqTailAt]) return false;
      const at = this.#cqesAt + (head & this.#cqMask) * cqeWords;
      const owner = (cq[at] as number) >>> 0;
      this.result = cq[at + 2] as number;
      const flags = cq[at + 3] as number;
      this.generation = (cq[at + 1] as number) >>> 0;
      cq[this.#cqHeadAt] = (head + 1) | 0;
      if (owner === ownerFile) this.onWritten(this.generation, this.result);
      else if (owner < ownerFile) {
        this.channel = owner;
        this.buffer = (flags & IORING_CQE_F_BUFFER) === 0 ? -1 : flags >>> 16;
        this.goesOn = (flags & IORING_CQE_F_MORE) !== 0;
        return true;
      } else if (owner === ownerSend) this.sendsFailed++;
    }
  }

  /**
   * Whether `work` has something to do. It does only some of what is due at a time (from Linux 6.13 on), and the kernel
   * wakes nobody for the rest.
   */
  get hasWork(): boolean {
    return (Atomics.load(this.#cq, this.#sqFlagsAt) & IORING_SQ_TASKRUN) !== 0;
  }

  /** Whether `work` has something to do, or answers wait to be looked at. */
  get hasMore(): boolean {
    return this.#cq[this.#cqHeadAt] !== this.#cq[this.#cqTailAt] || this.hasWork;
  }

  /** Whether `wakeDescriptor` is to become readable. What came before has to be asked for (`hasMore`), since it wakes nobody. */
  setWaking(isWanted: boolean): void {
    // With a barrier: the kernel marks that there is something and then looks here, we do both the other way round.
    Atomics.store(this.#cq, this.#cqFlagsAt, isWanted ? 0 : IORING_CQ_EVENTFD_DISABLED);
  }

  /** Gives a buffer back to the kernel. */
  giveBuffer(index: number): void {
    const slot = this.#bufferTail & (this.#buffers.count - 1);
    this.#writeBuffer(slot, index);
    this.#bufferTail = (this.#bufferTail + 1) & 0xffff;
    // The tail lies in what is spare of the first entry.
    this.#bufferHalves[7] = this.#bufferTail;
  }

  /** Makes `wakeDescriptor` unreadable; to be called before `work`. */
  acknowledge(): void {
    this.#c.read(this.wakeDescriptor, this.#wakeCount.address, 8);
  }

  close(): void {
    this.#c.close(this.descriptor);
    this.#c.close(this.wakeDescriptor);
  }

  #writeBuffer(slot: number, index: number): void {
    const address = this.#buffers.address + index * this.#buffers.strideBytes;
    this.#bufferWords[slot * 4] = address % twoTo32;
    this.#bufferWords[slot * 4 + 1] = address / twoTo32;
    this.#bufferWords[slot * 4 + 2] = this.#buffers.strideBytes;
    this.#bufferHalves[slot * 8 + 6] = index;
  }

  #registerBuffers(): void {
    const registration = new PinnedBytes(40);
    const view = new DataView(registration.bytes.buffer);
    view.setBigUint64(0, BigInt(this.#bufferRing.address), true);
    view.setUint32(8, this.#buffers.count, true);
    view.setUint16(12, bufferGroup, true);
    this.#register(IORING_REGISTER_PBUF_RING, registration, 'a ring of buffers');
    for (let i = 0; i < this.#buffers.count; i++) this.giveBuffer(i);
  }

  #register(what: number, argument: PinnedBytes, name: string): void {
    const { descriptor } = this;
    if (this.#c.syscall(SYS_IO_URING_REGISTER, descriptor, what, argument.address, 1, 0, 0) >= 0) return;
    throw new Error(`io_uring does not take ${name} (errno ${lastErrno()})`);
  }

  /** Takes an empty request; returns where its words begin. */
  #request(opcode: number, flags: number, descriptor: number): number {
    if (this.#pending === submissionsMax) this.submit();
    const tail = this.#cq[this.#sqTailAt] as number;
    const at = (tail & this.#sqMask) * sqeWords;
    const sq = this.#sq;
    for (let i = 2; i < sqeWords; i++) sq[at + i] = 0;
    sq[at] = opcode | (flags << 8);
    sq[at + 1] = descriptor;
    this.#cq[this.#sqTailAt] = (tail + 1) | 0;
    this.#pending++;
    return at;
  }

  #setAddress(at: number, address: number): void {
    this.#sq[at] = address % twoTo32;
    this.#sq[at + 1] = address / twoTo32;
  }

  #enter(requests: number, flags: number, answers: number): number {
    return this.#c.syscall(SYS_IO_URING_ENTER, this.descriptor, requests, answers, flags, 0, 0);
  }

  #abandon(): void {
    const tail = this.#cq[this.#sqTailAt] as number;
    for (let back = 1; back <= this.#pending; back++) {
      const at = ((tail - back) & this.#sqMask) * sqeWords;
      if (((this.#sq[at] as number) & 0xff) !== IORING_OP_SEND) continue;
      this.#sq[at] = IORING_OP_NOP | (IOSQE_CQE_SKIP_SUCCESS << 8);
      this.sendsFailed++;
    }
  }
}
