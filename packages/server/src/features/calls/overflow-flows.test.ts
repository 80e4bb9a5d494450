import { type QueueId, QueueSettings, VoicemailBoxInput } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { flowTo } from './overflow-flows.ts';

const night = VoicemailBoxInput.parse({ name: 'night' });
const places = {
  flows: new Map(),
  boxes: new Map([['night', night]]),
  from: QueueSettings.parse({ name: 'sales' }),
  queueNamed: (id: QueueId) => (id === 'support' ? 'support' : undefined),
};

test('[QUE-07] a callback that is not promised goes on along the chain, past what is not there, and back into the queue', () => {
  const flow = flowTo({ kind: 'callback' }, places, [
    { kind: 'queue', queueId: 'gone' as QueueId },
    { kind: 'queue', queueId: 'support' as QueueId },
    { kind: 'voicemail', box: 'night' },
  ]);
  expect(flow?.document.nodes).toMatchObject({
    begin: { kind: 'callback', queue: 'sales', next: 'noted', failed: 'otherwise-1' },
    'otherwise-1': { kind: 'queue', queue: 'support', refused: 'otherwise-2' },
    'otherwise-2': { kind: 'voicemail', box: 'night', next: 'end', failed: 'otherwise-3' },
    'otherwise-3': { kind: 'queue', queue: 'sales', refused: 'end' },
  });
});

test('[QUE-07] one that ends the call is the end of the chain', () => {
  const flow = flowTo({ kind: 'callback' }, places, [
    { kind: 'hang-up' },
    { kind: 'outside', number: '112' },
  ]);
  expect(flow?.document.nodes['otherwise-1']).toMatchObject({ kind: 'end' });
});
