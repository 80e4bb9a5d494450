import type {
  Agent,
  BusinessHours,
  Calendar,
  Flow,
  FlowDocument,
  FlowVersion,
  Permission,
  Prompt,
  Queue,
  Segment,
  VoicemailBox,
} from '@crosspoint/contracts';
import type { FlowLibrary, FlowSurroundings } from '@crosspoint/core/ivr';
import { api } from '#lib/api/client.ts';
import { listAll } from '#lib/api/pages.ts';
import { session } from '#lib/session/session.svelte.ts';

/** What flows may name at present, for pick lists, for the check and for sample calls. */
export interface FlowWorld {
  queues: string[];
  agents: { username: string; name: string }[];
  /** Published flows by name. */
  flows: ReadonlyMap<string, FlowDocument>;
  boxes: string[];
  calendars: ReadonlyMap<string, BusinessHours>;
  /** Of customers. */
  segments: string[];
  recordings: string[];
}

export async function loadFlowWorld(signal: AbortSignal): Promise<FlowWorld> {
  const list = async <Item>(permission: Permission, path: string): Promise<Item[]> =>
    session.can(permission) ? listAll<Item>(path, {}, signal) : [];
  const [queues, agents, flows, boxes, calendars, segments, prompts] = await Promise.all([
    list<Queue>('queues.read', '/queues'),
    list<Agent>('agents.read', '/agents'),
    list<Flow>('flows.read', '/ivr/flows'),
    list<VoicemailBox>('voicemails.read', '/voicemail-boxes'),
    list<Calendar>('calendars.read', '/calendars'),
    list<Segment>('segments.read', '/segments'),
    list<Prompt>('flows.read', '/prompts'),
  ]);
  return {
    queues: queues.map(({ name }) => name),
    agents: agents.map(({ username, name }) => ({ username, name })),
    flows: await publishedOf(flows, signal),
    boxes: boxes.map(({ name }) => name),
    calendars: new Map(calendars.map(({ name, hours }) => [name, hours])),
    segments: segments.map(({ name }) => name),
    recordings: [...new Set(prompts.map(({ name }) => name))].toSorted(),
  };
}

/** What callers meet: the draft when nothing was changed since, else the latest version. */
async function publishedOf(flows: readonly Flow[], signal: AbortSignal): Promise<Map<string, FlowDocument>> {
  const published = new Map<string, FlowDocument>();
  const read = async (flow: Flow): Promise<void> => {
    if (flow.state !== 'published') return;
    if (!flow.hasChanges) {
      published.set(flow.name, flow.draft);
      return;
    }
    const { items } = await api.get<{ items: FlowVersion[] }>(`/ivr/flows/${flow.id}/versions`, { signal });
    const [latest] = items;
    if (latest !== undefined) published.set(flow.name, latest.document);
  };
  await Promise.all(flows.map(read));
  return published;
}

export function surroundingsIn(world: FlowWorld): FlowSurroundings {
  const queues = new Set(world.queues);
  const agents = new Set(world.agents.map(({ username }) => username));
  const boxes = new Set(world.boxes);
  const segments = new Set(world.segments);
  const recordings = new Set(world.recordings);
  return {
    hasQueue: (name) => queues.has(name),
    hasAgent: (username) => agents.has(username),
    hasVoicemailBox: (name) => boxes.has(name),
    hasCalendar: (name) => world.calendars.has(name),
    hasSegment: (name) => segments.has(name),
    flow: (name) => world.flows.get(name),
    isTimeZone,
    hasRecording: (name) => recordings.has(name),
  };
}

export const libraryIn = (world: FlowWorld): FlowLibrary => ({
  flow: (name) => world.flows.get(name),
  hours: (calendar) => world.calendars.get(calendar),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
