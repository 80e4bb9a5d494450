import { describe, expect, test } from 'vitest';
import { withoutSecrets } from './recorder.ts';

describe('what the audit log leaves out', () => {
  test('[OPS-05] values of fields with a secret name, at any depth, but not that they were set', () => {
    const before = {
      name: 'alice',
      password: 'p1',
      sip: { password: 'p2', ha1Md5: 'h', username: 'alice' },
      keys: [{ token: 't', prefix: 'cp_abc' }],
      hasPassword: true,
      passwordHash: null,
    };
    expect(withoutSecrets(before)).toEqual({
      name: 'alice',
      password: '(secret)',
      sip: { password: '(secret)', ha1Md5: '(secret)', username: 'alice' },
      keys: [{ token: '(secret)', prefix: 'cp_abc' }],
      hasPassword: true,
      passwordHash: null,
    });
    expect(before.password).toBe('p1');
  });

  test('[OPS-05] a list of secrets goes as a whole', () => {
    expect(JSON.stringify(withoutSecrets({ tokens: ['t1'], secret: ['s1', 's2'] }))).not.toMatch(/t1|s1|s2/);
  });
});
