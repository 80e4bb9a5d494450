import type { AgentId, AgentLive } from '@crosspoint/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveFeed } from './live-feed.ts';
import type { LiveViews } from './live-views.ts';
import type { CentreState, TurnOutput } from './state.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

const agentId = '01a203bf-1720-736d-a47a-68f8afee7190' as AgentId;
const nothing = { contactFacts: [], touchedQueues: [], touchedContacts: [], endedLegs: [] };
const turn = (agents: AgentId[]) => ({ ...nothing, touchedAgents: agents }) as unknown as TurnOutput;

/** A feed of one agent, and what it told when. */
function watched() {
  const agent = { id: agentId, status: 'available' };
  const views = { agent: () => ({ ...agent }) as unknown as AgentLive } as unknown as LiveViews;
  const feed = new LiveFeed({} as CentreState, views, () => Date.now());
  const told: [number, string][] = [];
  feed.listen((change, at) => told.push([at - 1_000, (change.data as AgentLive).status]));
  return {
    ...{ feed, told },
    become(status: string) {
      agent.status = status;
      feed.turnEnded(turn([agentId]));
    },
  };
}

test('[API-02] after calm a change is told at once, together with what else the same happening changed', () => {
  const { told, become } = watched();
  become('break');
  vi.advanceTimersByTime(2);
  become('offline');
  vi.advanceTimersByTime(500);
  expect(told).toEqual([[3, 'offline']]);
  become('available');
  vi.advanceTimersByTime(500);
  expect(told[1]).toEqual([505, 'available']);
});

test('[API-02] an offer is told at once and before its facts, also in a busy centre, and not a second time', () => {
  const { feed, become, told } = watched();
  become('break');
  vi.advanceTimersByTime(4);
  become('available');
  const heard: string[] = [];
  feed.listen(({ type }) => heard.push(type));
  const offer = { type: 'offer.made', at: 1_004, data: { agentId } };
  feed.turnEnded({ ...turn([agentId]), contactFacts: [offer] } as unknown as TurnOutput);
  expect(told.filter(([, status]) => status !== undefined)).toEqual([
    [3, 'break'],
    [4, 'available'],
  ]);
  vi.advanceTimersByTime(500);
  expect(heard).toEqual(['agent.changed', 'contact.fact']);
});

test('[API-02] in a busy centre changes are gathered for 40 ms, of which only the newest state is told', () => {
  const { told, become } = watched();
  for (let index = 0; index < 100; index++) {
    become(index % 2 === 0 ? 'break' : 'available');
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(500);
  expect(told.map(([at]) => at)).toEqual([3, 43, 83, 123]);
  expect(told.at(-1)).toEqual([123, 'available']);
});

test('[API-02] a clock that was set back holds nothing back', () => {
  const { told, become } = watched();
  become('break');
  vi.advanceTimersByTime(3);
  vi.setSystemTime(-1_000_000);
  become('available');
  vi.advanceTimersByTime(40);
  expect(told.map(([, status]) => status)).toEqual(['break', 'available']);
});
