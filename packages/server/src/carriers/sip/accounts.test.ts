import type { AgentId, TenantId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { SipAccounts } from './accounts.ts';

const account = {
  ...{ tenantId: 'tenant' as TenantId, agentId: 'agent' as AgentId },
  ...{ ha1Md5: 'by-md5', ha1Sha256: 'by-sha-256' },
};

test('[CAR-01] [RFC8760 §2.4] telephones are asked for what is set, a page of ours for what its library knows', () => {
  const accounts = new SipAccounts();
  accounts.replace(account.tenantId, [{ ...account, username: 'ann' }]);
  accounts.addTemporary({ ...account, username: 'page' });
  expect(accounts.algorithmsOf('ann', 'md5')).toEqual(['MD5']);
  expect(accounts.algorithmsOf('ann', 'sha-256-or-md5')).toEqual(['SHA-256', 'MD5']);
  expect(accounts.algorithmsOf('nobody', 'sha-256')).toEqual(['SHA-256']);
  expect(accounts.algorithmsOf('page', 'sha-256')).toEqual(['MD5']);
});

test('[CAR-01] a password is known by the hash of its own algorithm only', () => {
  const accounts = new SipAccounts();
  accounts.replace(account.tenantId, [{ ...account, username: 'ann' }]);
  expect(accounts.ha1('ann', 'MD5')).toBe('by-md5');
  expect(accounts.ha1('ann', 'SHA-256')).toBe('by-sha-256');
  expect(accounts.ha1('ann', 'SHA-512-256')).toBeUndefined();
  expect(accounts.ha1('nobody', 'MD5')).toBeUndefined();
});
