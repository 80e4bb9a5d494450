import { describe, expect, test } from 'vitest';
import { beyondOf, FixedRole, heldBy, Permission, permissionsOf, reachesOf, reachOf } from './permissions.ts';

describe('the table of permissions', () => {
  test('[TEAM-03] gives an administrator everything', () => {
    expect(permissionsOf('admin')).toEqual(Permission.options);
  });

  test('[TEAM-03] gives everybody the own account, and nobody another’s', () => {
    for (const role of FixedRole.options) expect(reachOf(role, 'account.own')).toBe('own');
  });

  test('[TEAM-03] lets an agent see and do only what is the own, besides the directory and the names of teams and reasons', () => {
    const wide = permissionsOf('agent').filter((permission) => reachOf('agent', permission) === 'all');
    expect(wide).toEqual(['directory.read', 'teams.read', 'reason-codes.read']);
  });

  test('[TEAM-03] keeps users, configuration, numbers and the audit log for administrators', () => {
    for (const permission of ['users.write', 'configuration.write', 'numbers.write', 'audit.read'] as const) {
      const holders = FixedRole.options.filter((role) => reachOf(role, permission) !== undefined);
      expect(holders, permission).toEqual(['admin']);
    }
  });

  test('[TEAM-03] lets an analyst change nothing but the own', () => {
    const changing = permissionsOf('analyst').filter(
      (permission) =>
        /write|control|manage|status|listen/.test(permission) && reachOf('analyst', permission) === 'all',
    );
    expect(changing).toEqual([]);
  });

  test('[TEAM-03] can be given for the own rows only where somebody has it so', () => {
    expect(reachesOf('account.own')).toEqual(['own']);
    expect(reachesOf('contacts.read')).toEqual(['own', 'all']);
    expect(reachesOf('users.write')).toEqual(['all']);
  });

  test('[TEAM-03] tells what goes further than what one holds', () => {
    const held = { 'contacts.read': 'own', 'queues.read': 'all' } as const;
    expect(beyondOf(held, { 'contacts.read': 'own', 'queues.read': 'own' })).toEqual([]);
    expect(beyondOf(held, { 'contacts.read': 'all', 'users.write': 'all' })).toEqual([
      'users.write',
      'contacts.read',
    ]);
    for (const role of FixedRole.options) expect(beyondOf(heldBy('admin'), heldBy(role))).toEqual([]);
  });
});
