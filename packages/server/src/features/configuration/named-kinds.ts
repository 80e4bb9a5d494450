import {
  CalendarInput,
  ConferenceInput,
  type ConfigurationDocument,
  ConfiguredAlertRule,
  CustomRoleInput,
  ScorecardInput,
  SegmentInput,
  VoicemailBoxInput,
} from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';

/** Things that are a name and settings: what the document calls their list, and where they are stored. */
export const NAMED_KINDS = {
  roles: { subject: 'role', table: 'roles', schema: CustomRoleInput },
  calendars: { subject: 'calendar', table: 'calendars', schema: CalendarInput },
  segments: { subject: 'segment', table: 'segments', schema: SegmentInput },
  voicemailBoxes: { subject: 'voicemail-box', table: 'voicemail_boxes', schema: VoicemailBoxInput },
  conferences: { subject: 'conference', table: 'conferences', schema: ConferenceInput },
  scorecards: { subject: 'scorecard', table: 'scorecards', schema: ScorecardInput },
  alertRules: { subject: 'alert-rule', table: 'alert_rules', schema: ConfiguredAlertRule },
} as const;

export type NamedList = keyof typeof NAMED_KINDS;
export type NamedSubject = (typeof NAMED_KINDS)[NamedList]['subject'];

export const NAMED_LISTS = Object.keys(NAMED_KINDS) as NamedList[];

/** By name, with the settings in the words of a document. */
export type CurrentNamed = Record<NamedList, Map<string, NamedRow>>;

/** @param teams their names by id, which the rules of alerts name. */
export async function readNamed(
  transaction: DatabaseTransaction,
  teams: ReadonlyMap<string, string>,
): Promise<CurrentNamed> {
  const lists: [string, Map<string, NamedRow>][] = [];
  for (const list of NAMED_LISTS) {
    const rows = await allNamed(transaction, NAMED_KINDS[list].table);
    const shown = list === 'alertRules' ? rows.map((row) => withTeamNames(row, teams)) : rows;
    lists.push([list, new Map(shown.map((row) => [row.name, row]))]);
  }
  // Every list has been read.
  return Object.fromEntries(lists) as CurrentNamed;
}

function withTeamNames(row: NamedRow, names: ReadonlyMap<string, string>): NamedRow {
  const { teamIds = [], ...settings } = row.settings as { teamIds?: string[] };
  return {
    ...row,
    settings: { ...settings, teams: teamIds.flatMap((id) => names.get(id) ?? []).toSorted() },
  };
}

/** The other way round, for storing; every name has been checked before. */
export function withTeamIds(settings: object, idOf: (team: string) => string): object {
  const { teams, ...rest } = settings as { teams: string[] };
  return { ...rest, teamIds: teams.map(idOf) };
}

/** The lists as a document has them, by name. */
export function exportNamed(current: CurrentNamed): Pick<ConfigurationDocument, NamedList> {
  const lists = NAMED_LISTS.map((list) => {
    const rows = [...current[list].values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { schema } = NAMED_KINDS[list];
    return [list, rows.map(({ name, settings }) => schema.parse({ name, ...(settings as object) }))];
  });
  // Each list is parsed by its own schema.
  return Object.fromEntries(lists) as Pick<ConfigurationDocument, NamedList>;
}
