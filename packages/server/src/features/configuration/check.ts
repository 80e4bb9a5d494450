import type { FieldError } from '@crosspoint/contracts';
import { isTimeZone, type Path } from '../../http/index.ts';
import {
  canonicalNumber,
  checkFlow,
  type FlowSurroundings,
  missingRecordings,
  scorecardFaults,
} from '@crosspoint/core';
import { type CurrentConfiguration, keyOf } from './current.ts';
import type { LocatedDocument } from './document.ts';
import { calendarFaults } from '../calendars/index.ts';
import { conferenceFaults } from '../conferences/index.ts';
import { checkDuplicates, type Report, usernameOf } from './duplicates.ts';
import { ruleFaults } from './rules.ts';
import { rolesGiven } from './sign-on.ts';
import { issuerFault } from '../single-sign-on/index.ts';
import { trunkFaults } from '../trunks/index.ts';

const PASSWORD_LENGTH_ADVISED = 8;

/**
 * Finds what a document that is well formed says wrongly: things named twice, names that lead nowhere, extensions that
 * somebody else has.
 */
export function checkDocument(located: LocatedDocument, current: CurrentConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const report: Report = (path, problem) => errors.push(located.errorAt(path, problem));
  const { document } = located;
  checkDuplicates(document, report);
  checkRoles(document, current, report);
  checkSignOn(document, report);
  checkCentre(document, report);
  checkPeople(document, current, report);
  checkTeams(document, current, report);
  checkRouting(document, current, report);
  checkConferences(document, current, report);
  checkQuality(document, current, report);
  return errors;
}

/** What is allowed but unwise. */
export function adviseOn(located: LocatedDocument, recordings: ReadonlySet<string>): FieldError[] {
  const { document } = located;
  // Recordings are not in documents; they may come after it.
  const unheard = document.flows.flatMap((flow, index) =>
    missingRecordings(flow, (name) => recordings.has(name)).map(({ path, message, remedy }) =>
      located.errorAt(['flows', index, ...path.split('.')], { message, remedy }),
    ),
  );
  const secrets: [Path, string | undefined][] = [
    ...document.users.map((user, index): [Path, string | undefined] => [
      ['users', index, 'password'],
      user.password,
    ]),
    ...document.agents.flatMap((agent, index): [Path, string | undefined][] => [
      [['agents', index, 'password'], agent.password],
      [['agents', index, 'sip', 'password'], agent.sip?.password],
    ]),
  ];
  const weak = secrets
    .filter(([, secret]) => secret !== undefined && secret.length < PASSWORD_LENGTH_ADVISED)
    .map(([path]) =>
      located.errorAt(path, {
        message: 'is easy to guess',
        remedy: `Use ${PASSWORD_LENGTH_ADVISED} characters or more.`,
      }),
    );
  return [...weak, ...unheard];
}

type Document = LocatedDocument['document'];
const noTimeZone = {
  message: 'is not a known time zone',
  remedy: 'Use an IANA name such as Europe/Prague.',
};

function checkRoles(document: Document, current: CurrentConfiguration, report: Report): void {
  const roles = new Set([...current.roles.keys(), ...document.roles.map(({ name }) => name)]);
  const { users, singleSignOn } = document;
  const given = [
    ...users.map((user, index) => ({ path: ['users', index], given: user })),
    ...(singleSignOn ? rolesGiven(singleSignOn) : []).map(({ path, given }) => ({
      ...{ path: ['singleSignOn', ...path], given },
    })),
  ];
  for (const {
    path: place,
    given: { role, customRole },
  } of given) {
    const path = [...place, 'customRole'];
    if ((role === 'custom') !== (customRole !== undefined)) {
      const remedy = 'Give customRole with the role custom, and with no other.';
      report(path, { value: customRole, message: `does not go with the role ${role}`, remedy });
    } else if (customRole !== undefined && !roles.has(customRole)) {
      const remedy = 'Add it under roles, or correct the name.';
      report(path, { value: customRole, message: 'names no role', remedy });
    }
  }
}

