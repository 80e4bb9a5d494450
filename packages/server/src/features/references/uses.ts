import {
  FlowDocument,
  type NamingThing,
  NumberTarget,
  type PromptLanguage,
  QueueSettings,
  RoutingRule,
  VoicemailBoxInput,
} from '@crosspoint/contracts';
import { type NamedThing, namesInFlow, namesInPrompt, namesInRule } from '@crosspoint/core';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** Who names something. Of flows the published version counts, of rules the draft and what is published. */
export type User = Readonly<NamingThing>;

export interface Use extends NamedThing {
  readonly user: User;
  /** Of a recording that is played in this language alone. */
  readonly language?: PromptLanguage;
  /** Kept as an id: a new name does no harm. */
  readonly byId: boolean;
}

/** Everything that names something, of the transaction's tenant. */
export async function readUses(transaction: DatabaseTransaction): Promise<Use[]> {
  const queues = await transaction
    .selectFrom('queues')
    .select(['id', 'name', 'settings'])
    .orderBy('name')
    .execute();
  const queueNames = new Map<string, string>(queues.map(({ id, name }) => [id, name]));
  return [
    ...(await usesOfNumbers(transaction, queueNames)),
    ...queues.flatMap(({ name, settings }) =>
      usesOfQueue(QueueSettings.parse({ ...(settings as object), name }), queueNames),
    ),
    ...(await usesOfFlows(transaction)),
    ...(await usesOfRules(transaction)),
    ...(await usesOfBoxes(transaction)),
  ];
}

async function usesOfNumbers(
  transaction: DatabaseTransaction,
  queueNames: ReadonlyMap<string, string>,
): Promise<Use[]> {
  const numbers = await transaction
    .selectFrom('numbers')
    .select(['number', 'target'])
    .orderBy('number')
    .execute();
  const flows = await transaction.selectFrom('flows').select(['id', 'name']).execute();
  const flowNames = new Map<string, string>(flows.map(({ id, name }) => [id, name]));
  return numbers.flatMap(({ number, target: stored }): Use[] => {
    const target = NumberTarget.parse(stored);
    const by = { user: { kind: 'number', name: number }, byId: true } as const;
    if (target.kind === 'queue') return named({ ...by, kind: 'queue' }, queueNames.get(target.queueId));
    return target.kind === 'flow' ? named({ ...by, kind: 'flow' }, flowNames.get(target.flowId)) : [];
  });
}

function named(use: Omit<Use, 'name'>, name: string | undefined): Use[] {
  return name === undefined ? [] : [{ ...use, name }];
}

function usesOfQueue(
  { name, overflow, calendar, announcements, surveyFlow, priorityRules }: QueueSettings,
  queueNames: ReadonlyMap<string, string>,
): Use[] {
  const user = { kind: 'queue', name } as const;
  const byName = { user, byId: false };
  const { greeting, music, comfort, language } = announcements;
  const recordings = [greeting, music, ...comfort].filter((recording) => recording !== null);
  return [
    ...(calendar === null ? [] : [{ ...byName, kind: 'calendar' as const, name: calendar }]),
    ...priorityRules.flatMap(({ segments }) =>
      segments.map((segment) => ({ ...byName, kind: 'segment' as const, name: segment })),
    ),
    ...(surveyFlow === null ? [] : [{ ...byName, kind: 'flow' as const, name: surveyFlow }]),
    ...recordings.map((recording) => ({ ...byName, kind: 'recording' as const, name: recording, language })),
    ...overflow.flatMap(({ target }): Use[] => {
      switch (target.kind) {
        case 'queue':
          return named({ user, kind: 'queue', byId: true }, queueNames.get(target.queueId));
        case 'flow':
          return [{ ...byName, kind: 'flow', name: target.flow }];
        case 'voicemail':
          return [{ ...byName, kind: 'voicemail-box', name: target.box }];
        default:
          return [];
      }
    }),
  ];
}

async function usesOfFlows(transaction: DatabaseTransaction): Promise<Use[]> {
  const rows = await transaction
    .selectFrom('flows as f')
    .innerJoin('flow_versions as v', (join) =>
      join.onRef('v.flow_id', '=', 'f.id').onRef('v.version', '=', 'f.version'),
    )
    .select('v.document')
    .where('f.archived_at', 'is', null)
    .orderBy('f.name')
    .execute();
  return rows.flatMap((row) => {
    const document = FlowDocument.parse(row.document);
    const user = { kind: 'flow', name: document.name } as const;
    return namesInFlow(document).map((thing) => ({ ...thing, user, byId: false }));
  });
}

async function usesOfRules(transaction: DatabaseTransaction): Promise<Use[]> {
  const draft = await transaction
    .selectFrom('routing_rules')
    .select(['id', 'rule'])
    .orderBy('position')
    .execute();
  const published = await transaction
    .selectFrom('routing_versions')
    .select('rules')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  const rules = RoutingRule.array().parse([
    ...draft.map(({ id, rule }) => ({ ...(rule as object), id })),
    ...((published?.rules as object[] | undefined) ?? []),
  ]);
  return rules.flatMap((rule) => {
    const user = { kind: 'rule', name: rule.name } as const;
    return namesInRule(rule).map((thing) => ({ ...thing, user, byId: false }));
  });
}

async function usesOfBoxes(transaction: DatabaseTransaction): Promise<Use[]> {
  const rows = await transaction
    .selectFrom('voicemail_boxes')
    .select(['name', 'settings'])
    .orderBy('name')
    .execute();
  return rows.flatMap(({ name, settings }) => {
    const { greeting, language } = VoicemailBoxInput.parse({ ...(settings as object), name });
    const by = { user: { kind: 'voicemail-box', name } as const, language, byId: false };
    return namesInPrompt(greeting).map((thing) => ({ ...thing, ...by }));
  });
}
