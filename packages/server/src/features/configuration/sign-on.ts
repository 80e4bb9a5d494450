import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationChange, ConfiguredSignOn, RoleId, SignOnSettings } from '@crosspoint/contracts';
import type { StoredSignOn } from '../single-sign-on/index.ts';

/** The provider of single sign-on as a document says it, and its secret as it is stored. */
export interface CurrentSignOn {
  settings: Omit<ConfiguredSignOn, 'clientSecret'>;
  sealedSecret: string | null;
}

export interface SignOnStep extends CurrentSignOn {
  subject: 'single-sign-on';
  change: ConfigurationChange;
}

interface NamedRole {
  role: SignOnSettings['groups'][number]['role'];
  customRole?: string | undefined;
}

/** Every role that the provider gives to somebody, with its place in the settings. */
export const rolesGiven = (
  settings: Pick<ConfiguredSignOn, 'groups' | 'otherwise'>,
): { path: (string | number)[]; given: NamedRole }[] => [
  ...settings.groups.map((given, index) => ({ path: ['groups', index], given })),
  ...(settings.otherwise === null ? [] : [{ path: ['otherwise'], given: settings.otherwise }]),
];

/** With the names of own roles in place of their ids. */
export function shownSignOn(
  stored: StoredSignOn | undefined,
  roleNames: ReadonlyMap<string, string>,
): CurrentSignOn | undefined {
  if (stored === undefined) return undefined;
  const named = ({ role, customRoleId }: { role: NamedRole['role']; customRoleId: string | null }) => {
    const customRole = customRoleId === null ? undefined : roleNames.get(customRoleId);
    return customRole === undefined ? { role } : { role, customRole };
  };
  const { groups, otherwise, ...rest } = stored.settings;
  return {
    settings: {
      ...rest,
      groups: groups.map(({ group, ...given }) => ({ group, ...named(given) })),
      otherwise: otherwise && named(otherwise),
    },
    sealedSecret: stored.sealedSecret,
  };
}

/** For storing; every name has been checked before. */
export function storedSignOn(
  { settings: { groups, otherwise, ...rest }, sealedSecret }: CurrentSignOn,
  roleIds: ReadonlyMap<string, string>,
): StoredSignOn {
  const withId = ({ role, customRole }: NamedRole) => ({
    role,
    customRoleId: (roleIds.get(customRole ?? '') ?? null) as RoleId | null,
  });
  const settings = {
    ...rest,
    groups: groups.map(({ group, ...given }) => ({ group, ...withId(given) })),
    otherwise: otherwise && withId(otherwise),
  };
  return { settings, sealedSecret };
}

/** An absent secret stays what it was for the same client of the same provider. */
export function planSignOn(
  wanted: ConfiguredSignOn | undefined,
  current: CurrentSignOn | undefined,
  secrets: { seal(secret: string): string; open(sealed: string): string | undefined },
): SignOnStep[] {
  if (wanted === undefined) return [];
  const { clientSecret, ...settings } = wanted;
  const before = current?.settings;
  const isSame = before?.issuer === settings.issuer && before.clientId === settings.clientId;
  const kept = isSame ? (current?.sealedSecret ?? null) : null;
  const isNew = clientSecret !== undefined && (kept === null || secrets.open(kept) !== clientSecret);
  const fields = Object.entries(settings)
    .map(([path, after]) => ({ path, before: before?.[path as keyof typeof settings] ?? null, after }))
    .filter((field) => !isDeepStrictEqual(field.before, field.after));
  // The secret itself is shown to nobody.
  if (isNew) fields.push({ path: 'clientSecret', before: null, after: '(set)' });
  const action = before === undefined ? 'create' : 'update';
  const change = { action, subject: 'single-sign-on', name: settings.name, fields } as const;
  return [
    { subject: 'single-sign-on', change, settings, sealedSecret: isNew ? secrets.seal(clientSecret) : kept },
  ];
}
