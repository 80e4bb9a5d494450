import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { Extension } from './agents.ts';
import { AlertRuleInput } from './alerts.ts';
import { CalendarInput } from './calendars.ts';
import { CentreSettings } from './centre.ts';
import { ConferenceInput } from './conferences.ts';
import { AgentEndpoints, RingMode } from './endpoints.ts';
import { FlowWithTests } from './flow-tests.ts';
import { Language, TimeZone } from './instants.ts';
import { DialledNumber, NumberToCall } from './numbers.ts';
import { FieldError } from './problems.ts';
import { OverflowCondition, QueueSettings } from './queues.ts';
import { Role } from './permissions.ts';
import { ReasonCodeInput } from './reason-codes.ts';
import { CustomRoleInput } from './roles.ts';
import { RoutingRuleInput, routingRulesMax } from './routing.ts';
import { ScorecardInput } from './scorecards.ts';
import { ConfiguredSignOn } from './single-sign-on.ts';
import { LanguageTag, Requirement, Skills } from './skills.ts';
import { TrunkSettings } from './trunks.ts';
import { PersonName, Username } from './users.ts';
import { VoicemailBoxInput } from './voicemails.ts';
import { SegmentInput } from './segments.ts';

const Secret = z.string().min(1).max(256);
const Name = z.string().trim().min(1).max(100);

export const ConfiguredUser = z.strictObject({
  username: Username,
  name: PersonName.optional(),
  role: Role,
  /** Of the role `custom`: its name. */
  customRole: Name.optional(),
  password: Secret.optional(),
  language: Language.default('en'),
  timeZone: TimeZone.default('UTC'),
});

export const ConfiguredAgent = z.strictObject({
  username: Username,
  name: PersonName.optional(),
  /** For the console; absent: an existing one stays. */
  password: Secret.optional(),
  /** For the agent's device; absent: an existing one stays. */
  sip: z.strictObject({ password: Secret.optional() }).optional(),
  extension: Extension.optional(),
  skills: Skills.default({}),
  languages: z.array(LanguageTag).max(20).default([]),
  capacity: z.number().int().min(1).max(10).default(1),
  /** Where the agent is called, in order; none: every registered device. */
  endpoints: AgentEndpoints.default([]),
  ringMode: RingMode.default('together'),
});

export const ConfiguredTeam = z.strictObject({
  name: Name,
  parent: Name.optional(),
  members: z.array(Username).max(10_000).default([]),
});

/** An agent of a queue: the username, or with its place in the agent's routing profile. */
export const ConfiguredQueueAgent = z.union([
  Username,
  z.strictObject({
    username: Username,
    priority: z.number().int().min(1).max(99).default(1),
    delaySeconds: z.number().int().min(0).max(3600).default(0),
    weight: z.number().int().min(1).max(100).default(1),
  }),
]);
/** Where a queue sends a contact on to, by name. */
const ConfiguredOverflowTarget = z.union([
  z.enum(['callback', 'hang-up']),
  z.strictObject({ queue: Name }),
  z.strictObject({ number: z.string().trim().min(1).max(64) }),
  z.strictObject({ outside: NumberToCall }),
  z.strictObject({ flow: Name }),
  z.strictObject({ voicemail: Name }),
]);

const { teamId: _byName, ...queueSettingsInWords } = QueueSettings.shape;
/** A queue's settings as a document says them: the team, agents and queues by their names. */
const queueSettings = {
  ...queueSettingsInWords,
  team: Name.nullable().default(null),
  requirementSteps: z
    .array(
      z
        .strictObject({
          requirement: Requirement.nullable().default(null),
          agents: z.array(Username).max(50).default([]),
          seconds: z.number().int().min(1).max(86_400),
        })
        .refine(
          (step) => step.requirement !== null || step.agents.length > 0,
          'asks for nothing; give it a requirement or agents',
        ),
    )
    .max(10)
    .default([]),
  overflow: z
    .array(z.strictObject({ condition: OverflowCondition, target: ConfiguredOverflowTarget }))
    .max(10)
    .default([]),
};
export const ConfiguredQueueSettings = z.strictObject(queueSettings);
export type ConfiguredQueueSettings = z.infer<typeof ConfiguredQueueSettings>;

export const ConfiguredQueue = z.strictObject({
  ...queueSettings,
  agents: z.array(ConfiguredQueueAgent).max(10_000).default([]),
});

