import type { FlowDocument, FlowTestInput, FlowTestResult } from '@crosspoint/contracts';
import {
  createFlowSession,
  type FlowEffect,
  type FlowInput,
  type FlowSurroundings,
  utteranceText,
} from '@crosspoint/core';
import type { z } from 'zod';

/** Runs a draft with a caller of paper: the same session as on a call, on a clock that jumps. */
export function testCall(
  document: FlowDocument,
  { flow }: Pick<FlowSurroundings, 'flow'>,
  { inputs, at, callerPhone, number }: z.output<typeof FlowTestInput>,
  startedAt: number,
): FlowTestResult {
  const session = createFlowSession(document, flow);
  const trace: FlowTestResult['trace'] = [];
  let now = at === undefined ? startedAt : Date.parse(at);
  let due: number | undefined;
  let isSaying = false;
  const apply = (input: FlowInput) => {
    for (const effect of session.handle(input, now)) {
      if (effect.type === 'say') isSaying = true;
      if (effect.type === 'hush') isSaying = false;
      if (effect.type === 'timer.set') due = effect.at;
      trace.push(...traced(effect));
    }
  };
  apply({ type: 'started', caller: { callerPhone, callerName: '', number } });
  for (const input of inputs) {
    if (session.isOver) break;
    if (input === 'refused') apply({ type: 'queue.refused', reason: 'test' });
    else if (input !== 'wait') apply({ type: 'digit', digit: input });
    else if (isSaying) {
      isSaying = false;
      apply({ type: 'said' });
    } else {
      now = Math.max(now, due ?? now);
      apply({ type: 'timer.due' });
    }
  }
  return { trace, variables: Object.fromEntries(session.variables) };
}

function traced(effect: FlowEffect): FlowTestResult['trace'] {
  switch (effect.type) {
    case 'say':
      return effect.utterances.map((each) => ({
        type: 'heard',
        text: utteranceText(each),
        language: each.language,
      }));
    case 'passed': {
      const { flow, node, exit } = effect.step;
      return [{ type: 'passed', flow, node, exit }];
    }
    case 'queue':
      return [{ type: 'queue', queue: effect.queue }];
    case 'ended':
      return [{ type: 'ended', reason: effect.reason }];
    default:
      return [];
  }
}
