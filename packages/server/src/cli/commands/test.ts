import { FlowTestDocument, type FlowTestReport } from '@crosspoint/contracts';
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
    .argument('<file>', 'YAML or JSON with tests, and flows')
    .option(
      '--flows <file>',
      'more flows: a configuration document, or what the export returns (may be repeated)',
      (file: string, files: string[]) => [...files, file],
      [],
    )
    .option('--verbose', 'show what was heard in every test, not only in those that failed')
    .option('--json', 'print the report as JSON')
    .action((file: string, options: TestOptions) => {
      const document = readTests(file, options.flows);
      const report = runFlowTests(document, { flow: () => undefined, hours: () => undefined });
      print(
        options.json === true ? JSON.stringify(report, null, 2) : written(report, options.verbose === true),
      );
      if (report.failed > 0) process.exitCode = 1;
    });
}

/** What other files hold beside flows, such as the rest of a configuration document, is none of the tests' business. */
const FlowsOnly = z.object({ flows: FlowTestDocument.shape.flows });

function readTests(file: string, others: readonly string[]): FlowTestDocument {
  const document = readAs(file, FlowTestDocument);
  const flows = others.flatMap((other) => readAs(other, FlowsOnly).flows);
  return { ...document, flows: [...document.flows, ...flows] };
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
