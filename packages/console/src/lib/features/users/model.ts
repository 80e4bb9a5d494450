import type { Agent, AgentEndpoint, AgentUpdate, RingMode, User, UserUpdate } from '@crosspoint/contracts';
import type { Versioned } from '#lib/api/client.ts';

/** The account of a person as it is edited. An empty password leaves the one that is set. */
export type AccountModel = Required<Omit<UserUpdate, 'password'>> & { password: string };

export const newAccount = (language: AccountModel['language'], timeZone: string): AccountModel => ({
  username: '',
  name: '',
  role: 'agent',
  customRoleId: null,
  language,
  timeZone,
  disabled: false,
  password: '',
});

export function accountModel({ data, etag }: Versioned<User>): Versioned<AccountModel> {
  const { username, name, role, customRole, language, timeZone, disabled } = data;
  const customRoleId = customRole?.id ?? null;
  return { data: { username, name, role, customRoleId, language, timeZone, disabled, password: '' }, etag };
}

/** What is sent: without the password when none was typed. */
export function accountInput({ password, ...account }: AccountModel): UserUpdate {
  return password === '' ? account : { ...account, password };
}

/** What makes a person an agent, as it is edited. */
export interface ProfileModel extends Record<string, unknown> {
  extension: string;
  skills: { name: string; level: number }[];
  languages: string[];
  capacity: number;
  queues: { queueId: string; priority: number; delaySeconds: number; weight: number }[];
  teamIds: string[];
  endpoints: AgentEndpoint[];
  ringMode: RingMode;
  sipPassword: string;
}

/** @param teamIds where the person already is. */
export const newProfile = (teamIds: string[] = []): ProfileModel => ({
  extension: '',
  skills: [],
  languages: [],
  capacity: 1,
  queues: [],
  teamIds,
  endpoints: [],
  ringMode: 'together',
  sipPassword: '',
});

export function profileModel({ data, etag }: Versioned<Agent>): Versioned<ProfileModel> {
  const { extension, skills, languages, capacity, queues, teams, endpoints, ringMode } = data;
  return {
    data: {
      extension: extension ?? '',
      skills: Object.entries(skills).map(([name, level]) => ({ name, level })),
      languages: [...languages],
      capacity,
      queues: queues.map(({ queueId, priority, delaySeconds, weight }) => ({
        ...{ queueId, priority, delaySeconds, weight },
      })),
      teamIds: teams.map((team) => team.id),
      endpoints: endpoints.map((endpoint) => ({ ...endpoint })),
      ringMode,
      sipPassword: '',
    },
    etag,
  };
}

/** What is sent: skills as a map, an empty extension as none, no password when none was typed. */
export function profileInput(model: ProfileModel): AgentUpdate {
  const { extension, skills, sipPassword, ...rest } = model;
  return {
    ...(rest as Pick<
      AgentUpdate,
      'languages' | 'capacity' | 'queues' | 'teamIds' | 'endpoints' | 'ringMode'
    >),
    extension: extension.trim() === '' ? null : extension.trim(),
    skills: Object.fromEntries(skills.map(({ name, level }) => [name.trim(), level])),
    ...(sipPassword === '' ? {} : { sipPassword }),
  };
}
