import { isDeepStrictEqual } from 'node:util';
import {
  type ConfigurationChange,
  type ConfigurationDocument,
  type ConfiguredNumberTarget,
  ConfiguredQueueSettings,
  type FlowDocument,
  type KeptFlowTest,
  type ReasonCode,
} from '@crosspoint/contracts';
import { sipCredentials } from '../agents/index.ts';
import { canonicalNumber } from '@crosspoint/core';
import { usernameOf } from './duplicates.ts';
import {
  type CurrentAgent,
  type CurrentConfiguration,
  type CurrentQueueAgent,
  type CurrentUser,
  keyOf,
} from './current.ts';
import { NAMED_KINDS, type NamedList, type NamedSubject } from './named-kinds.ts';
import { type CentreStep, planCentre } from './centre.ts';
import { planRules, type RulesStep } from './rules.ts';
import { planSignOn, type SignOnStep } from './sign-on.ts';
import { changedSecrets, sealTrunk, shownTrunk, type StoredTrunkSettings } from '../trunks/index.ts';

/** What a step brings a thing to; `null` for a password stands for "stays as it is". */
export type Step =
  | { subject: 'user'; change: ConfigurationChange; user: WantedUser }
  | { subject: 'agent'; change: ConfigurationChange; user: WantedUser; agent: WantedAgent }
  | { subject: 'team'; change: ConfigurationChange; name: string; parent: string | null; members: string[] }
  | {
      subject: 'queue';
      change: ConfigurationChange;
      settings: ConfiguredQueueSettings;
      agents: CurrentQueueAgent[];
    }
  | {
      subject: 'number';
      change: ConfigurationChange;
      number: string;
      target: ConfiguredNumberTarget;
    }
  | {
      subject: 'flow';
      change: ConfigurationChange;
      document: FlowDocument;
      /** Absent: those that are kept with the flow stay as they are. */
      tests: KeptFlowTest[] | undefined;
      /** Unless nothing but the tests is another: callers would meet a version that is no other. */
      isPublished: boolean;
    }
  | RulesStep
  | SignOnStep
  | CentreStep
  | { subject: NamedSubject; change: ConfigurationChange; name: string; settings: object }
  | { subject: 'reason-code'; change: ConfigurationChange; reason: ReasonCode }
  | { subject: 'trunk'; change: ConfigurationChange; name: string; settings: StoredTrunkSettings };

export interface WantedUser {
  username: string;
  name: string;
  role: CurrentUser['role'];
  customRole: string | null;
  language: CurrentUser['language'];
  timeZone: string;
  password: string | null;
}
export interface WantedAgent {
  extension: string | null;
  skills: Record<string, number>;
  languages: string[];
  capacity: number;
  endpoints: CurrentAgent['endpoints'];
  ringMode: CurrentAgent['ringMode'];
  sipPassword: string | null;
}

/** What the plan has to ask about secrets, which only their hashes or sealed forms are stored of. */
export interface SecretKnowledge {
  /** Whether this is the user's password already; found out beforehand, because it takes time. */
  isPassword(username: string, password: string): boolean;
  seal(secret: string): string;
  open(sealed: string): string | undefined;
}

/** The steps that bring what is to what the document says; none where they agree already. */
export function planChanges(
  document: ConfigurationDocument,
  current: CurrentConfiguration,
  secrets: SecretKnowledge,
): { steps: Step[]; unchanged: number } {
  const candidates: Step[] = [
    ...planNamed('roles', document, current),
    ...planUsers(document, current, secrets),
    ...planAgents(document, current, secrets),
    ...planTeams(document, current),
    ...planNamed('calendars', document, current),
    ...planNamed('segments', document, current),
    ...planNamed('voicemailBoxes', document, current),
    ...planQueues(document, current),
    ...planFlows(document, current),
    ...planRules(document.rules, current.rules),
    ...planNumbers(document, current),
    ...planTrunks(document, current, secrets),
    ...planNamed('conferences', document, current),
    ...planReasonCodes(document, current),
    ...planNamed('scorecards', document, current),
    ...planNamed('alertRules', document, current),
    ...planSignOn(document.singleSignOn, current.signOn, secrets),
    ...planCentre(document.centre, current.centre),
  ];
  const steps = candidates.filter((step) => step.change.fields.length > 0 || step.change.action === 'create');
  return { steps, unchanged: candidates.length - steps.length };
}

type Fields = Record<string, unknown>;

const SECRET_SET = '(set)';

