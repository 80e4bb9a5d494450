import { afterEach, describe, expect, it } from 'vitest';
import { Phone, type PhoneCall, PhoneHost } from '../phones/index.ts';
import { Callers } from './callers.ts';
import { randomOf } from './chance.ts';
import { agents, queues, type Temperament } from './company.ts';
import type { Cue } from './conversation.ts';
import type { CallPlan } from './customers.ts';
import { Desk } from './desk.ts';
import { synthesizeVoice } from './voice.ts';

const [agent] = agents;
const [queue] = queues;
if (agent === undefined || queue === undefined) throw new Error('The company has neither agents nor queues.');

const hosts: PhoneHost[] = [];
const desks: Desk[] = [];
afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
  for (const host of hosts.splice(0)) host.close();
});

/** A desk whose phone is what the company's number leads to: no server between caller and agent. */
async function openLine(temperament: Temperament) {
  const agentHost = await PhoneHost.open({ keptSecondsMax: 0 });
  const callerHost = await PhoneHost.open({ keptSecondsMax: 0 });
  hosts.push(agentHost, callerHost);
  const voice = (pitchHz: number): Int16Array => synthesizeVoice(randomOf(1, 'voice', pitchHz), pitchHz, 2);
  const callers = new Callers(callerHost, agentHost.local, voice, () => undefined);
  const phone = new Phone({ host: agentHost, server: callerHost.local, username: queue?.number ?? '' });
  const calls: PhoneCall[] = [];
  const desk = new Desk({
    agent: { ...(agent ?? expect.fail()), temperament },
    phone,
    seed: 1,
    voice: voice(200),
    callers,
    breakCode: () => '*2',
    report: () => undefined,
  });
  desks.push(desk);
  const answering = phone.onCall;
  phone.onCall = (call) => {
    calls.push(call);
    answering?.(call);
  };
  return { callers, calls };
}

function plan(cues: Cue[], patienceMs: number): CallPlan {
  return {
    index: 0,
    atMs: 0,
    queue: queue ?? expect.fail(),
    door: 'queue',
    customer: { phone: '+420555100001', name: 'Eva Fiala', pitchHz: 190 },
    patienceMs,
    talkMs: cues.at(-1)?.atMs ?? 0,
    cues,
  };
}

const quick: Temperament = { answerMedianMs: 900, rejects: 0, misses: 0 };

describe('Desk and Callers', () => {
  it('[DEMO-07] talk in turns on real calls until one of them hangs up', async () => {
    const { callers, calls } = await openLine(quick);
    const done = callers.call(
      plan(
        [
          { atMs: 100, do: 'agent-speaks' },
          { atMs: 1_500, do: 'customer-speaks' },
          { atMs: 6_000, do: 'customer-hangs-up' },
        ],
        60_000,
      ),
    );
    await expect.poll(() => calls.length, { timeout: 60_000 }).toBe(1);
    const caller = callers.byPhone('+420555100001');
    await Promise.all([
      caller?.speaker.call.sound.ear.hears('sound', { forMs: 100 }),
      calls[0]?.sound.ear.hears('sound', { forMs: 100 }),
    ]);
    expect((await calls[0]?.ended())?.by).toBe('remote');
    await done;
    expect(caller?.isTalking).toBe(true);
    expect(callers.byPhone('+420555100001')).toBeUndefined();
  });

  it('[DEMO-06] a caller whose call nobody answers hangs up when patience ends', async () => {
    const { callers, calls } = await openLine({ ...quick, misses: 1 });
    await callers.call(plan([{ atMs: 1_000, do: 'customer-hangs-up' }], 4_000));
    expect(calls).toHaveLength(1);
    expect(await calls[0]?.ended()).toMatchObject({ by: 'remote', status: 487 });
  });

  it('[DEMO-08] an agent who rejects says so by 603', async () => {
    const { callers, calls } = await openLine({ ...quick, rejects: 1 });
    await callers.call(plan([{ atMs: 1_000, do: 'customer-hangs-up' }], 60_000));
    expect(await calls[0]?.ended()).toMatchObject({ by: 'local', status: 603 });
  });
});
