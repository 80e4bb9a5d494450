import {
  type FlowDocument,
  type FlowTests,
  type FlowTestStep,
  type KeptFlowTest,
  KeptFlowTest as KeptFlowTestSchema,
} from '@crosspoint/contracts';
import {
  type FlowLibrary,
  type FlowTestEvent,
  type FlowTestFailure,
  playFlowTest,
} from '@crosspoint/core/ivr';
import { api, ApiError } from '#lib/api/client.ts';
import type { SampleCall, TestLine } from './tester.svelte.ts';

/** A test and what it came to. */
export interface PlayedTest {
  test: KeptFlowTest;
  failures: readonly FlowTestFailure[];
  events: readonly FlowTestEvent[];
}

/** Somebody else may change them at the same moment; more often than this nobody does. */
const attemptsMax = 4;

export const testsPath = (flowId: string): string => `/ivr/flows/${flowId}/tests`;

/**
 * Changes the tests that are kept with a flow. Each change is made to what is stored now, so that two people who add some both have
 * theirs. @throws {ApiError}
 */
export async function changeTests(
  flowId: string,
  changed: (tests: readonly KeptFlowTest[]) => readonly KeptFlowTest[],
): Promise<readonly KeptFlowTest[]> {
  for (let attempt = 1; ; attempt += 1) {
    const { data, etag } = await api.getVersioned<FlowTests>(testsPath(flowId));
    try {
      const body = { tests: changed(data.tests) };
      return (await api.putVersioned<FlowTests>(testsPath(flowId), body, etag)).data.tests;
    } catch (error) {
      const isLate = error instanceof ApiError && error.code === 'version-outdated';
      if (!isLate || attempt === attemptsMax) throw error;
    }
  }
}

/** Those of the second list in the place of those of the same name, and behind them. */
export function joined(tests: readonly KeptFlowTest[], more: readonly KeptFlowTest[]): KeptFlowTest[] {
  const byName = new Map(tests.map((test) => [test.name, test]));
  for (const test of more) byName.set(test.name, test);
  return [...byName.values()];
}

/** Plays tests on a flow as it is drawn now. Flows that it calls are those of the library. */
export function played(
  tests: readonly KeptFlowTest[],
  document: FlowDocument,
  library: FlowLibrary,
): PlayedTest[] {
  const own: FlowLibrary = {
    ...library,
    flow: (name) => (name === document.name ? document : library.flow(name)),
  };
  return tests.map((test) => ({ test, ...playFlowTest({ ...test, flow: document.name }, own) }));
}

/** A sample call as a test: what the caller did, and that the call goes the same way again. */
export function testOf(
  { callerPhone, number, at }: SampleCall,
  steps: readonly FlowTestStep[],
  lines: readonly TestLine[],
): KeptFlowTest {
  const path = lines.flatMap((line) => (line.is === 'passed' ? [`${line.node}:${line.exit}`] : []));
  const last = lines.findLast((line) => line.is === 'queue' || line.is === 'ended' || line.is === 'passed');
  return KeptFlowTestSchema.parse({
    name: 'test',
    given: { caller: callerPhone, dialled: number, at: new Date(at).toISOString() },
    steps,
    expect: { path, ...(last?.is === 'queue' ? { queue: last.queue } : {}) },
  });
}
