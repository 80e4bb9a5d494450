import type { FlowNodeOf } from '@crosspoint/contracts';
import type { CallNode, FlowRequest, RunnableFlow, ServiceNode } from './door.ts';
import { evaluate } from './evaluate.ts';
import type { FlowVariables } from './expression.ts';
import { fillJson, fillUrl } from './template.ts';

/** Nodes that ask something of the shell and go on by `next` or `failed`. */
export type RequestNode =
  | FlowNodeOf<'http' | 'transfer' | 'voicemail' | 'callback' | 'record'>
  | ServiceNode
  | CallNode;

export function isRequestNode(node: RunnableFlow['nodes'][string]): node is RequestNode {
  switch (node.kind) {
    case 'http':
    case 'transfer':
    case 'voicemail':
    case 'callback':
    case 'record':
    case 'service':
    case 'call':
      return true;
    default:
      return false;
  }
}

export function requestOf(node: RequestNode, variables: FlowVariables): FlowRequest {
  switch (node.kind) {
    case 'http': {
      const { method, headers, timeoutMs, retries, results } = node;
      const url = fillUrl(node.url, variables);
      const body = node.body === undefined ? undefined : fillJson(node.body, variables);
      return { kind: 'http', method, url, headers, body, timeoutMs, retries, results };
    }
    case 'transfer':
      return { kind: 'transfer', to: node.to, ringMs: node.ringSeconds * 1_000 };
    case 'callback':
      return { kind: 'callback', queue: node.queue, number: String(evaluate(node.number, variables)) };
    case 'service':
      return {
        kind: 'service',
        service: node.service,
        values: { ...Object.fromEntries(variables), ...node.given },
        maxMs: node.maxMs,
      };
    case 'call': {
      const number = String(variables.get(node.variable) ?? '');
      return { kind: 'transfer', to: { number }, ringMs: node.ringSeconds * 1_000 };
    }
    case 'record':
      return { kind: 'record', ...lengths(node) };
    case 'voicemail':
      return { kind: 'voicemail', box: node.box, greets: node.prompt.length === 0, ...lengths(node) };
  }
}

function lengths({ maxSeconds, silenceSeconds }: { maxSeconds: number; silenceSeconds: number }) {
  return { maxMs: maxSeconds * 1_000, silenceMs: silenceSeconds * 1_000 };
}

/** Greeting of a box, tone and closing of the file; connecting and giving up; the shell is never waited for longer. */
const graceMs = {
  record: 20_000,
  voicemail: 200_000,
  transfer: 15_000,
  callback: 10_000,
  service: 40_000,
} as const;
/** Between two attempts of a look-up the shell pauses at most so long. */
export const httpPauseMaxMs = 2_000;

/** When the shell must have answered; only if it fails to does the flow go on by itself. */
export function answerMaxMs(request: FlowRequest): number {
  switch (request.kind) {
    case 'http':
      return (request.timeoutMs + httpPauseMaxMs) * (request.retries + 1);
    case 'transfer':
      return request.ringMs + graceMs.transfer;
    case 'callback':
      return graceMs.callback;
    case 'service':
      return request.maxMs ?? graceMs.service;
    case 'record':
    case 'voicemail':
      return request.maxMs + graceMs[request.kind];
  }
}
