import type { FlowDocument, FlowNode, FlowNodeOf, FlowPrompt } from '@crosspoint/contracts';
import type { FlowFault, FlowFaultCode } from './door.ts';
import { dayFaults, dayFaultWords } from '../hours/index.ts';
import { checkSpeech, phrasesSaidBack } from './check-speech.ts';
import { parseExpression } from './expression.ts';
import { placeholder } from './template.ts';
import { reachable, silentCircle, waysOf } from './ways.ts';

/** What a flow may refer to. */
export interface FlowSurroundings {
  /** By name. */
  hasQueue: (name: string) => boolean;
  /** By username. */
  hasAgent: (username: string) => boolean;
  hasVoicemailBox: (name: string) => boolean;
  /** Shared business hours. */
  hasCalendar: (name: string) => boolean;
  /** Segments of customers. */
  hasSegment: (name: string) => boolean;
  /** Published flows, by name; a new version of the checked one counts in place of the former. */
  flow: (name: string) => FlowDocument | undefined;
  isTimeZone: (name: string) => boolean;
  /** In some language; absent where nobody knows which recordings there will be. */
  hasRecording?: (name: string) => boolean;
}

/** Sub-flows within one another. */
export const flowDepthMax = 10;

type Report = (path: string, code: FlowFaultCode, message: string, remedy: string) => void;

/** Everything that is wrong with a flow whose form is right. A flow without faults never hangs and leaves no caller without an end. */
export function checkFlow(document: FlowDocument, surroundings: FlowSurroundings): FlowFault[] {
  const faults: FlowFault[] = [];
  const report: Report = (path, code, message, remedy) => faults.push({ path, code, message, remedy });
  const { nodes, start } = document;
  if (nodes[start] === undefined) {
    report('start', 'no-start', `names no node: ${start}`, 'Name the node that a caller meets first.');
  }
  for (const [name, node] of Object.entries(nodes)) {
    for (const { path, to } of waysOf(node)) {
      if (nodes[to] !== undefined) continue;
      report(
        `nodes.${name}.${path}`,
        'leads-nowhere',
        `leads nowhere: there is no node ${to}`,
        'Add that node or correct the name.',
      );
    }
    checkNode(node, `nodes.${name}`, surroundings, report);
  }
  checkShape(document, report);
  checkDescent(document, surroundings, report);
  return faults;
}

/** What is wrong with one node by itself: its expressions and what it names, but not where its ways lead. Paths begin at the node. */
export function checkFlowNode(node: FlowNode, surroundings: FlowSurroundings): FlowFault[] {
  const faults: FlowFault[] = [];
  checkNode(node, '', surroundings, (path, code, message, remedy) =>
    faults.push({ path: path.replace(/^\./, ''), code, message, remedy }),
  );
  return faults;
}

function checkShape(document: FlowDocument, report: Report): void {
  const found = reachable(document);
  for (const name of Object.keys(document.nodes)) {
    if (!found.has(name))
      report(`nodes.${name}`, 'unreached', 'is never reached', 'Lead to it from another node or remove it.');
  }
  const circle = silentCircle(document);
  if (circle !== undefined) {
    report(
      `nodes.${circle[0]}`,
      'endless',
      `a caller who keys nothing goes round for ever: ${[...circle, circle[0]].join(' → ')}`,
      'Lead one of these ways to a queue, to another node outside the circle, or to an end.',
    );
  }
}

function checkNode(node: FlowNode, path: string, surroundings: FlowSurroundings, report: Report): void {
  if ('variable' in node && builtIn.has(node.variable)) reportBuiltIn(path, node.variable, report);
  checkExpressions(node, path, report);
  checkNames(node, path, surroundings, report);
  if (surroundings.hasRecording !== undefined) checkRecordings(node, path, surroundings.hasRecording, report);
  if (node.kind === 'collect' && node.digitsMin > node.digitsMax) {
    report(
      `${path}.digitsMin`,
      'digits-min',
      `is more than digitsMax (${node.digitsMax})`,
      'Lower it or raise digitsMax.',
    );
  }
  if (node.kind === 'survey' && node.min >= node.max) {
    report(`${path}.min`, 'score-range', `is not less than max (${node.max})`, 'Lower it or raise max.');
  }
  if (node.kind === 'http') checkHttp(node, path, report);
  if (node.kind === 'menu' || node.kind === 'collect') checkSpeech(node, path, report);
}

