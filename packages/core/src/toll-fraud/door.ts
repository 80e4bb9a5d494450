import type { AgentId, EpochMs, TollLimits, TollRefusalReason, TollScope } from '@crosspoint/contracts';

/** A number as the shell has classified it. */
export interface DialledNumber {
  /** In international form with `+` where it has one; else as it was dialled. */
  digits: string;
  /** ISO 3166 code; undefined where no country could be told. */
  country: string | undefined;
  isPremium: boolean;
}

export type TollFraudInput =
  /** Somebody wants to call out. Answered by exactly one of `call.allowed` and `call.refused`. */
  | {
      type: 'call.wanted';
      callId: string;
      agentId: AgentId | undefined;
      trunkId: string | undefined;
      number: DialledNumber;
    }
  /** An answered call of a former process goes on: it was allowed and counted there, and talks again from now on. */
  | {
      type: 'call.resumed';
      callId: string;
      agentId: AgentId | undefined;
      trunkId: string | undefined;
      number: DialledNumber;
    }
  | { type: 'call.answered'; callId: string }
  | { type: 'call.ended'; callId: string }
  | { type: 'timer.fired'; name: string };

/** Whose limit it is: `tenant`, `trunk:<id>`, `agent:<id>`. */
export type AccountName = string;

export type TollFraudEffect =
  | { type: 'call.allowed'; callId: string }
  | { type: 'call.refused'; callId: string; refusal: TollRefusal }
  /** The minutes of the day are used up: the call is to be ended now. */
  | { type: 'call.cut'; callId: string; refusal: TollRefusal }
  /** For a person: a limit stopped something, for the first time within an hour. */
  | { type: 'alert'; refusal: TollRefusal }
  | { type: 'timer.set'; name: string; at: EpochMs }
  | { type: 'timer.cancelled'; name: string };

export interface TollRefusal {
  reason: TollRefusalReason;
  scope: TollScope;
  /** The trunk or agent; undefined for the tenant. */
  id: string | undefined;
  digits: string;
  /** Of limits that count: the limit that was reached. */
  limit: number | undefined;
}

export interface TollAccountView {
  scope: TollScope;
  id: string | undefined;
  concurrentCalls: number;
  callsLastHour: number;
  minutesLastDay: number;
  limits: TollLimits;
}

/** What has to survive a restart: calls and milliseconds by bucket of time, per account. */
export interface TollSnapshot {
  account: AccountName;
  calls: [bucket: number, calls: number][];
  talkMs: [bucket: number, ms: number][];
}
