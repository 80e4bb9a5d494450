import { FlowTestDocument, type FlowTestReport } from '@crosspoint/contracts';
import { Command } from 'commander';
import { parse } from 'yaml';
import { runFlowTests } from '../../features/flows/index.ts';
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

function readTests(file: string, others: readonly string[]): FlowTestDocument {
  const document = asObject(parse(readTextFile(file)), file);
  const flows = [...listOf(document['flows'])];
  for (const other of others) flows.push(...listOf(asObject(parse(readTextFile(other)), other)['flows']));
  const result = FlowTestDocument.safeParse({ ...document, flows });
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`${file} cannot be read as tests of flows:\n${lines.join('\n')}`);
}

function asObject(value: unknown, file: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Error(`${file} holds no document. Write "tests:" and, under it, a list of tests.`);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function written({ tests, passed, failed }: FlowTestReport, isVerbose: boolean): string {
  const lines = tests.flatMap(({ name, flow, failures, trace }) => [
    `${failures.length === 0 ? 'ok  ' : 'FAIL'}  ${flow}: ${name}`,
    ...failures.map((failure) => `        ${failure}`),
    ...(failures.length > 0 || isVerbose ? trace.map((line) => `          ${line}`) : []),
  ]);
  return [...lines, '', `${passed} passed, ${failed} failed`].join('\n');
}