function checkExpressions(node: FlowNode, path: string, report: Report): void {
  const expression = (at: string, text: string) => {
    const parsed = parseExpression(text);
    if ('evaluate' in parsed) return;
    report(
      `${path}.${at}`,
      'expression',
      `${parsed.message} (column ${parsed.column})`,
      'Correct the expression.',
    );
  };
  for (const [at, prompt] of promptsOf(node)) {
    prompt.forEach((piece, index) => {
      for (const [field, text] of expressionsOf(piece)) expression(`${at}.${index}.${field}`, text);
    });
  }
  if (node.kind === 'set') expression('value', node.value);
  if (node.kind === 'callback') expression('number', node.number);
  if (node.kind === 'queue' && node.preferredAgent !== undefined)
    expression('preferredAgent', node.preferredAgent);
  if (node.kind === 'condition') {
    node.cases.forEach(({ when }, index) => expression(`cases.${index}.when`, when));
  }
}

/** The calculations of a piece, by the field in which each stands. */
function expressionsOf(piece: FlowPrompt[number]): [string, string][] {
  const fields: Partial<Record<string, unknown>> = piece;
  return ['number', 'digits', 'money', 'date', 'time'].flatMap((field): [string, string][] => {
    const text = fields[field];
    return typeof text === 'string' ? [[field, text]] : [];
  });
}

/** What a node names has to be there. Flows are looked at in `checkDescent`. */
function checkNames(node: FlowNode, path: string, has: FlowSurroundings, report: Report): void {
  const missing = (at: string, code: FlowFaultCode, what: string, name: string) =>
    report(`${path}.${at}`, code, `names no ${what}: ${name}`, `Add that ${what} or correct the name.`);
  if ((node.kind === 'queue' || node.kind === 'callback') && !has.hasQueue(node.queue)) {
    missing('queue', 'no-queue', 'queue', node.queue);
  }
  if (node.kind === 'transfer' && 'agent' in node.to && !has.hasAgent(node.to.agent)) {
    missing('to.agent', 'no-agent', 'agent', node.to.agent);
  }
  if (node.kind === 'voicemail' && !has.hasVoicemailBox(node.box))
    missing('box', 'no-voicemail-box', 'voicemail box', node.box);
  if (node.kind !== 'hours') return;
  const { hours } = node;
  if ('calendar' in hours) {
    if (!has.hasCalendar(hours.calendar))
      missing('hours.calendar', 'no-calendar', 'calendar', hours.calendar);
  } else if (!has.isTimeZone(hours.timeZone)) {
    const remedy = 'Use an IANA name such as Europe/Prague.';
    report(`${path}.hours.timeZone`, 'no-time-zone', 'is not a known time zone', remedy);
  } else {
    for (const { index, code } of dayFaults(hours)) {
      report(`${path}.hours.specialDays.${index}.day`, code, ...dayFaultWords[code]);
    }
  }
}

/** Of a recording that is not there a caller hears nothing, and nobody would notice. */
function checkRecordings(
  node: FlowNode,
  path: string,
  hasRecording: (name: string) => boolean,
  report: Report,
): void {
  const check = (at: string, name: string) => {
    if (hasRecording(name)) return;
    const remedy = 'Record or upload it on the page "Prompts", or correct the name.';
    report(`${path}.${at}`, 'no-recording', `names no recording: ${name}`, remedy);
  };
  if (node.kind === 'play') check('recording', node.recording);
  for (const [at, prompt] of promptsOf(node)) {
    prompt.forEach((piece, index) => {
      if ('recording' in piece) check(`${at}.${index}.recording`, piece.recording);
    });
  }
}

/** The recordings that a flow plays and that are not there; of a document that is applied they may come later. */
export function missingRecordings(
  { nodes }: FlowDocument,
  hasRecording: (name: string) => boolean,
): FlowFault[] {
  const faults: FlowFault[] = [];
  for (const [name, node] of Object.entries(nodes)) {
    checkRecordings(node, `nodes.${name}`, hasRecording, (path, code, message, remedy) =>
      faults.push({ path, code, message, remedy }),
    );
  }
  return faults;
}

