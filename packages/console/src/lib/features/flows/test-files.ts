import { type FlowDocument, FlowTestDocument, KeptFlowTest } from '@crosspoint/contracts';
import { canonicalFlow, testsIn } from '@crosspoint/core/ivr';
import { saveFile } from '#lib/features/system/save-file.ts';
import { lazily } from '#lib/navigation/renewal.ts';

/** What a text came to, or where it is none of what was wanted. */
export type ReadText<Value> = { ok: true; value: Value } | { ok: false; fault: string };

/** The part of a schema that reading needs. */
interface Reader<Value> {
  safeParse(
    content: unknown,
  ):
    | { success: true; data: Value }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

async function readYaml<Value>(text: string, reader: Reader<Value>): Promise<ReadText<Value> | undefined> {
  const yaml = await lazily(() => import('yaml'));
  if (yaml === undefined) return undefined;
  let content: unknown;
  try {
    // JSON is YAML too.
    content = yaml.parse(text, { maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof yaml.YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    return { ok: false, fault: error.message };
  }
  const parsed = reader.safeParse(content);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, fault: `${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim() };
}

/** Reads one test; undefined when the reader of such texts could not be loaded, which was said. */
export const readTest = (text: string): Promise<ReadText<KeptFlowTest> | undefined> =>
  readYaml(text, KeptFlowTest);

/** Reads a file of tests as the command takes it, and returns those of this flow. */
export async function readTestsOf(flow: string, text: string): Promise<ReadText<KeptFlowTest[]> | undefined> {
  const read = await readYaml(text, FlowTestDocument);
  if (read === undefined || !read.ok) return read;
  const tests = testsIn(read.value).filter((test) => test.flow === flow);
  return { ok: true, value: tests.map(({ flow: _flow, ...test }) => test) };
}

/** A test as one writes it: what is as it would be anyway is left out. */
function written({ given, steps, expect, ...test }: KeptFlowTest): object {
  const usual: Record<string, unknown> = KeptFlowTest.parse({ name: test.name }).given;
  const own = Object.entries(given).filter(([field, value]) => usual[field] !== value);
  return {
    ...test,
    ...(own.length > 0 && { given: Object.fromEntries(own) }),
    steps: steps.map((step) => ('says' in step && step.percent === 100 ? { says: step.says } : step)),
    expect,
  };
}

/** A test as a text to work on; undefined when the writer could not be loaded, which was said. */
export async function testText(test: KeptFlowTest): Promise<string | undefined> {
  return (await lazily(() => import('yaml')))?.stringify(written(test), { lineWidth: 0 });
}

/** Hands tests over as a file that `npx crosspoint test` runs by itself: the flow is in it. */
export async function saveTests(document: FlowDocument, tests: readonly KeptFlowTest[]): Promise<void> {
  const yaml = await lazily(() => import('yaml'));
  if (yaml === undefined) return;
  const name = document.name.trim().replace(/[^\p{L}\p{N}]+/gu, '-') || 'flow';
  const content = {
    flows: [canonicalFlow(document)],
    tests: tests.map((test) => ({ flow: document.name, ...written(test) })),
  };
  saveFile(`${name}-tests.yaml`, 'application/yaml', yaml.stringify(content, { lineWidth: 0 }));
}