function checkSignOn({ singleSignOn }: Document, report: Report): void {
  const fault = singleSignOn && issuerFault(singleSignOn.issuer);
  if (fault) report(['singleSignOn', 'issuer'], { value: singleSignOn.issuer, ...fault });
}

function checkCentre({ centre }: Document, report: Report): void {
  if (centre === undefined || isTimeZone(centre.timeZone)) return;
  report(['centre', 'timeZone'], { value: centre.timeZone, ...noTimeZone });
}

function checkPeople(document: Document, current: CurrentConfiguration, report: Report): void {
  document.users.forEach((user, index) => {
    if (isTimeZone(user.timeZone)) return;
    report(['users', index, 'timeZone'], { value: user.timeZone, ...noTimeZone });
  });
  const named = new Set(document.agents.map((agent) => keyOf(agent.username)));
  const holders = new Map<string, string>();
  for (const [key, agent] of current.agents) {
    // An agent whom the document names gets the extension that it says there, or none.
    if (agent.extension !== null && !named.has(key)) holders.set(agent.extension, agent.username);
  }
  document.agents.forEach((agent, index) => {
    if (agent.extension === undefined) return;
    const holder = holders.get(agent.extension);
    if (holder !== undefined) {
      const message = `belongs to ${holder} already`;
      report(['agents', index, 'extension'], {
        value: agent.extension,
        message,
        remedy: 'Choose another one.',
      });
    }
    holders.set(agent.extension, agent.username);
  });
  checkDialled(document, current, report);
}

/** What is an extension and a number of the house leads to the number alone. What was so before is left as it is. */
function checkDialled(document: Document, current: CurrentConfiguration, report: Report): void {
  const numbers = new Set([
    ...current.numbers.keys(),
    ...document.numbers.map(({ number }) => canonicalNumber(number)),
  ]);
  const before = new Set(
    [...current.agents.values()]
      .map(({ extension }) => extension ?? '')
      .filter((it) => current.numbers.has(it)),
  );
  const remedy = 'Choose another one.';
  document.agents.forEach(({ extension }, index) => {
    if (extension === undefined || before.has(extension)) return;
    if (!numbers.has(extension)) return;
    const message = 'is a number of the house already';
    report(['agents', index, 'extension'], { value: extension, message, remedy });
  });
  const named = new Set(document.agents.map(({ username }) => keyOf(username)));
  const others = [...current.agents].flatMap(([key, { extension }]) =>
    named.has(key) || extension === null || before.has(extension) ? [] : [[extension, key] as const],
  );
  const holders = new Map(others);
  document.numbers.forEach(({ number }, index) => {
    const holder = holders.get(canonicalNumber(number));
    if (holder === undefined) return;
    report(['numbers', index, 'number'], { value: number, message: `is the extension of ${holder}`, remedy });
  });
}

function checkTeams(document: Document, current: CurrentConfiguration, report: Report): void {
  const people = new Set([
    ...current.users.keys(),
    ...document.users.map((user) => keyOf(user.username)),
    ...document.agents.map((agent) => keyOf(agent.username)),
  ]);
  const parents = new Map<string, string | null>(
    [...current.teams.values()].map((team) => [team.name, team.parent]),
  );
  for (const team of document.teams) parents.set(team.name, team.parent ?? null);
  document.teams.forEach((team, index) => {
    team.members.forEach((member, at) => {
      if (people.has(keyOf(member))) return;
      const remedy = 'Add it under agents or users, or remove it here.';
      report(['teams', index, 'members', at], { value: member, message: 'names nobody', remedy });
    });
    if (team.parent === undefined) return;
    if (!parents.has(team.parent)) {
      const remedy = 'Add that team, or correct the name.';
      report(['teams', index, 'parent'], { value: team.parent, message: 'names no team', remedy });
    } else if (liesWithin(team.parent, team.name, parents)) {
      const remedy = 'Choose a team that does not lie within this one.';
      report(['teams', index, 'parent'], { value: team.parent, message: 'lies within this team', remedy });
    }
  });
}

