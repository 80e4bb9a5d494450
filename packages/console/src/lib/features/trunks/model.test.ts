import { type Trunk, TrunkInput, TrunkSettings } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { newTrunk, trunkInput, trunkModel } from './model.ts';

const stored = (more: object = {}): Trunk =>
  ({
    id: '0198e0a0-0000-7000-8000-000000000001',
    name: 'carrier',
    ...TrunkSettings.parse({ host: 'sip.example.com', ...more }),
    register: null,
    authentication: null,
    live: null,
  }) as Trunk;

describe('a trunk as it is edited', () => {
  test('[CAR-01] is sent as it was stored when nothing was changed', () => {
    const settings = {
      port: 5070,
      match: ['192.0.2.0/24', '198.51.100.7'],
      alternates: [{ host: 'backup.example.com', port: 5071, transport: 'tls' as const }],
      concurrentCallsMax: 30,
      srtp: 'required' as const,
      numbering: { country: 'CZ', send: 'national' as const },
      outgoing: { prefixes: ['+420', '+421'], order: 5 },
    };
    const { data } = trunkModel({ data: stored(settings), etag: '"1"' });
    const { name, ...sent } = TrunkInput.parse(trunkInput(data));
    expect(name).toBe('carrier');
    expect(sent).toEqual(TrunkSettings.parse({ host: 'sip.example.com', ...settings }));
  });

  test('[CAR-01] leaves out what is off or empty, and never sends an empty password', () => {
    const model = { ...newTrunk(), name: 'a', host: 'h' };
    expect(TrunkInput.parse(trunkInput(model))).toEqual({ name: 'a', ...TrunkSettings.parse({ host: 'h' }) });
    const register = { username: 'u', password: '', domain: '', expirySeconds: 600 };
    expect(trunkInput({ ...model, registers: true, register }).register).toEqual({
      username: 'u',
      expirySeconds: 600,
    });
    expect(trunkInput({ ...model, register }).register).toBeUndefined();
  });

  test('[CAR-01] takes lists by line, comma or semicolon, and the country in any case', () => {
    const model = { ...newTrunk(), name: 'a', host: 'h', match: ' 192.0.2.1,\n198.51.100.0/24; ' };
    model.numbering.country = 'cz';
    expect(trunkInput(model)).toMatchObject({
      match: ['192.0.2.1', '198.51.100.0/24'],
      numbering: { country: 'CZ' },
    });
  });
});
