import type { FlowTestCase } from '@crosspoint/contracts';
import { type FlowTestEvent, type FlowTestFailure, playFlowTest } from './flow-test.ts';
import type { FlowLibrary } from './session.ts';

export interface FlowTestOutcome {
  /** Empty: it passed. */
  failures: string[];
  /** What the caller heard and where the call went, line by line. */
  trace: string[];
}

/** Plays one test and tells in English what came of it, as the command and the API do. */
export function runFlowTest(test: FlowTestCase, library: FlowLibrary): FlowTestOutcome {
  const { failures, events } = playFlowTest(test, library);
  return { failures: failures.map(failureText), trace: events.map(eventText) };
}

function failureText(failure: FlowTestFailure): string {
  switch (failure.is) {
    case 'no-flow':
      return `there is no flow ${failure.flow}`;
    case 'unheard':
      return `step ${failure.step}: expected to hear "${failure.text}", heard "${failure.heard}"`;
    case 'not-listening':
      return `step ${failure.step}: the flow does not listen to speech`;
    case 'no-queue':
      return `step ${failure.step}: the caller is in no queue`;
    case 'no-return':
      return `step ${failure.step}: nothing brings the caller back from the queue`;
    case 'nothing-asked':
      return `step ${failure.step}: the flow has asked for nothing`;
    case 'queue':
      return `expected the queue ${failure.expected}, got ${failure.seen ?? 'none'}`;
    case 'path':
      return `expected the path ${failure.expected.join(' ')}, got ${failure.seen.join(' ')}`;
    case 'over':
      return failure.expected ? 'expected the flow to be over' : 'expected the flow not to be over';
    case 'at':
      return `expected to be at ${failure.expected}, is ${failure.seen ?? 'nowhere'}`;
    case 'variable': {
      const [expected, seen] = [failure.expected, failure.seen].map((value) => JSON.stringify(value));
      return `expected ${failure.name} to be ${expected}, got ${seen}`;
    }
  }
}

function eventText(event: FlowTestEvent): string {
  switch (event.is) {
    case 'heard':
      return `hears ${event.text}`;
    case 'keyed':
      return `keys ${event.key}`;
    case 'said':
      return `says ${event.text}`;
    case 'waited':
      return 'waits';
    case 'passed':
      return `passes ${event.node}:${event.exit}`;
    case 'queue':
      return `enters the queue ${event.queue}`;
    case 'asked':
      return `asks for ${event.request.kind}`;
    case 'ended':
      return `ends: ${event.reason}`;
  }
}