function liesWithin(team: string, ancestor: string, parents: ReadonlyMap<string, string | null>): boolean {
  const seen = new Set<string>();
  let at: string | null = team;
  while (at !== null && !seen.has(at)) {
    if (at === ancestor) return true;
    seen.add(at);
    at = parents.get(at) ?? null;
  }
  return false;
}

function checkRouting(document: Document, current: CurrentConfiguration, report: Report): void {
  const agents = new Set([
    ...current.agents.keys(),
    ...document.agents.map((agent) => keyOf(agent.username)),
  ]);
  const queues = new Set([...current.queues.keys(), ...document.queues.map((queue) => queue.name)]);
  document.queues.forEach((queue, index) =>
    queue.agents.forEach((agent, at) => {
      const username = usernameOf(agent);
      if (agents.has(keyOf(username))) return;
      const remedy = 'Add it under agents, or remove it here.';
      report(['queues', index, 'agents', at], { value: username, message: 'names no agent', remedy });
    }),
  );
  const flows = new Map([...current.flows].map(([name, { published }]) => [name, published ?? undefined]));
  for (const flow of document.flows) flows.set(flow.name, flow);
  const calendars = new Set([...current.calendars.keys(), ...document.calendars.map(({ name }) => name)]);
  const segments = new Set([...current.segments.keys(), ...document.segments.map(({ name }) => name)]);
  const boxes = new Set([
    ...current.voicemailBoxes.keys(),
    ...document.voicemailBoxes.map(({ name }) => name),
  ]);
  const published = new Set([...flows].flatMap(([name, flow]) => (flow === undefined ? [] : [name])));
  const teams = new Set([...current.teams.keys(), ...document.teams.map(({ name }) => name)]);
  const known = { agents, queues, teams, calendars, segments, boxes, flows: published };
  document.queues.forEach((queue, index) => checkQueue(queue, ['queues', index], known, report));
  document.calendars.forEach(({ hours }, index) => {
    for (const { path, ...problem } of calendarFaults(hours, Date.now())) {
      report(['calendars', index, ...path.split('.')], problem);
    }
  });
  const surroundings: FlowSurroundings = {
    isTimeZone,
    hasQueue: (name) => queues.has(name),
    flow: (name) => flows.get(name),
    hasAgent: (username) => agents.has(keyOf(username)),
    hasVoicemailBox: (name) => boxes.has(name),
    hasCalendar: (name) => calendars.has(name),
    hasSegment: (name) => segments.has(name),
  };
  document.flows.forEach((flow, index) => {
    const faults = checkFlow(flow, surroundings);
    for (const { path, ...problem } of faults) report(['flows', index, ...path.split('.')], problem);
  });
  for (const { path, ...problem } of ruleFaults(document.rules ?? [], surroundings)) {
    report(['rules', ...path.split('.')], problem);
  }
  document.numbers.forEach((entry, index) => {
    if ('flow' in entry.target) {
      const { flow } = entry.target;
      if (flows.get(flow) !== undefined) return;
      const remedy = 'Add it under flows, or correct the name.';
      report(['numbers', index, 'target', 'flow'], {
        value: flow,
        message: 'names no published flow',
        remedy,
      });
      return;
    }
    if (!('queue' in entry.target)) return;
    const { queue } = entry.target;
    if (queues.has(queue)) return;
    const remedy = 'Add it under queues, or correct the name.';
    report(['numbers', index, 'target', 'queue'], { value: queue, message: 'names no queue', remedy });
  });
  document.trunks.forEach((trunk, index) => {
    for (const { path, ...problem } of trunkFaults(trunk)) report(['trunks', index, ...path], problem);
  });
}

function checkConferences(document: Document, current: CurrentConfiguration, report: Report): void {
  const answering = new Map([...current.numbers].map(([number, { target }]) => [number, target]));
  for (const { number, target } of document.numbers) answering.set(canonicalNumber(number), target);
  document.conferences.forEach((conference, index) => {
    for (const { path, ...problem } of conferenceFaults(conference)) {
      report(['conferences', index, ...path.split('.')], problem);
    }
    for (const field of ['number', 'extension'] as const) {
      const value = conference[field];
      const target = value === null ? undefined : answering.get(canonicalNumber(value));
      if (value === null || (target !== null && target !== undefined && 'conferences' in target)) continue;
      const remedy = 'Add it under numbers with the target conferences, or correct it.';
      report(['conferences', index, field], {
        value,
        message: 'is no number at which conferences answer',
        remedy,
      });
    }
  });
}

