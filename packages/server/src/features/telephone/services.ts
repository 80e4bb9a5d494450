import type { ContactId } from '@crosspoint/contracts';
import type { FlowValue, Utterance } from '@crosspoint/core';

/** What a document of the product asks of a feature. */
export interface ServiceCall {
  readonly contactId: ContactId;
  readonly service: string;
  /** The variables of the call, and what the document gives. */
  readonly values: Readonly<Record<string, FlowValue>>;
}

/** By which way the document goes on, the variables that are set, and what is said before the next words. */
export interface ServiceAnswer {
  readonly way: string;
  readonly values?: Readonly<Record<string, FlowValue>>;
  readonly says?: readonly Utterance[];
}

/** Rejects when it cannot be done now. */
export type Services = (call: ServiceCall) => Promise<ServiceAnswer>;

/** A text of the call, empty when there is none. */
export function textOf({ values }: ServiceCall, name: string): string {
  const value = values[name];
  return typeof value === 'string' ? value : '';
}

const triesMax = 3;

/** A wrong code or PIN: asked for again up to the third in one call. */
export function refusedTry({ values }: ServiceCall, wrong: string): ServiceAnswer {
  const tries = Number(values['tries'] ?? 0) + 1;
  return { way: tries >= triesMax ? 'locked' : wrong, values: { tries } };
}
