import type { FlowTestDocument, FlowTestReport } from '@crosspoint/contracts';
import { type FlowLibrary, runFlowTest, testsIn } from '@crosspoint/core';

/** Runs every test of a document. Flows and calendars that it does not hold are looked for in the library. */
export function runFlowTests(document: FlowTestDocument, library: FlowLibrary): FlowTestReport {
  const flows = new Map(document.flows.map((flow) => [flow.name, flow]));
  const calendars = new Map(Object.entries(document.calendars));
  const own: FlowLibrary = {
    flow: (name) => flows.get(name) ?? library.flow(name),
    hours: (name) => calendars.get(name) ?? library.hours(name),
  };
  const tests = testsIn(document).map((test) => ({
    ...{ name: test.name, flow: test.flow },
    ...runFlowTest(test, own),
  }));
  const passed = tests.filter(({ failures }) => failures.length === 0).length;
  return { passed, failed: tests.length - passed, tests };
}
