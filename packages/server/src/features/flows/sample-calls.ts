import type { FlowDocument, FlowTestInput, FlowTestResult } from '@crosspoint/contracts';
import type { FlowLibrary } from '@crosspoint/core';
import type { z } from 'zod';
import { testCall } from './test-call.ts';

type Input = z.output<typeof FlowTestInput>;

/** A sample call without inputs for so long is forgotten. */
const idleMs = 30 * 60_000;
const callsMax = 500;
const inputsMax = 1_000;

interface SampleCall {
  readonly tenantId: string;
  readonly document: FlowDocument;
  readonly library: FlowLibrary;
  readonly given: Omit<Input, 'inputs'>;
  readonly startedAt: number;
  inputs: Input['inputs'];
  usedAt: number;
}

/** Sample calls that go on from request to request. Each is played from its beginning again, which costs less than a millisecond. */
export class SampleCalls {
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #calls = new Map<string, SampleCall>();

  constructor(now: () => number, newId: () => string) {
    this.#now = now;
    this.#newId = newId;
  }

  begin(tenantId: string, document: FlowDocument, library: FlowLibrary, given: Omit<Input, 'inputs'>) {
    this.#sweep();
    const id = this.#newId();
    const startedAt = this.#now();
    const call = { tenantId, document, library, given, startedAt, inputs: [], usedAt: startedAt };
    this.#calls.set(id, call);
    return { sessionId: id, result: play(call) };
  }

  /** Undefined for one that is not there any more, or never was this tenant's. */
  goOn(tenantId: string, id: string, inputs: Input['inputs']) {
    const call = this.#calls.get(id);
    if (call === undefined || call.tenantId !== tenantId) return undefined;
    call.inputs = [...call.inputs, ...inputs].slice(0, inputsMax);
    call.usedAt = this.#now();
    return { sessionId: id, result: play(call) };
  }

  #sweep(): void {
    const oldest = this.#now() - idleMs;
    for (const [id, { usedAt }] of this.#calls) {
      if (usedAt < oldest || this.#calls.size >= callsMax) this.#calls.delete(id);
    }
  }
}

function play({ document, library, given, startedAt, inputs }: SampleCall): FlowTestResult {
  return testCall(document, library, { ...given, inputs }, startedAt);
}
