import type { ConfigurationDocument } from '@crosspoint/contracts';
import type { CurrentConfiguration, CurrentQueueAgent } from './current.ts';
import { exportNamed } from './named-kinds.ts';
import { shownRules } from './rules.ts';
import { yaml } from '../../platform/index.ts';
import { trunkWithoutSecrets } from '../trunks/index.ts';

const byName = <T>(entries: Iterable<[string, T]>): [string, T][] =>
  [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The document that describes the configuration as it is. Secrets are left out; applied again it changes nothing. */
export function exportDocument(current: CurrentConfiguration): ConfigurationDocument {
  const rules = shownRules(current.rules);
  const signOn = current.signOn?.settings;
  return {
    ...exportNamed(current),
    // Who takes calls and is nothing else stands under agents alone.
    users: byName(current.users)
      .filter(([key, user]) => user.role !== 'agent' || !current.agents.has(key))
      .map(([, { username, name, role, customRole, language, timeZone }]) => ({
        username,
        name,
        role,
        ...(customRole === null ? {} : { customRole }),
        language,
        timeZone,
      })),
    agents: byName(current.agents).map(([key, agent]) => ({
      username: agent.username,
      name: current.users.get(key)?.name ?? agent.username,
      ...(agent.extension === null ? {} : { extension: agent.extension }),
      skills: agent.skills,
      languages: agent.languages,
      capacity: agent.capacity,
      endpoints: agent.endpoints,
      ringMode: agent.ringMode,
    })),
    teams: byName(current.teams).map(([name, { parent, members }]) => ({
      name,
      ...(parent === null ? {} : { parent }),
      members,
    })),
    reasonCodes: byName(current.reasonCodes).map(([, reason]) => reason),
    queues: byName(current.queues).map(([, { settings, agents }]) => ({
      ...settings,
      agents: agents.map(exportQueueAgent),
    })),
    flows: byName(current.flows).flatMap(([, { published, tests }]) =>
      published === null ? [] : { ...published, ...(tests.length === 0 ? {} : { tests }) },
    ),
    ...(rules === undefined ? {} : { rules }),
    numbers: byName(current.numbers).flatMap(([number, { target }]) =>
      target === null ? [] : [{ number, target }],
    ),
    trunks: byName(current.trunks).map(([name, { settings }]) => ({
      name,
      ...trunkWithoutSecrets(settings),
    })),
    ...(signOn === undefined ? {} : { singleSignOn: signOn }),
    centre: current.centre,
  };
}

function exportQueueAgent(
  agent: CurrentQueueAgent,
): ConfigurationDocument['queues'][number]['agents'][number] {
  const { username, priority, delaySeconds, weight } = agent;
  return priority === 1 && delaySeconds === 0 && weight === 1 ? username : { ...agent };
}

/** As YAML, with the strings that look like numbers in quotes. */
export function toYaml(document: ConfigurationDocument): string {
  return yaml().stringify(document, { lineWidth: 110, defaultStringType: 'PLAIN' });
}
