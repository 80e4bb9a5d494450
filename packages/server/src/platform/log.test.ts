import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog, formatLine } from './log.ts';

function capture(pretty: boolean) {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', pretty, destination: { write: (text) => lines.push(text) } });
  return { log, lines };
}

describe('the log', () => {
  it('[OPS-04] writes JSON lines with level, time and message', () => {
    const { log, lines } = capture(false);
    log.info({ contactId: 'c1' }, 'connected');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      contactId: 'c1',
      msg: 'connected',
    });
  });

  it('[OPS-05] hides secrets at the top and one level down', () => {
    const { log, lines } = capture(false);
    log.warn(
      {
        password: 'p1',
        user: { passwordHash: 'p2' },
        req: { headers: { authorization: 'p3', cookie: 'p4' } },
      },
      'x',
    );
    expect(lines[0]).not.toMatch(/p[1-4]/);
    expect(lines[0]).toContain('[hidden]');
  });

  it('[OPS-04] shows a person one line per entry', () => {
    const { log, lines } = capture(true);
    log.info({ port: 5060, note: 'two words' }, 'listening');
    const plain = stripVTControlCharacters(lines[0] ?? '');
    expect(plain).toMatch(/^\d\d:\d\d:\d\d info {2}listening port=5060 note="two words"\n$/);
  });

  it('[OPS-04] shows the message of an error, and its stack from level error on', () => {
    const { log, lines } = capture(true);
    log.warn({ err: new Error('no route') }, 'sending failed');
    log.error({ err: new Error('no route') }, 'sending failed');
    expect(lines[0]).toContain('error="no route"');
    expect(lines[0]?.trimEnd()).not.toContain('\n');
    expect(lines[1]).toContain('Error: no route\n    at ');
  });

  it('[OPS-04] loses nothing that is no entry of ours', () => {
    expect(formatLine('plain text\n')).toBe('plain text\n');
  });
});
