import { sequenceDifference } from '../rtp.ts';
import { packetsMax } from './packet-store.ts';

/** A leap of sequence numbers up to this is an outage, beyond it another stream (RFC 3550 A.1, MAX_DROPOUT). */
const outageMax = 3_000;
/** A packet later than this in sequence belongs to another stream (RFC 3550 A.1, MAX_MISORDER). */
const misorderMax = 100;
const noSequence = -1;

/**
 * Where a packet stands: inside the window of the buffer, behind it, or ahead of it after an outage. A packet from
 * elsewhere is a stray until the next one in its sequence confirms that the stream has begun anew.
 */
export type Standing = 'inside' | 'behind' | 'outage' | 'stray' | 'anew';

/** What the sequence numbers of one stream tell about each packet. */
export class SequenceOrder {
  #newest = 0;
  #strayNext = noSequence;

  begin(sequence: number): void {
    this.#newest = sequence;
    this.#strayNext = noSequence;
  }

  /** @param next sequence number of the packet to be played next */
  judge(sequence: number, next: number): Standing {
    const ahead = sequenceDifference(sequence, next);
    if (ahead < 0 && ahead > -misorderMax) return 'behind';
    if (ahead >= 0 && ahead < outageMax) {
      this.#strayNext = noSequence;
      return ahead < packetsMax ? 'inside' : 'outage';
    }
    const confirmed = sequence === this.#strayNext;
    this.#strayNext = (sequence + 1) & 0xffff;
    return confirmed ? 'anew' : 'stray';
  }

  /** True when a packet of a later number has already come. */
  isOvertaken(sequence: number): boolean {
    if (sequenceDifference(sequence, this.#newest) < 0) return true;
    this.#newest = sequence;
    return false;
  }
}