function checkHttp(node: FlowNodeOf<'http'>, path: string, report: Report): void {
  for (const name of Object.keys(node.results)) {
    if (builtIn.has(name))
      report(`${path}.results.${name}`, 'built-in', `${name} is set by the system`, 'Choose another name.');
  }
  if (node.method === 'GET' && node.body !== undefined) {
    report(
      `${path}.body`,
      'body-with-get',
      'cannot go with GET',
      'Choose POST, PUT or PATCH, or write the values into the address.',
    );
  }
  // With values of the right form in place of the placeholders, what is written around them shows.
  const filled = node.body?.replaceAll(placeholder, '0');
  if (filled !== undefined && !isJson(filled)) {
    report(
      `${path}.body`,
      'body-not-json',
      'is not JSON',
      'Write JSON, with placeholders inside quotes: {"number": "{caller}"}.',
    );
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** What every session knows of itself; a flow cannot set these. */
export const builtIn: ReadonlySet<string> = new Set([
  'caller',
  'callerName',
  'dialled',
  'language',
  'segments',
  'refusal',
  'failure',
]);

function reportBuiltIn(path: string, name: string, report: Report): void {
  report(`${path}.variable`, 'built-in', `${name} is set by the system`, 'Choose another name.');
}

function promptsOf(node: FlowNode): [string, FlowPrompt][] {
  const prompts: [string, FlowPrompt][] = [];
  if ('prompt' in node) prompts.push(['prompt', node.prompt]);
  if ('invalidPrompt' in node) prompts.push(['invalidPrompt', node.invalidPrompt]);
  if ('timeoutPrompt' in node) prompts.push(['timeoutPrompt', node.timeoutPrompt]);
  if ('speech' in node && node.speech !== undefined) {
    prompts.push(['speech.confirmPrompt', node.speech.confirmPrompt]);
    prompts.push(['speech.keysPrompt', node.speech.keysPrompt]);
  }
  return prompts;
}

/** Every text of a flow that has to be spoken. */
export function textsOf(document: FlowDocument): Extract<FlowPrompt[number], { text: unknown }>['text'][] {
  return Object.values(document.nodes).flatMap((node) => [
    ...promptsOf(node).flatMap(([, prompt]) =>
      prompt.flatMap((piece) => ('text' in piece ? [piece.text] : [])),
    ),
    ...(node.kind === 'menu' ? phrasesSaidBack(node) : []),
  ]);
}

export function subFlowsOf({ nodes }: FlowDocument): string[] {
  return Object.values(nodes).flatMap((node) => (node.kind === 'sub-flow' ? [node.flow] : []));
}

/** Sub-flows exist, do not call one another in a circle, and are not too deep. */
function checkDescent(document: FlowDocument, { flow }: FlowSurroundings, report: Report): void {
  const heights = new Map<string, number>();
  const heightOf = (name: string, above: readonly string[]): number => {
    if (above.includes(name) || above.length > flowDepthMax) return Number.POSITIVE_INFINITY;
    const known = heights.get(name);
    if (known !== undefined) return known;
    const called = name === document.name ? document : flow(name);
    const below = called === undefined ? [] : subFlowsOf(called);
    const height = 1 + Math.max(0, ...below.map((each) => heightOf(each, [...above, name])));
    heights.set(name, height);
    return height;
  };
  for (const [name, node] of Object.entries(document.nodes)) {
    if (node.kind !== 'sub-flow') continue;
    const path = `nodes.${name}.flow`;
    if (node.flow !== document.name && flow(node.flow) === undefined) {
      report(
        path,
        'no-flow',
        `names no published flow: ${node.flow}`,
        'Publish that flow first or correct the name.',
      );
    } else if (heightOf(node.flow, [document.name]) >= flowDepthMax) {
      const remedy = 'Let no flow lead back to one that called it.';
      report(path, 'flow-circle', `calls itself, or nests deeper than ${flowDepthMax} flows`, remedy);
    }
  }
}
