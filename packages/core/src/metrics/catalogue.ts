import type { AgentCounts } from './agent-counts.ts';
import type { QueueCounts } from './counts.ts';

/**
 * Every figure about queues, named once (rules 15 and 16 of the queue semantics). Wallboard, report and API compute it from the
 * same counts by the same function; a formula that changes gets a new version.
 */
export interface Metric {
  name: string;
  version: number;
  unit: 'count' | 'ratio' | 'seconds';
  formula: string;
  words: string;
  /** Null while there is nothing to divide by. */
  compute(counts: QueueCounts): number | null;
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : null);
const meanSeconds = (totalMs: number, count: number) => (count > 0 ? totalMs / count / 1000 : null);

/** The four service levels in use; the product's own is `serviceLevel`. */
const serviceLevels = [
  {
    name: 'serviceLevel',
    version: 1,
    unit: 'ratio',
    formula: 'answeredWithin / (answered + abandoned − shortAbandons)',
    words: 'Share answered within the threshold, of all answered and abandoned but the short abandons.',
    compute: (c) => ratio(c.answeredWithin, c.answered + c.abandoned - c.shortAbandons),
  },
  {
    name: 'serviceLevelOfAnswered',
    version: 1,
    unit: 'ratio',
    formula: 'answeredWithin / answered',
    words: 'Share answered within the threshold, of the answered.',
    compute: (c) => ratio(c.answeredWithin, c.answered),
  },
  {
    name: 'serviceLevelWithAbandons',
    version: 1,
    unit: 'ratio',
    formula: '(answeredWithin + abandonedWithin) / (answered + abandoned)',
    words: 'Share that was answered or gave up within the threshold, of all answered and abandoned.',
    compute: (c) => ratio(c.answeredWithin + c.abandonedWithin, c.answered + c.abandoned),
  },
  {
    name: 'serviceLevelOfOffered',
    version: 1,
    unit: 'ratio',
    formula: 'removedWithin / offered',
    words: 'Share that left the queue for any reason within the threshold, of all that entered it.',
    compute: (c) => ratio(c.removedWithin, c.offered),
  },
] as const satisfies Metric[];

const waitAndHandle = [
  {
    name: 'averageSpeedOfAnswerSeconds',
    version: 1,
    unit: 'seconds',
    formula: 'queue time of answered / answered',
    words: 'Mean true wait of the contacts that were answered (ASA).',
    compute: (c) => meanSeconds(c.answeredWaitMs, c.answered),
  },
  {
    name: 'averageHandleSeconds',
    version: 1,
    unit: 'seconds',
    formula: '(talk + hold + wrap-up) / handled',
    words: 'Mean time an agent spends on a contact whose conversation is over (AHT).',
    compute: (c) => meanSeconds(c.talkMs + c.holdMs + c.wrapUpMs, c.handled),
  },
  {
    name: 'averageTalkSeconds',
    version: 1,
    unit: 'seconds',
    formula: 'talk / handled',
    words: 'Mean time of talk without hold in the conversations that are over.',
    compute: (c) => meanSeconds(c.talkMs, c.handled),
  },
  {
    name: 'abandonRate',
    version: 1,
    unit: 'ratio',
    formula: 'abandoned / (answered + abandoned)',
    words: 'Share of callers who hung up, of those who were answered or hung up.',
    compute: (c) => ratio(c.abandoned, c.answered + c.abandoned),
  },
] as const satisfies Metric[];

const count = (name: keyof QueueCounts, words: string): Metric => ({
  name,
  version: 1,
  unit: 'count',
  formula: name,
  words,
  compute: (counts) => counts[name],
});

export const queueMetrics: readonly Metric[] = [
  count('offered', 'Entered the queue, or was waiting in it at the start of the period.'),
  count('answered', 'Connected to an agent.'),
  count('abandoned', 'The caller left while queued.'),
  count('overflowed', 'Left the queue unhandled by other routing.'),
  count('callbacks', 'Turned into a callback while queued; not an abandon.'),
  count('deflected', 'Refused before entering; not part of offered.'),
  count('shortAbandons', 'Abandoned before the short-abandon threshold.'),
  count('answeredWithin', 'Answered within the service-level threshold.'),
  count('abandonedWithin', 'Abandoned within the service-level threshold.'),
  ...serviceLevels,
  ...waitAndHandle,
];

export type NamedFigure = (typeof serviceLevels | typeof waitAndHandle)[number]['name'];

