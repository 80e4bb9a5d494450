import type { Me, Permission, PermissionReach } from '@crosspoint/contracts';
import { api, ApiError, onSignedOut } from '#lib/api/client.ts';
import { isLanguage } from '#lib/i18n/detect.ts';
import { language } from '#lib/i18n/language.svelte.ts';
import { serverClock } from '#lib/live/present.svelte.ts';

declare global {
  /** The page itself asks who this is, before its scripts are there (`app.html`). */
  var crosspointMe: Promise<Response> | undefined;
}

/**
 * Kept while somebody is signed in on this device. The session itself is in a cookie that no script can read; without
 * this mark the server need not be asked, and a person who was never here sees no refused request.
 */
const markKey = 'crosspoint.session';

/** Of this device. Asking for it takes milliseconds, and every time that is shown needs it. */
let deviceTimeZone: string | undefined;
let me = $state.raw<Me | null>(null);
/** Whether it is known who this is. */
let asked = false;
/** The session ended by itself: the person who signs in again is told why. */
let ended = $state(false);
const whenEnded = new Set<() => void>();

function begin(answer: Me): Me {
  serverClock.observe(Date.parse(answer.serverTime), Date.now());
  me = answer;
  asked = true;
  ended = false;
  localStorage.setItem(markKey, answer.user.id);
  // A language chosen on the way in is newer than the one of the profile.
  if (isLanguage(answer.user.language) && !language.chosenHere) language.adopt(answer.user.language);
  return answer;
}

function end(byItself: boolean): void {
  me = null;
  ended = byItself;
  asked = true;
  localStorage.removeItem(markKey);
  for (const listener of whenEnded) listener();
}

onSignedOut(() => {
  if (me) end(true);
});

/** Who is signed in here, and what this person may do. */
export const session = {
  get me(): Me | null {
    return me;
  },
  /** Whether the last session ended without the person having signed out. */
  get endedByItself(): boolean {
    return ended;
  },
  get timeZone(): string {
    const chosen = me?.user.timeZone;
    if (chosen && chosen !== 'UTC') return chosen;
    deviceTimeZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
    return deviceTimeZone;
  },
  /** True when the role opens this at all, for all rows or one's own. */
  can(permission: Permission): boolean {
    return me?.permissions[permission] !== undefined;
  },
  /** Whether this person answers for some teams only: what concerns others, or everybody, is refused to them (ADR 11). */
  get bounded(): boolean {
    return me !== null && me.teams !== null;
  },
  reach(permission: Permission): PermissionReach | undefined {
    return me?.permissions[permission];
  },
  /**
   * Asks the server once who this is; null means that nobody is signed in. A session that was not begun by this page, but on the way
   * back from a provider, has left no mark.
   */
  async resume({ begunElsewhere = false } = {}): Promise<Me | null> {
    if (asked || (localStorage.getItem(markKey) === null && !begunElsewhere)) return me;
    const begun = globalThis.crosspointMe;
    globalThis.crosspointMe = undefined;
    try {
      return begin(await api.get<Me>('/auth/me', { begun }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        end(true);
        return null;
      }
      throw error;
    }
  },
  async login(username: string, password: string, code?: string): Promise<Me> {
    const answer = await api.post<Me>('/auth/login', {
      username,
      password,
      ...(code === undefined ? {} : { code }),
    });
    if (language.chosenHere && language.current !== answer.user.language) {
      return begin(await api.patch<Me>('/auth/me', { language: language.current }));
    }
    return begin(answer);
  },
  async logout(): Promise<void> {
    try {
      await api.post('/auth/logout');
    } finally {
      end(false);
    }
  },
  /** The stream was told that the session has ended. */
  expired(): void {
    if (me) end(true);
  },
  /** After the person changed the own profile. */
  replace(answer: Me): void {
    begin(answer);
  },
  /** Called when the session ended, by the person or by the server. Returns the function that stops listening. */
  onEnd(listener: () => void): () => void {
    whenEnded.add(listener);
    return () => whenEnded.delete(listener);
  },
};

/** Where a person may begin who is not an agent, the most telling page first. */
const homes = [
  ['dashboard.read', '/supervisor/dashboard'],
  ['contacts.read', '/contacts'],
  ['recordings.read', '/operations/recordings'],
  ['users.read', '/admin/users'],
  // Of all teams together: not for who answers for some.
  ['audit.read', '/admin/audit'],
] as const satisfies readonly (readonly [Permission, string])[];

/** Where a person begins: agents at the desk, everybody else at what their role opens. */
export function homeOf({ user, agent, permissions, teams }: Me): string {
  if (user.role === 'agent') return '/desk';
  const home = homes.find(
    ([permission]) =>
      permissions[permission] !== undefined && (permission !== 'audit.read' || teams === null),
  )?.[1];
  return home ?? (agent === null ? '/profile' : '/desk');
}
