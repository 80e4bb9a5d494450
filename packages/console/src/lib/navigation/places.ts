import type { Permission } from '@crosspoint/contracts';
import Activity from '@lucide/svelte/icons/activity';
import AudioLines from '@lucide/svelte/icons/audio-lines';
import BellRing from '@lucide/svelte/icons/bell-ring';
import Cable from '@lucide/svelte/icons/cable';
import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import ClipboardList from '@lucide/svelte/icons/clipboard-list';
import Coffee from '@lucide/svelte/icons/coffee';
import Contact from '@lucide/svelte/icons/contact-round';
import Gauge from '@lucide/svelte/icons/gauge';
import Hash from '@lucide/svelte/icons/hash';
import Headset from '@lucide/svelte/icons/headset';
import History from '@lucide/svelte/icons/history';
import KeyRound from '@lucide/svelte/icons/key-round';
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import LogIn from '@lucide/svelte/icons/log-in';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MessageSquareText from '@lucide/svelte/icons/message-square-text';
import Monitor from '@lucide/svelte/icons/monitor';
import PhoneCall from '@lucide/svelte/icons/phone-call';
import PhoneOutgoing from '@lucide/svelte/icons/phone-outgoing';
import Presentation from '@lucide/svelte/icons/presentation';
import Route from '@lucide/svelte/icons/route';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Send from '@lucide/svelte/icons/send';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Speech from '@lucide/svelte/icons/speech';
import UserCog from '@lucide/svelte/icons/user-cog';
import UserLock from '@lucide/svelte/icons/user-lock';
import Users from '@lucide/svelte/icons/users';
import UsersRound from '@lucide/svelte/icons/users-round';
import Voicemail from '@lucide/svelte/icons/voicemail';
import Workflow from '@lucide/svelte/icons/workflow';
import type { Component } from 'svelte';
import { m } from '#lib/paraglide/messages.js';

/** A page of the console: where it is, what it is called, and which permission opens it. */
export interface Place {
  path: string;
  name: () => string;
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>;
  permission: Permission;
  /** Not enough to reach only one's own. */
  everything?: boolean;
  /** Of all teams together: not for who answers for some. */
  whole?: boolean;
  /** Only for people who take calls. */
  agentsOnly?: boolean;
}

export interface PlaceGroup {
  name: (() => string) | null;
  places: Place[];
}

export const placeGroups: readonly PlaceGroup[] = [
  {
    name: null,
    places: [
      { path: '/desk', name: m.nav_desk, icon: Headset, permission: 'agents.status', agentsOnly: true },
      {
        path: '/shifts',
        name: m.shifts_own,
        icon: CalendarClock,
        permission: 'schedules.read',
        agentsOnly: true,
      },
    ],
  },
  {
    name: m.nav_group_supervise,
    places: [
      {
        path: '/supervisor/dashboard',
        name: m.nav_board,
        icon: LayoutDashboard,
        permission: 'dashboard.read',
      },
      {
        path: '/supervisor/queues',
        name: m.nav_live_queues,
        icon: ListOrdered,
        permission: 'dashboard.read',
      },
      {
        path: '/supervisor/active-calls',
        name: m.nav_active_calls,
        icon: PhoneCall,
        permission: 'calls.read',
        everything: true,
      },
      { path: '/supervisor/agents', name: m.nav_live_agents, icon: Users, permission: 'dashboard.read' },
      {
        path: '/supervisor/adherence',
        name: m.nav_adherence,
        icon: CalendarCheck,
        permission: 'schedules.read',
        everything: true,
      },
      { path: '/supervisor/alerts', name: m.nav_alerts, icon: BellRing, permission: 'alerts.read' },
      { path: '/wallboard', name: m.nav_wallboard, icon: Monitor, permission: 'dashboard.read' },
    ],
  },
  {
    name: m.nav_group_operate,
    places: [
      { path: '/operations/queues', name: m.nav_queues, icon: SlidersHorizontal, permission: 'queues.write' },
      { path: '/operations/ivr', name: m.nav_flows, icon: Workflow, permission: 'flows.read' },
      { path: '/operations/prompts', name: m.nav_prompts, icon: Megaphone, permission: 'flows.read' },
      { path: '/operations/routing', name: m.nav_routing, icon: Route, permission: 'routing.read' },
      { path: '/operations/replay', name: m.nav_replay, icon: History, permission: 'routing.read' },
      {
        path: '/operations/callbacks',
        name: m.nav_callbacks,
        icon: PhoneOutgoing,
        permission: 'callbacks.read',
      },
      {
        path: '/operations/voicemails',
        name: m.nav_voicemails,
        icon: Voicemail,
        permission: 'voicemails.read',
      },
      {
        path: '/operations/conferences',
        name: m.nav_conferences,
        icon: Presentation,
        permission: 'conferences.read',
      },
      {
        path: '/operations/calendars',
        name: m.nav_calendars,
        icon: CalendarClock,
        permission: 'calendars.read',
      },
      {
        path: '/operations/segments',
        name: m.nav_segments,
        icon: UsersRound,
        permission: 'segments.read',
      },
      {
        path: '/operations/recordings',
        name: m.nav_recordings,
        icon: AudioLines,
        permission: 'recordings.read',
      },
      {
        path: '/operations/scorecards',
        name: m.nav_scorecards,
        icon: ClipboardList,
        permission: 'scorecards.read',
      },
    ],
  },
  {
    name: m.nav_group_understand,
    places: [
      { path: '/contacts', name: m.nav_contacts, icon: Contact, permission: 'contacts.read' },
      { path: '/performance', name: m.nav_performance, icon: Gauge, permission: 'performance.read' },
      { path: '/coaching', name: m.nav_coaching, icon: MessageSquareText, permission: 'coaching.read' },
      { path: '/evaluations', name: m.nav_evaluations, icon: ClipboardCheck, permission: 'evaluations.read' },
    ],
  },
  {
    name: m.nav_group_administer,
    places: [
      { path: '/admin/users', name: m.nav_users, icon: UserCog, permission: 'users.read' },
      { path: '/admin/roles', name: m.nav_roles, icon: UserLock, permission: 'roles.read' },
      { path: '/admin/sign-on', name: m.nav_sign_on, icon: LogIn, permission: 'configuration.read' },
      { path: '/admin/teams', name: m.nav_teams, icon: UsersRound, permission: 'teams.write' },
      { path: '/admin/shifts', name: m.nav_shifts, icon: CalendarDays, permission: 'schedules.write' },
      { path: '/admin/reasons', name: m.nav_reasons, icon: Coffee, permission: 'reason-codes.write' },
      { path: '/admin/numbers', name: m.nav_numbers, icon: Hash, permission: 'numbers.read' },
      { path: '/admin/trunks', name: m.nav_trunks, icon: Cable, permission: 'trunks.read' },
      { path: '/admin/keys', name: m.nav_keys, icon: KeyRound, permission: 'api-keys.manage' },
      {
        path: '/admin/notifications',
        name: m.nav_notifications,
        icon: Send,
        permission: 'notifications.read',
      },
      { path: '/admin/security', name: m.nav_security, icon: ShieldCheck, permission: 'security.read' },
      { path: '/admin/audit', name: m.nav_audit, icon: ScrollText, permission: 'audit.read', whole: true },
      { path: '/admin/speech', name: m.nav_speech, icon: Speech, permission: 'configuration.read' },
      { path: '/admin/system', name: m.nav_system, icon: Activity, permission: 'system.read' },
    ],
  },
];
