import { describe, expect, it } from 'vitest';
import { type Handover, parseHandover } from './handover.ts';

const whole: Handover = {
  baseUrl: 'http://127.0.0.1:8080',
  apiKey: 'cp_key',
  stateDir: '/var/lib/demo',
  sip: { address: '127.0.0.1', port: 5060 },
};

describe('parseHandover', () => {
  it('[DEMO-12] takes what the server writes', () => {
    expect(parseHandover(JSON.stringify(whole))).toEqual(whole);
  });

  it('[DEMO-12] names what is missing', () => {
    for (const name of ['baseUrl', 'apiKey', 'stateDir'] as const) {
      expect(() => parseHandover(JSON.stringify({ ...whole, [name]: undefined }))).toThrow(`${name}: a text`);
    }
    expect(() => parseHandover(JSON.stringify({ ...whole, sip: { address: 'x' } }))).toThrow(
      'port: a number',
    );
    expect(() => parseHandover('{}')).toThrow('baseUrl: a text');
    expect(() => parseHandover('hello')).toThrow(SyntaxError);
  });
});