export const ConfiguredNumber = z.strictObject({
  number: DialledNumber,
  target: z.union([
    z.strictObject({ queue: Name }),
    z.strictObject({ flow: Name }),
    z.strictObject({ rules: z.literal(true) }),
    /** Scheduled conferences; in which language the PIN is asked for. */
    z.strictObject({ conferences: PromptLanguage }),
    /** Menus by telephone, each in its language: messages of one's box, recordings. */
    z.strictObject({ voicemailMenu: PromptLanguage }),
    z.strictObject({ promptMenu: PromptLanguage }),
  ]),
});

export type ConfiguredNumberTarget = z.infer<typeof ConfiguredNumber>['target'];

export const ConfiguredTrunk = z.strictObject({ name: Name, ...TrunkSettings.shape });

/** A rule of alerts about agents, with the teams by their names. */
export const ConfiguredAlertRule = AlertRuleInput.omit({ teamIds: true }).extend({
  teams: z.array(Name).max(200).default([]),
});

/**
 * The configuration document: what `apply` takes and the export returns (without secrets). Each thing is known by its
 * name. What the document names is brought to exactly that state; what it does not name stays untouched.
 */
export const ConfigurationDocument = z.strictObject({
  roles: z.array(CustomRoleInput).max(500).default([]),
  users: z.array(ConfiguredUser).max(10_000).default([]),
  agents: z.array(ConfiguredAgent).max(10_000).default([]),
  teams: z.array(ConfiguredTeam).max(1000).default([]),
  calendars: z.array(CalendarInput).max(500).default([]),
  segments: z.array(SegmentInput).max(500).default([]),
  voicemailBoxes: z.array(VoicemailBoxInput).max(500).default([]),
  queues: z.array(ConfiguredQueue).max(1000).default([]),
  /** Each is published as it stands, and keeps the tests that it has here; without any it keeps its own. */
  flows: z.array(FlowWithTests).max(500).default([]),
  /** The whole list in its order, published as it stands; absent: the rules stay as they are. */
  rules: z.array(RoutingRuleInput).max(routingRulesMax).optional(),
  numbers: z.array(ConfiguredNumber).max(10_000).default([]),
  trunks: z.array(ConfiguredTrunk).max(100).default([]),
  conferences: z.array(ConferenceInput).max(1000).default([]),
  reasonCodes: z.array(ReasonCodeInput).max(500).default([]),
  scorecards: z.array(ScorecardInput).max(500).default([]),
  alertRules: z.array(ConfiguredAlertRule).max(500).default([]),
  /** Absent: the provider stays as it is. */
  singleSignOn: ConfiguredSignOn.optional(),
  /** Absent: the centre stays as it is. */
  centre: CentreSettings.optional(),
});
export type ConfigurationDocument = z.infer<typeof ConfigurationDocument>;
export type ConfigurationDocumentInput = z.input<typeof ConfigurationDocument>;

/** `POST /configuration`: YAML or JSON text, so that errors carry line and column. */
export const ConfigurationApplyInput = z.strictObject({
  document: z.string().max(5_000_000),
  dryRun: z.boolean().default(false),
});
export type ConfigurationApplyInput = z.input<typeof ConfigurationApplyInput>;

export const ConfigurationChange = z
  .object({
    action: z.enum(['create', 'update']),
    subject: z.enum([
      'role',
      'user',
      'agent',
      'team',
      'calendar',
      'segment',
      'voicemail-box',
      'queue',
      'flow',
      'rules',
      'number',
      'trunk',
      'conference',
      'reason-code',
      'scorecard',
      'alert-rule',
      'single-sign-on',
      'centre',
    ]),
    name: z.string(),
    /** Field by field; a secret shows only that it was set. */
    fields: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  })
  .meta({ id: 'ConfigurationChange' });
export type ConfigurationChange = z.infer<typeof ConfigurationChange>;

export const ConfigurationResult = z
  .object({
    dryRun: z.boolean(),
    /** Empty when the centre is already as the document says. */
    changes: z.array(ConfigurationChange),
    unchanged: z.number().int(),
    warnings: z.array(FieldError),
  })
  .meta({ id: 'ConfigurationResult' });
export type ConfigurationResult = z.infer<typeof ConfigurationResult>;
