import { FlowDocument, type FlowNodeName } from '@crosspoint/contracts';
import { checkFlow, type FlowFault, type FlowFaultCode, type FlowSurroundings } from '@crosspoint/core/ivr';
import { fieldErrors } from '#lib/api/validation.ts';
import { m } from '#lib/paraglide/messages.js';
import { nowhere, valueAt } from './document.ts';
import { fieldLabel } from './node.ts';

/** What is wrong with a draft, in the person's language. */
export interface Fault {
  /** Null: the flow's own settings. */
  node: FlowNodeName | null;
  /** The field within the node, dotted; empty for the node as a whole. */
  field: string;
  /** What is wrong, for whoever sees the field. */
  text: string;
  /** The same with the name of the field, for whoever sees a list. */
  sentence: string;
}

const ownLabels: Record<string, () => string> = { name: m.queue_field_name, description: m.flow_description };

type Words = (fault: FlowFault, named: string) => string;

const words: Record<FlowFaultCode, Words> = {
  'no-start': () => m.flow_fault_no_start(),
  'leads-nowhere': (_fault, named) =>
    named === nowhere ? m.flow_fault_not_connected() : m.flow_fault_leads_nowhere({ node: named }),
  unreached: () => m.flow_fault_unreached(),
  endless: ({ message }) => m.flow_fault_endless({ nodes: message.slice(message.indexOf(': ') + 2) }),
  expression: ({ message }) => m.flow_fault_expression({ detail: message }),
  'digits-min': () => m.flow_fault_digits_min(),
  'speech-key': () => m.flow_fault_speech_key(),
  'speech-twice': () => m.flow_fault_speech_twice(),
  'speech-percent': () => m.flow_fault_speech_percent(),
  'built-in': (_fault, named) => m.flow_fault_built_in({ name: named }),
  'no-queue': (_fault, named) =>
    named === '' ? m.flow_fault_choose() : m.flow_fault_no_queue({ name: named }),
  'score-range': () => m.flow_fault_score_range(),
  'no-agent': (_fault, named) =>
    named === '' ? m.flow_fault_choose() : m.flow_fault_no_agent({ name: named }),
  'no-voicemail-box': (_fault, named) =>
    named === '' ? m.flow_fault_choose() : m.flow_fault_no_box({ name: named }),
  'no-calendar': (_fault, named) =>
    named === '' ? m.flow_fault_choose() : m.flow_fault_no_calendar({ name: named }),
  'no-recording': (_fault, named) =>
    named === '' ? m.flow_fault_choose() : m.flow_fault_no_recording({ name: named }),
  'body-with-get': () => m.flow_fault_body_with_get(),
  'body-not-json': () => m.flow_fault_body_not_json(),
  'no-time-zone': () => m.flow_fault_no_time_zone(),
  'no-such-day': () => m.flow_fault_no_such_day(),
  'day-twice': () => m.flow_fault_day_twice(),
  'no-flow': (_fault, named) =>
    named === '' ? m.flow_fault_choose() : m.flow_fault_no_flow({ name: named }),
  'flow-circle': () => m.flow_fault_flow_circle(),
};

export interface Verdict {
  /** Everything that keeps a draft from being published. */
  faults: Fault[];
  /** Its form is right: the server keeps it as a draft. */
  isStorable: boolean;
}

/** Judges a draft by the schema and the check that the server applies. */
export function faultsOf(document: FlowDocument, surroundings: FlowSurroundings): Verdict {
  const fault = (path: string, text: string): Fault => {
    const { node, field } = placeOf(path);
    const label = node === null ? (ownLabels[field]?.() ?? '') : fieldLabel(document.nodes[node], field);
    return { node, field, text, sentence: label === '' ? text : `${label}: ${text}` };
  };
  const form = Object.entries(fieldErrors(FlowDocument, document)).map(([path, text]) => fault(path, text));
  const known = new Set(form.map(({ node, field }) => `${node}.${field}`));
  const found = checkFlow(document, surroundings).map((each) =>
    fault(each.path, words[each.code](each, String(valueAt(document, each.path) ?? ''))),
  );
  const others = found.filter(({ node, field }) => field === '' || !known.has(`${node}.${field}`));
  return { faults: [...form, ...others], isStorable: form.length === 0 };
}

function placeOf(path: string): { node: FlowNodeName | null; field: string } {
  const [top, node, ...field] = path.split('.');
  return top === 'nodes' && node !== undefined
    ? { node, field: field.join('.') }
    : { node: null, field: path };
}

/** Faults by the node that has them. */
export function faultsByNode(faults: readonly Fault[]): Map<FlowNodeName, Fault[]> {
  const found = new Map<FlowNodeName, Fault[]>();
  for (const fault of faults) {
    if (fault.node === null) continue;
    const list = found.get(fault.node);
    if (list === undefined) found.set(fault.node, [fault]);
    else list.push(fault);
  }
  return found;
}
