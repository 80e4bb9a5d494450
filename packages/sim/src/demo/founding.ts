import type { ConfigurationDocumentInput } from '@crosspoint/contracts';
import { agents, type QueueKey, queues, supervisor, teams } from './company.ts';
import { type Furnished, furnitureFor, reception, routingRules, rulesNumber } from './furnishing.ts';
import { conferenceNumber, meetings } from './plans.ts';

/** What is there already, as the export of the configuration names it. */
export type Existing = {
  users: readonly { username: string }[];
  agents: readonly { username: string; extension?: string | undefined }[];
  teams: readonly { name: string }[];
  queues: readonly { name: string }[];
  numbers: readonly { number: string }[];
  /** The published list; absent where none was ever published. */
  rules?: readonly unknown[] | undefined;
  conferences?: readonly { name: string }[] | undefined;
} & Furnished;

/**
 * The document that founds the company beside what is there: it names nothing that exists, so that applying it can
 * only add. Undefined when the company has been founded before; then whatever a person has changed, renamed or
 * deleted since stays as it is.
 *
 * @param sipPassword the password of an agent's phone
 * @param nowMs the day from which on its meetings take place
 */
export function foundingDocument(
  existing: Existing,
  sipPassword: (username: string) => string,
  nowMs: number,
): ConfigurationDocumentInput | undefined {
  const numbersTaken = new Set(existing.numbers.map(({ number }) => number));
  if (queues.some(({ number }) => numbersTaken.has(number))) return undefined;

  const peopleTaken = lowerCase([...existing.users, ...existing.agents].map(({ username }) => username));
  const extensionsTaken = new Set(existing.agents.map(({ extension }) => extension));
  const newAgents = agents.filter(({ username }) => !peopleTaken.has(username));
  const hired = new Set(newAgents.map(({ username }) => username));
  const teamsTaken = lowerCase(existing.teams.map(({ name }) => name));
  const queueNames = namesFor(
    queues.map(({ name }) => name),
    lowerCase(existing.queues.map(({ name }) => name)),
  );
  const nameOf = Object.fromEntries(
    queues.map(({ key }, index) => [key, queueNames[index] ?? key]),
  ) as Record<QueueKey, string>;
  const furniture = furnitureFor(existing, nameOf);
  // Rules are one list: beside those of somebody else ours would change what becomes of their calls.
  const rules = (existing.rules ?? []).length === 0 ? routingRules(nameOf) : undefined;
  const meetingsTaken = lowerCase((existing.conferences ?? []).map(({ name }) => name));
  const people = new Set([...hired, ...(peopleTaken.has(supervisor.username) ? [] : [supervisor.username])]);

  return {
    users: peopleTaken.has(supervisor.username) ? [] : [supervisor],
    agents: newAgents.map(({ username, name, extension, languages, skills }) => ({
      username,
      name,
      languages,
      skills,
      sip: { password: sipPassword(username) },
      ...(extensionsTaken.has(extension) ? {} : { extension }),
    })),
    teams: teams
      .filter(({ name }) => !teamsTaken.has(name.toLowerCase()))
      .map((team) => ({ ...team, members: team.members.filter((member) => people.has(member)) })),
    queues: queues.map(({ key, settings }) => ({
      ...settings,
      name: nameOf[key],
      agents: newAgents.flatMap(({ username, serves }) =>
        serves
          .filter(({ queue }) => queue === key)
          .map(({ priority, delaySeconds }) => ({ username, priority, delaySeconds })),
      ),
    })),
    numbers: [
      ...queues.map(({ key, number }) => ({ number, target: { queue: nameOf[key] } })),
      ...furniture.flows
        .filter(() => !numbersTaken.has(reception.number))
        .map(({ name }) => ({ number: reception.number, target: { flow: name } })),
      ...(rules === undefined || numbersTaken.has(rulesNumber)
        ? []
        : [{ number: rulesNumber, target: { rules: true } as const }]),
      ...(numbersTaken.has(conferenceNumber)
        ? []
        : [{ number: conferenceNumber, target: { conferences: 'en' } as const }]),
    ],
    ...(rules === undefined ? {} : { rules }),
    conferences: meetings(people, newAgents, nowMs).filter(
      ({ name }) => !meetingsTaken.has(name.toLowerCase()),
    ),
    ...furniture,
    // Who was hired before has boxes of the own choice.
    voicemailBoxes: furniture.voicemailBoxes.map((each) => ({
      ...each,
      agents: (each.agents ?? []).filter((username) => hired.has(username)),
    })),
  };
}

/** Names in their order, each with the first of the suffixes that makes it new. */
function namesFor(wanted: readonly string[], taken: ReadonlySet<string>): string[] {
  return wanted.map((name) => {
    for (let attempt = 0; ; attempt += 1) {
      const candidate = attempt === 0 ? name : `${name} (demo${attempt === 1 ? '' : ` ${attempt}`})`;
      if (!taken.has(candidate.toLowerCase())) return candidate;
    }
  });
}

function lowerCase(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}
