import type { FlowDocument, FlowTestInput, FlowTestResult } from '@crosspoint/contracts';
import {
  createFlowSession,
  type FlowEffect,
  type FlowInput,
  type FlowLibrary,
  type FlowRequest,
  utteranceText,
} from '@crosspoint/core';
import type { z } from 'zod';

/** Runs a draft with a caller of paper: the same session as on a call, on a clock that jumps. */
export function testCall(
  document: FlowDocument,
  { flow, hours }: FlowLibrary,
  { inputs, at, callerPhone, number }: z.output<typeof FlowTestInput>,
  startedAt: number,
): FlowTestResult {
  const session = createFlowSession(document, { flow, hours });
  const trace: FlowTestResult['trace'] = [];
  let now = at === undefined ? startedAt : Date.parse(at);
  let due: number | undefined;
  let isSaying = false;
  let asked = 0;
  let listened = 0;
  const apply = (input: FlowInput) => {
    for (const effect of session.handle(input, now)) {
      if (effect.type === 'say') isSaying = true;
      if (effect.type === 'hush') isSaying = false;
      if (effect.type === 'timer.set') due = effect.at;
      if (effect.type === 'request') asked = effect.id;
      if (effect.type === 'listen') listened = effect.id;
      if (effect.type === 'queue.leave') apply({ type: 'queue.returned' });
      trace.push(...traced(effect));
    }
  };
  apply({ type: 'started', caller: { callerPhone, callerName: '', number } });
  for (const input of inputs) {
    if (session.isOver) break;
    if (input === 'refused') apply({ type: 'queue.refused', reason: 'test' });
    else if (input === 'returned') {
      apply({ type: 'queue.entered' });
      now = Math.max(now, due ?? now);
      apply({ type: 'timer.due' });
    } else if (input === 'done') {
      apply({ type: 'request.done', id: asked, result: 'done', reason: '', values: {} });
    } else if (input === 'failed') {
      apply({ type: 'request.done', id: asked, result: 'failed', reason: 'test', values: {} });
    } else if (typeof input !== 'string') {
      apply({ type: 'speech.began', id: listened });
      apply({ type: 'speech.heard', id: listened, text: input.says, confidence: 1 });
    } else if (input !== 'wait') apply({ type: 'digit', digit: input });
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
    case 'request':
      return [{ type: 'asked', what: wordsOf(effect.request) }];
    case 'ended':
      return [{ type: 'ended', reason: effect.reason }];
    default:
      return [];
  }
}

function wordsOf(request: FlowRequest): string {
  switch (request.kind) {
    case 'http':
      return `http ${request.method} ${request.url}`;
    case 'transfer':
      return `transfer ${'agent' in request.to ? request.to.agent : request.to.number}`;
    case 'voicemail':
      return `voicemail ${request.box}`;
    case 'callback':
      return `callback ${request.queue} ${request.number}`;
    case 'record':
      return 'record';
    case 'service':
      return request.service;
  }
}
