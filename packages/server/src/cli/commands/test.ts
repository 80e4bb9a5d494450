import { CalendarInput, FlowTestDocument, type FlowTestReport } from '@crosspoint/contracts';
import { testsIn } from '@crosspoint/core';
import { Command } from 'commander';
import { z } from 'zod';
import { readYaml } from '../../features/configuration/index.ts';
import { runFlowTests } from '../../features/flows/index.ts';
import { PlatformError } from '../../platform/index.ts';
import { describeErrors } from '../configuration.ts';
import { readTextFile } from '../files.ts';
import { print } from '../output.ts';

/** Flows in further files, as the configuration document writes them. */
interface TestOptions {
  readonly flows: string[];
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function testCommand(): Command {
  return new Command('test')
    .description('Run tests of flows: what callers do and hear, and where the call goes.')
    .argument('[file]', 'YAML or JSON with tests, and flows')
    .option(
      '--flows <file>',
      'more flows, with the tests that stand with them: a configuration document (may be repeated)',
      (file: string, files: string[]) => [...files, file],
      [],
    )
    .option('--verbose', 'show what was heard in every test, not only in those that failed')
    .option('--json', 'print the report as JSON')
    .action((file: string | undefined, options: TestOptions, command: Command) => {
      if (file === undefined && options.flows.length === 0) command.error("error: missing argument 'file'");
      const document = readTests(file, options.flows);
      if (testsIn(document).length === 0) {
        const remedy = 'Write tests under "tests", or keep some with a flow. An example is in docs/flows.md.';
        throw new PlatformError('file-unreadable', 'No test of a flow was found.', remedy);
      }
      const report = runFlowTests(document, { flow: () => undefined, hours: () => undefined });
      print(
        options.json === true ? JSON.stringify(report, null, 2) : written(report, options.verbose === true),
      );
      if (report.failed > 0) process.exitCode = 1;
    });
}

/** What a configuration document holds beside flows and calendars is none of the tests' business. */
const OfConfiguration = z.object({
  flows: FlowTestDocument.shape.flows,
  calendars: z.array(CalendarInput).default([]),
});

function readTests(file: string | undefined, others: readonly string[]): FlowTestDocument {
  const own = file === undefined ? { flows: [], calendars: {}, tests: [] } : readAs(file, FlowTestDocument);
  const read = others.map((other) => readAs(other, OfConfiguration));
  const shared = read.flatMap(({ calendars }) => calendars.map(({ name, hours }) => [name, hours] as const));
  return {
    ...own,
    flows: [...own.flows, ...read.flatMap(({ flows }) => flows)],
    calendars: { ...Object.fromEntries(shared), ...own.calendars },
  };
}

/** @throws {PlatformError} `file-unreadable` with line and column of everything that is wrong in the file. */
function readAs<Value>(file: string, schema: z.ZodType<Value>): Value {
  const read = readYaml(readTextFile(file), schema);
  if (read.ok) return read.value;
  const remedy = 'Nothing was tested. An example is in docs/flows.md.';
  throw new PlatformError('file-unreadable', describeErrors(file, read.errors), remedy);
}

function written({ tests, passed, failed }: FlowTestReport, isVerbose: boolean): string {
  const lines = tests.flatMap(({ name, flow, failures, trace }) => [
    `${failures.length === 0 ? 'ok  ' : 'FAIL'}  ${flow}: ${name}`,
    ...failures.map((failure) => `        ${failure}`),
    ...(failures.length > 0 || isVerbose ? trace.map((line) => `          ${line}`) : []),
  ]);
  return [...lines, '', `${passed} passed, ${failed} failed`].join('\n');
}
