import { Scorecard, ScorecardInput, ScorecardPage } from '@crosspoint/contracts';
import { scorecardFaults } from '@crosspoint/core';
import type { ApiContext, Routes } from '../../http/index.ts';
import { namedRoutes } from '../named/index.ts';
import { countEvaluations, keepVersion, settingsOf, versionStates } from './repo.ts';

/** Forms by which conversations are judged. Evaluations know them by their id and version. */
export function scorecardRoutes(context: ApiContext): Routes {
  return namedRoutes(context, {
    ...{ table: 'scorecards', path: '/scorecards', subject: 'scorecard', tag: 'scorecards' },
    permissions: { read: 'scorecards.read', write: 'scorecards.write' },
    ...{ input: ScorecardInput, item: Scorecard, page: ScorecardPage },
    renamable: true,
    faults: (settings) => scorecardFaults(ScorecardInput.parse({ name: '-', ...settings }).groups),
    usedBy: async (transaction, name) => {
      const count = await countEvaluations(transaction, name);
      if (count === 0) return undefined;
      const detail = `${count} evaluations were made by the scorecard "${name}". Make it inactive instead: they stay, and nobody is offered it.`;
      return { detail, usedBy: [] };
    },
    stored: (transaction, row, { tenantId, userId }) =>
      keepVersion(transaction, row, { tenantId, userId, at: new Date(context.now()) }),
    // The living centre knows nothing of forms.
    changed: () => Promise.resolve(),
    show: async (transaction, rows) => {
      const states = await versionStates(
        transaction,
        rows.map(({ id }) => id),
      );
      return rows.map((row) => {
        const state = states.get(row.id);
        return {
          ...{ id: row.id, ...settingsOf(row), version: state?.version ?? 1 },
          versionAt: (state?.at ?? new Date(context.now())).toISOString(),
          evaluations: state?.evaluations ?? 0,
        };
      });
    },
  });
}