const byName = new Map<string, Metric>([...serviceLevels, ...waitAndHandle].map((each) => [each.name, each]));

/** One figure of the catalogue. */
export function figure(name: NamedFigure, counts: QueueCounts): number | null {
  return byName.get(name)?.compute(counts) ?? null;
}

/** What board, API and history tell alike of a queue in one period: its counts, and the figures that follow from them. */
export function queueFigures(counts: QueueCounts) {
  const { offered, answered, abandoned, overflowed, callbacks, waiting, deflected } = counts;
  const { shortAbandons, answeredWithin, abandonedWithin, handled } = counts;
  return {
    ...{ offered, answered, abandoned, overflowed, callbacks, waiting, deflected },
    ...{ shortAbandons, answeredWithin, abandonedWithin, handled },
    serviceLevel: figure('serviceLevel', counts),
    averageSpeedOfAnswerSeconds: figure('averageSpeedOfAnswerSeconds', counts),
    averageHandleSeconds: figure('averageHandleSeconds', counts),
    averageTalkSeconds: figure('averageTalkSeconds', counts),
    abandonRate: figure('abandonRate', counts),
  };
}

/** The figures about agents, computed from their counts. */
export interface AgentMetric extends Omit<Metric, 'compute'> {
  compute(counts: AgentCounts): number | null;
}

const workedMs = ({ activityMs }: AgentCounts): number =>
  activityMs['on-contact'] + activityMs.hold + activityMs['wrap-up'];

export const agentMetrics = [
  {
    name: 'answered',
    version: 1,
    unit: 'count',
    formula: 'segments started',
    words: 'Conversations that began.',
    compute: (c) => c.answered,
  },
  {
    name: 'handled',
    version: 1,
    unit: 'count',
    formula: 'segments ended',
    words: 'Conversations that are over, calls of one’s own aside.',
    compute: (c) => c.handled,
  },
  {
    name: 'handleSecondsMean',
    version: 1,
    unit: 'seconds',
    formula: '(talk + hold + wrap-up) / handled',
    words: 'Mean time spent on a contact whose conversation is over.',
    compute: (c) => meanSeconds(c.talkMs + c.holdMs + c.wrapUpMs, c.handled),
  },
  {
    name: 'talkSecondsMean',
    version: 1,
    unit: 'seconds',
    formula: 'talk / handled',
    words: 'Mean time of talk without hold.',
    compute: (c) => meanSeconds(c.talkMs, c.handled),
  },
  {
    name: 'holdSecondsMean',
    version: 1,
    unit: 'seconds',
    formula: 'hold / handled',
    words: 'Mean time a customer was on hold.',
    compute: (c) => meanSeconds(c.holdMs, c.handled),
  },
  {
    name: 'wrapUpSecondsMean',
    version: 1,
    unit: 'seconds',
    formula: 'wrap-up / handled',
    words: 'Mean time of wrap-up.',
    compute: (c) => meanSeconds(c.wrapUpMs, c.handled),
  },
  {
    name: 'occupancy',
    version: 1,
    unit: 'ratio',
    formula: '(talk + hold + wrap-up) / (talk + hold + wrap-up + idle)',
    words: 'Share of the working time spent on contacts; ringing is neither work nor idleness.',
    compute: (c) => ratio(workedMs(c), workedMs(c) + c.activityMs.idle),
  },
  {
    name: 'missed',
    version: 1,
    unit: 'count',
    formula: 'offers timed out',
    words: 'Offers that ran out without an answer.',
    compute: (c) => c.missed,
  },
  {
    name: 'rejected',
    version: 1,
    unit: 'count',
    formula: 'offers rejected + offers busy',
    words: 'Offers that the agent turned down.',
    compute: (c) => c.rejected,
  },
  {
    name: 'transfers',
    version: 1,
    unit: 'count',
    formula: 'transfers started',
    words: 'Customers whom the agent sent on.',
    compute: (c) => c.transfers,
  },
] as const satisfies AgentMetric[];

export type AgentFigure = (typeof agentMetrics)[number]['name'];

const agentMetricsByName = new Map<AgentFigure, AgentMetric>(agentMetrics.map((each) => [each.name, each]));

/** One figure of an agent, or of several from the sum of their counts. */
export function agentFigure(name: AgentFigure, counts: AgentCounts): number | null {
  return agentMetricsByName.get(name)?.compute(counts) ?? null;
}