function checkQuality(document: Document, current: CurrentConfiguration, report: Report): void {
  const teams = new Set([...current.teams.keys(), ...document.teams.map(({ name }) => name)]);
  document.alertRules.forEach((rule, index) =>
    rule.teams.forEach((team, at) => {
      if (teams.has(team)) return;
      const remedy = 'Add that team, or correct the name.';
      report(['alertRules', index, 'teams', at], { value: team, message: 'names no team', remedy });
    }),
  );
  document.scorecards.forEach(({ groups }, index) => {
    for (const { path, ...problem } of scorecardFaults(groups)) {
      report(['scorecards', index, ...path.split('.')], problem);
    }
  });
}

/** Whom and what the settings of a queue name. */
function checkQueue(
  queue: Document['queues'][number],
  path: Path,
  known: Record<
    'agents' | 'queues' | 'teams' | 'calendars' | 'segments' | 'boxes' | 'flows',
    ReadonlySet<string>
  >,
  report: Report,
): void {
  if (queue.team !== null && !known.teams.has(queue.team)) {
    const problem = { value: queue.team, message: 'names no team' };
    report([...path, 'team'], { ...problem, remedy: 'Add it under teams, or correct the name.' });
  }
  queue.requirementSteps.forEach((step, at) =>
    step.agents.forEach((username, nth) => {
      if (known.agents.has(keyOf(username))) return;
      const remedy = 'Add it under agents, or remove it here.';
      const where: Path = [...path, 'requirementSteps', at, 'agents', nth];
      report(where, { value: username, message: 'names no agent', remedy });
    }),
  );
  queue.overflow.forEach(({ target }, at) => {
    if (typeof target === 'string') return;
    if ('flow' in target && !known.flows.has(target.flow)) {
      const problem = { value: target.flow, message: 'names no published flow' };
      report([...path, 'overflow', at, 'target', 'flow'], { ...problem, remedy: 'Add it under flows.' });
    } else if ('voicemail' in target && !known.boxes.has(target.voicemail)) {
      const problem = { value: target.voicemail, message: 'names no voicemail box' };
      const remedy = 'Add it under voicemailBoxes.';
      report([...path, 'overflow', at, 'target', 'voicemail'], { ...problem, remedy });
    }
    if (!('queue' in target) || known.queues.has(target.queue)) return;
    const remedy = 'Add it under queues, or correct the name.';
    const problem = { value: target.queue, message: 'names no queue', remedy };
    report([...path, 'overflow', at, 'target', 'queue'], problem);
  });
  queue.priorityRules.forEach(({ segments }, at) =>
    segments.forEach((name, nth) => {
      if (known.segments.has(name)) return;
      const problem = { value: name, message: 'names no segment' };
      const where: Path = [...path, 'priorityRules', at, 'segments', nth];
      report(where, { ...problem, remedy: 'Add it under segments, or correct the name.' });
    }),
  );
  if (queue.surveyFlow !== null && !known.flows.has(queue.surveyFlow)) {
    const problem = { value: queue.surveyFlow, message: 'names no published flow' };
    report([...path, 'surveyFlow'], { ...problem, remedy: 'Add it under flows, or correct the name.' });
  }
  if (queue.calendar !== null && !known.calendars.has(queue.calendar)) {
    const problem = { value: queue.calendar, message: 'names no calendar' };
    report([...path, 'calendar'], { ...problem, remedy: 'Add it under calendars, or correct the name.' });
  }
  if (queue.hours !== null && !isTimeZone(queue.hours.timeZone)) {
    report([...path, 'hours', 'timeZone'], {
      value: queue.hours.timeZone,
      message: 'is not a known time zone',
      remedy: 'Use an IANA name such as Europe/Prague.',
    });
  }
}
