import type { Sums } from './shrinkage.ts';

/** What came of a number of contacts, as sums, so that any can be joined. */
export interface Outcomes {
  contacts: number;
  /** Talk, hold and wrap-up. */
  handleSeconds: number;
  handleSecondsSquared: number;
  /** Contacts of known callers after which a week has passed, and after how many of them the caller called again within it. */
  followed: number;
  repeated: number;
  /** Contacts with a disposition, where dispositions count, and how many of them came to nothing. */
  judged: number;
  unsuccessful: number;
}

export function noOutcomes(): Outcomes {
  return {
    contacts: 0,
    handleSeconds: 0,
    handleSecondsSquared: 0,
    followed: 0,
    repeated: 0,
    judged: 0,
    unsuccessful: 0,
  };
}

export function addOutcomes(to: Outcomes, more: Outcomes): void {
  to.contacts += more.contacts;
  to.handleSeconds += more.handleSeconds;
  to.handleSecondsSquared += more.handleSecondsSquared;
  to.followed += more.followed;
  to.repeated += more.repeated;
  to.judged += more.judged;
  to.unsuccessful += more.unsuccessful;
}

export function handleSums({ contacts, handleSeconds, handleSecondsSquared }: Outcomes): Sums {
  return { count: contacts, sum: handleSeconds, sumOfSquares: handleSecondsSquared };
}