/** Compares field by field; `before` is undefined for something new. */
function changeOf(
  subject: ConfigurationChange['subject'],
  name: string,
  before: Fields | undefined,
  after: Fields,
): ConfigurationChange {
  const fields = Object.entries(after)
    .filter(([path, value]) => value !== undefined && !isDeepStrictEqual(before?.[path], value))
    .filter(([, value]) => before !== undefined || (value !== null && value !== ''))
    .map(([path, value]) => ({ path, before: before?.[path] ?? null, after: value }));
  return { action: before === undefined ? 'create' : 'update', subject, name, fields };
}

function wantedUser(
  entry: { username: string; name?: string | undefined; password?: string | undefined },
  rest: Pick<WantedUser, 'role' | 'customRole' | 'language' | 'timeZone'>,
  known: CurrentUser | undefined,
  secrets: SecretKnowledge,
): WantedUser {
  const { password } = entry;
  return {
    username: known?.username ?? entry.username,
    name: entry.name ?? known?.name ?? entry.username,
    ...rest,
    password: password === undefined || secrets.isPassword(entry.username, password) ? null : password,
  };
}

/** A secret appears as a change only when it is one. */
const secretField = (name: string, secret: string | null): Fields =>
  secret === null ? {} : { [name]: SECRET_SET };

function planUsers(
  document: ConfigurationDocument,
  current: CurrentConfiguration,
  secrets: SecretKnowledge,
): Step[] {
  return document.users.map((entry) => {
    const known = current.users.get(keyOf(entry.username));
    const { role, customRole = null, language, timeZone } = entry;
    const user = wantedUser(entry, { role, customRole, language, timeZone }, known, secrets);
    const { name } = user;
    const after = { name, role, customRole, language, timeZone, ...secretField('password', user.password) };
    return { subject: 'user', change: changeOf('user', user.username, known && { ...known }, after), user };
  });
}

function planAgents(
  document: ConfigurationDocument,
  current: CurrentConfiguration,
  secrets: SecretKnowledge,
): Step[] {
  const asUsers = new Map(document.users.map((entry) => [keyOf(entry.username), entry]));
  return document.agents.map((entry) => {
    const key = keyOf(entry.username);
    const known = current.users.get(key);
    const listed = asUsers.get(key);
    const rest = {
      role: listed?.role ?? known?.role ?? 'agent',
      customRole: listed === undefined ? (known?.customRole ?? null) : (listed.customRole ?? null),
      language: listed?.language ?? known?.language ?? 'en',
      timeZone: listed?.timeZone ?? known?.timeZone ?? 'UTC',
    } as const;
    // Who is listed as a user too has name and password from there, unless only the agent's entry says them.
    const name = listed?.name ?? entry.name;
    const password = listed?.password === undefined ? entry.password : undefined;
    const user = wantedUser({ username: entry.username, name, password }, rest, known, secrets);
    const before = current.agents.get(key);
    const agent = wantedAgent(entry, user.username, before);
    const after: Fields = {
      ...(listed === undefined ? { name: user.name } : {}),
      ...secretField('password', user.password),
      extension: agent.extension,
      skills: agent.skills,
      languages: agent.languages,
      capacity: agent.capacity,
      endpoints: agent.endpoints,
      ringMode: agent.ringMode,
      ...secretField('sip.password', agent.sipPassword),
    };
    const change = changeOf('agent', user.username, before && { ...before, name: known?.name }, after);
    return { subject: 'agent', change, user, agent };
  });
}

function wantedAgent(
  entry: ConfigurationDocument['agents'][number],
  username: string,
  before: CurrentAgent | undefined,
): WantedAgent {
  const secret = entry.sip?.password;
  return {
    extension: entry.extension ?? null,
    skills: entry.skills,
    languages: entry.languages,
    capacity: entry.capacity,
    endpoints: entry.endpoints,
    ringMode: entry.ringMode,
    sipPassword: secret === undefined || isSipPassword(secret, username, before) ? null : secret,
  };
}

function isSipPassword(secret: string, username: string, before: CurrentAgent | undefined): boolean {
  if (before === undefined || before.sip.username !== username) return false;
  const { ha1Md5, ha1Sha256 } = sipCredentials(username, secret);
  return before.sip.ha1Md5 === ha1Md5 && before.sip.ha1Sha256 === ha1Sha256;
}

function planTeams(document: ConfigurationDocument, current: CurrentConfiguration): Step[] {
  const usernames = writtenNames(document, current);
  return document.teams.map((entry) => {
    const members = entry.members.map((member) => usernames.get(keyOf(member)) ?? member).toSorted();
    const parent = entry.parent ?? null;
    const change = changeOf('team', entry.name, asFields(current.teams.get(entry.name)), { parent, members });
    return { subject: 'team', change, name: entry.name, parent, members };
  });
}

