import { createHmac } from 'node:crypto';
import type { AgentLive, Flow, Replay } from '@crosspoint/contracts';
import { ApiClient } from './api/index.ts';
import { until } from './wait.ts';
import type { Scene, World } from './world.ts';

/** Who signs in with a second factor. */
const guarded = { username: 'guarded', password: 'guarded-password' };

/** What the pages show that stay empty while somebody only telephones: where each of them is. */
export interface Furnished {
  readonly guarded: typeof guarded;
  /** Pages of single things, by a name for their picture. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Shifts, rules of alerts and where these go, a flow with versions and calls, rules of routing with a replay, a second factor. */
export async function furnish(world: World): Promise<Furnished> {
  const { api } = world;
  const scene = await world.scene({ agents: 2, queue: { name: 'Reception' } });
  const agents = await api.liveAgents();
  await makePeople(world, agents);
  await makeAlerts(world);
  const flowId = await makeFlow(world, scene);
  const replayId = await makeReplay(world, scene);
  const [first] = agents;
  return {
    guarded,
    pages: {
      'shift-editor': `/admin/shifts/${first?.id}`,
      'shifts-next-week': `/shifts?week=${dayIn(7)}`,
      'flow-builder': `/operations/ivr/builder?flow=${flowId}`,
      'replay-differences': `/operations/replay?replay=${replayId}&move=0`,
      'alerts-history': '/supervisor/alerts?state=ended',
      'performance-teams': '/performance?period=7&by=team&compare=true',
    },
  };
}

const dayIn = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function makePeople(world: World, agents: readonly AgentLive[]): Promise<void> {
  const { api } = world;
  const me = await api.get<{ user: { id: string } }>('/auth/me');
  // The administrator takes calls too, so that the desk and the own shifts are there.
  await api.request('PUT', `/agents/${me.user.id}`, {});
  const early = { from: '06:00', to: '14:30', breaks: [{ from: '10:00', to: '10:30' }] };
  const late = { from: '13:00', to: '23:45', breaks: [{ from: '18:00', to: '18:45' }] };
  const week = {
    ...{ monday: [early], tuesday: [early], wednesday: [late], thursday: [late], friday: [early] },
    ...{ saturday: [late], sunday: [{ from: '20:00', to: '04:00', breaks: [] }] },
  };
  const dates = [{ date: dayIn(8), shifts: [] }];
  for (const id of [...agents.map((agent) => agent.id), me.user.id])
    await api.request('PUT', `/schedules/${id}`, { timeZone: 'Europe/Prague', week, dates });
  const memberIds = agents.slice(0, 3).map((agent) => agent.id);
  await api.request('POST', '/teams', { name: 'First level', memberIds });
  await api.request('POST', '/users', { ...guarded, name: 'Grete Guarded', role: 'supervisor' });
  await secondFactor(world);
}

async function makeAlerts({ api }: World): Promise<void> {
  const add = (name: string, condition: object) => api.request('POST', '/alert-rules', { name, condition });
  const anyBreak = { kind: 'status-time', activity: 'break', reasonCode: null, seconds: 900 };
  await add('Long break', anyBreak);
  await add('Talks for long', { kind: 'talk-time', seconds: 5 });
  await add('Misses calls', { kind: 'missed-offers', count: 2 });
  await add('Not as planned', { kind: 'not-adherent', seconds: 300 });
  await api.request('POST', '/alert-targets', {
    ...{ name: 'Shift lead', to: { kind: 'mail', addresses: ['lead@example.com'], language: 'en' } },
  });
  await api.request('POST', '/alert-targets', {
    ...{ name: 'Chat', to: { kind: 'webhook', url: 'https://203.0.113.9/hooks/crosspoint' } },
  });
}

const say = (en: string) => [{ text: { en } }];

async function makeFlow({ api }: World, scene: Scene): Promise<string> {
  const document = (greeting: string) => ({
    ...{ name: 'Reception', start: 'welcome' },
    nodes: {
      welcome: { kind: 'say', prompt: say(greeting), next: 'menu' },
      menu: {
        ...{ kind: 'menu', prompt: say('For support press one.') },
        ...{ keys: { 1: 'support' }, otherwise: 'goodbye' },
      },
      support: { kind: 'queue', queue: scene.queueName, refused: 'goodbye' },
      goodbye: { kind: 'end', prompt: say('Goodbye.') },
    },
  });
  const { id } = await api.request<Flow>('POST', '/ivr/flows', document('Welcome to Northwind.'));
  await api.request('POST', `/ivr/flows/${id}/publish`, { note: 'First version' });
  const number = '+420555099001';
  await api.apply({ numbers: [{ number, target: { flow: 'Reception' } }] });
  await api.request('PUT', `/ivr/flows/${id}`, document('Good day, this is Northwind.'));
  await api.request('POST', `/ivr/flows/${id}/publish`, { note: 'Another greeting' });
  const caller = await (await scene.caller()).call(number);
  await caller.answered();
  caller.sound.sendDigits('1');
  return id;
}

/** The draft sends everybody elsewhere, so that the replay has differences to show. */
async function makeReplay({ api }: World, scene: Scene): Promise<string> {
  const rule = (name: string, queue: string) => ({ name, targets: [{ to: { queue } }] });
  await api.request('POST', '/routing/rules', rule('Everybody', scene.queueName));
  await api.request('POST', '/routing/rules/publish', {});
  await api.apply({ numbers: [{ number: '+420555099002', target: { rules: true } }] });
  for (let call = 0; call < 3; call += 1) (await (await scene.caller()).call('+420555099002')).hangUp();
  const [published] = (await api.get<{ items: { id: string }[] }>('/routing/rules')).items;
  await api.request('PUT', `/routing/rules/${published?.id}`, rule('Everybody', 'Sales'));
  const begun = await api.request<Replay>('POST', '/routing/replays', { subject: { rules: 'draft' } });
  await until('the replay to be over', async () => {
    return (await api.get<Replay>(`/routing/replays/${begun.id}`)).state !== 'running';
  });
  return begun.id;
}

async function secondFactor({ product }: World): Promise<void> {
  const own = await ApiClient.login(product.httpUrl, guarded.username, guarded.password);
  const { secret } = await own.request<{ secret: string }>('POST', '/auth/second-factor', {
    currentPassword: guarded.password,
  });
  await own.request('POST', '/auth/second-factor/confirm', { code: totp(secret) });
}

/** RFC 6238 with the usual six digits each thirty seconds. */
function totp(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