/** Usernames as they are written where they are defined, by their key. */
function writtenNames(document: ConfigurationDocument, current: CurrentConfiguration): Map<string, string> {
  const defined = [...document.agents, ...document.users, ...current.users.values()];
  return new Map(defined.map(({ username }) => [keyOf(username), username]));
}

const asFields = (thing: object | undefined): Fields | undefined =>
  thing === undefined ? undefined : { ...thing };

function planQueues(document: ConfigurationDocument, current: CurrentConfiguration): Step[] {
  const usernames = writtenNames(document, current);
  return document.queues.map(({ agents: listed, ...rest }) => {
    const settings = ConfiguredQueueSettings.parse(rest);
    const agents = listed
      .map((agent) => ({
        username: usernames.get(keyOf(usernameOf(agent))) ?? usernameOf(agent),
        priority: typeof agent === 'string' ? 1 : agent.priority,
        delaySeconds: typeof agent === 'string' ? 0 : agent.delaySeconds,
        weight: typeof agent === 'string' ? 1 : agent.weight,
      }))
      .toSorted((a, b) => (a.username < b.username ? -1 : 1));
    const known = current.queues.get(settings.name);
    const before = known === undefined ? undefined : { ...known.settings, agents: known.agents };
    const { name, ...shown } = settings;
    const change = changeOf('queue', name, before, { ...shown, agents });
    return { subject: 'queue', change, settings, agents };
  });
}

function planNumbers(document: ConfigurationDocument, current: CurrentConfiguration): Step[] {
  return document.numbers.map((entry) => {
    const number = canonicalNumber(entry.number);
    const { target } = entry;
    const known = current.numbers.get(number);
    const before = known === undefined ? undefined : targetFields(known.target);
    const change = changeOf('number', number, before, targetFields(target));
    return { subject: 'number', change, number, target };
  });
}

function targetFields(target: ConfiguredNumberTarget | null): Fields {
  if (target === null) return {};
  if ('rules' in target) return { 'target.rules': true };
  if ('conferences' in target) return { 'target.conferences': target.conferences };
  if ('voicemailMenu' in target) return { 'target.voicemailMenu': target.voicemailMenu };
  if ('promptMenu' in target) return { 'target.promptMenu': target.promptMenu };
  return 'queue' in target ? { 'target.queue': target.queue } : { 'target.flow': target.flow };
}

function planFlows(document: ConfigurationDocument, current: CurrentConfiguration): Step[] {
  return document.flows.map(({ tests, ...flow }) => {
    const { name, ...after } = flow;
    const known = current.flows.get(name);
    const before = known && { ...known.published, tests: known.tests };
    const change = changeOf('flow', name, before, { ...after, tests });
    const isPublished = change.fields.some(({ path }) => path !== 'tests');
    return { subject: 'flow', change, document: flow, tests, isPublished };
  });
}

function planNamed(list: NamedList, document: ConfigurationDocument, current: CurrentConfiguration): Step[] {
  const { subject } = NAMED_KINDS[list];
  return document[list].map(({ name, ...wanted }): Step => {
    const settings = 'teams' in wanted ? { ...wanted, teams: wanted.teams.toSorted() } : wanted;
    const before = asFields(current[list].get(name)?.settings as object | undefined);
    return { subject, change: changeOf(subject, name, before, { ...settings }), name, settings };
  });
}

function planReasonCodes(document: ConfigurationDocument, current: CurrentConfiguration): Step[] {
  return document.reasonCodes.map((reason) => {
    const { code, ...after } = reason;
    const change = changeOf('reason-code', code, asFields(current.reasonCodes.get(code)), after);
    return { subject: 'reason-code', change, reason };
  });
}

function planTrunks(
  document: ConfigurationDocument,
  current: CurrentConfiguration,
  secrets: SecretKnowledge,
): Step[] {
  return document.trunks.map(({ name, ...wanted }) => {
    const known = current.trunks.get(name)?.settings;
    const settings = sealTrunk(wanted, known, secrets);
    const set = changedSecrets(settings, known).map((path) => [path, SECRET_SET]);
    const shown = { ...shownTrunk(settings), ...Object.fromEntries(set) };
    const change = changeOf('trunk', name, known && shownTrunk(known), shown);
    return { subject: 'trunk', change, name, settings };
  });
}
