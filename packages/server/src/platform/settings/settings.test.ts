import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTALLATION_DIR } from '../installation.ts';
import { loadSettings, SETTING_DEFINITIONS, SettingsError, type SettingsInput } from './index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, `settings-${Math.trunc(performance.now() * 1000)}.yaml`);
  writeFileSync(path, text);
  return path;
}

function problemsOf(input: SettingsInput) {
  try {
    loadSettings({ env: {}, ...input });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('settings', () => {
  it('[OPS-01] has the documented defaults', () => {
    const { settings, sources } = loadSettings({ env: {} });
    expect(settings).toMatchObject({
      dataDir: join(INSTALLATION_DIR, 'data'),
      http: { host: '127.0.0.1', port: 8080 },
      sip: { host: '127.0.0.1', port: 5060, tlsPort: undefined },
      rtp: { portMin: 20_000, portMax: 29_999 },
      media: { packets: 'auto' },
      databaseUrl: undefined,
      logLevel: 'info',
    });
    expect(settings.media.processes).toBeGreaterThanOrEqual(1);
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
  });

  it('[OPS-01] prefers flag over environment over file over default', () => {
    const config = file('http: { port: 1111, host: 0.0.0.0 }\nsip:\n  port: 2222\nlogLevel: warn\n');
    const env = { CROSSPOINT_CONFIG: config, CROSSPOINT_HTTP_PORT: '3333', CROSSPOINT_SIP_PORT: '4444' };
    const { settings, sources } = loadSettings({ env, flags: { 'http.port': '5555' } });
    expect(settings.http).toEqual({ host: '0.0.0.0', port: 5555 });
    expect(settings.sip.port).toBe(4444);
    expect(settings.logLevel).toBe('warn');
    expect(settings.rtp.portMin).toBe(20_000);
    expect(sources).toMatchObject({
      'http.port': 'flag --http-port',
      'sip.port': 'environment',
      logLevel: `${config} line 4, column 11`,
      'rtp.portMin': 'default',
    });
  });

  it('[OPS-01] takes an empty variable for one that is not set', () => {
    expect(loadSettings({ env: { CROSSPOINT_HTTP_PORT: '' } }).settings.http.port).toBe(8080);
  });

  it('[OPS-01] resolves paths against the working directory, and those of the file against its folder', () => {
    const config = file('dataDir: calls\n');
    expect(loadSettings({ env: { CROSSPOINT_CONFIG: config } }).settings.dataDir).toBe(join(folder, 'calls'));
    const env = { CROSSPOINT_DATA_DIR: 'calls' };
    expect(loadSettings({ env, cwd: '/srv' }).settings.dataDir).toBe('/srv/calls');
  });

  it.each([
    ['CROSSPOINT_HTTP_PORT', '65536', 'is above 65535'],
    ['CROSSPOINT_HTTP_PORT', '-1', 'is not a whole number'],
    ['CROSSPOINT_SIP_PORT', '50.5', 'is not a whole number'],
    ['CROSSPOINT_RTP_PORT_MIN', '1023', 'is below 1024'],
    ['CROSSPOINT_MEDIA_PROCESSES', '0', 'is below 1'],
    ['CROSSPOINT_MEDIA_PACKETS', 'raw', 'is not one of auto, koffi, dgram'],
    ['CROSSPOINT_HTTP_HOST', 'local host', 'is not an IP address or host name'],
    ['CROSSPOINT_LOG_LEVEL', 'loud', 'is not one of'],
  ])('[OPS-01] refuses %s=%s and names setting, value, source and remedy', (setting, value, problem) => {
    const [found] = problemsOf({ env: { [setting]: value } });
    expect(found).toMatchObject({ setting, value: JSON.stringify(value), source: 'environment' });
    expect(found?.problem).toContain(problem);
    expect(found?.remedy).toMatch(/^\S.+\.$/);
  });

  it.each([0, 65_535])('[OPS-01] accepts port %i, the edge of the range', (port) => {
    expect(loadSettings({ env: { CROSSPOINT_HTTP_PORT: String(port) } }).settings.http.port).toBe(port);
  });

  it('[OPS-05] never shows a secret in an error', () => {
    const env = { DATABASE_URL: 'mysql://root:hunter2@host/db', CROSSPOINT_ADMIN_PASSWORD: 'hunter2' };
    const problems = problemsOf({ env });
    expect(problems.map(({ setting }) => setting)).toEqual(['DATABASE_URL', 'CROSSPOINT_ADMIN_PASSWORD']);
    expect(new SettingsError(problems).message).not.toContain('hunter2');
  });

  it('[OPS-01] reports every mistake at once', () => {
    expect(problemsOf({ env: { CROSSPOINT_HTTP_PORT: 'x', CROSSPOINT_SIP_PORT: 'y' } })).toHaveLength(2);
  });

  it('[OPS-01] refuses a range of RTP ports that holds no call', () => {
    const env = { CROSSPOINT_RTP_PORT_MIN: '30000', CROSSPOINT_RTP_PORT_MAX: '30002' };
    expect(problemsOf({ env })[0]?.problem).toContain('fewer than 4 ports');
    const wider = { ...env, CROSSPOINT_RTP_PORT_MAX: '30003' };
    expect(loadSettings({ env: wider }).settings.rtp).toEqual({ portMin: 30_000, portMax: 30_003 });
  });

  it('[OPS-01] wants the certificate of TLS together with its key', () => {
    const [problem] = problemsOf({ env: { CROSSPOINT_SIP_TLS_KEY: '/a/key.pem' } });
    expect(problem).toMatchObject({ setting: 'CROSSPOINT_SIP_TLS_KEY', source: 'environment' });
    expect(problem?.remedy).toContain('CROSSPOINT_SIP_TLS_CERT');
    const config = file('sip: { tlsPort: 5061, tlsCert: tls/cert.pem, tlsKey: tls/key.pem }\n');
    const { sip } = loadSettings({ env: { CROSSPOINT_CONFIG: config } }).settings;
    expect(sip).toMatchObject({ tlsCert: join(folder, 'tls/cert.pem'), tlsKey: join(folder, 'tls/key.pem') });
  });

  it('[OPS-01] takes hosts of IPv4 and IPv6', () => {
    for (const host of ['::', '::1', '0.0.0.0', '192.0.2.1', '2001:db8::1']) {
      expect(loadSettings({ env: { CROSSPOINT_SIP_HOST: host } }).settings.sip.host).toBe(host);
    }
    const [problem] = problemsOf({ env: { CROSSPOINT_SIP_HOST: '[::1]' } });
    expect(problem?.problem).toContain('is not an IP address or host name');
  });

  it('[OPS-01] names line and column of an unknown key, a wrong value and broken YAML', () => {
    const unknown = problemsOf({ env: { CROSSPOINT_CONFIG: file('logLevel: info\nhttp:\n  prot: 1\n') } });
    expect(unknown[0]?.problem).toContain('line 3, column 3: unknown setting "http.prot"');
    const config = file('http:\n  port: many\n');
    expect(problemsOf({ env: { CROSSPOINT_CONFIG: config } })[0]?.source).toBe(`${config} line 2, column 9`);
    const broken = problemsOf({ env: { CROSSPOINT_CONFIG: file('http: { port: 1\nsip: 2\n') } });
    expect(broken[0]?.problem).toMatch(/line \d+, column \d+/);
    const list = problemsOf({ env: { CROSSPOINT_CONFIG: file('- http\n') } });
    expect(list[0]?.problem).toContain('not a map');
  });

  it('[OPS-01] reports all mistakes of a file at once, those of names beside those of values', () => {
    const text = 'dataDirr: x\nsip: 5060\nrtp:\nhttp: { port: 99999, hots: 1 }\nlogLevel: loud\n';
    const problems = problemsOf({ env: { CROSSPOINT_CONFIG: file(text) } });
    expect(problems.map(({ problem, source }) => `${problem} ${source}`)).toEqual([
      expect.stringContaining('line 1, column 1: unknown setting "dataDirr"'),
      expect.stringContaining('line 2, column 6: "sip" is no setting but a group of them'),
      expect.stringContaining('line 4, column 22: unknown setting "http.hots"'),
      expect.stringMatching(/is above 65535 .*line 4, column 15/),
      expect.stringMatching(/is not one of .*line 5, column 11/),
    ]);
    expect(problems[2]?.remedy).toBe('Known are http.host, http.port.');
  });

  it('[OPS-01] says so when the file cannot be read', () => {
    expect(problemsOf({ env: { CROSSPOINT_CONFIG: join(folder, 'none.yaml') } })[0]?.problem).toContain(
      'ENOENT',
    );
  });

  it('[OPS-01] warns of a misspelt variable', () => {
    const { warnings } = loadSettings({ env: { CROSSPOINT_HTPP_PORT: '1' } });
    expect(warnings).toEqual([expect.stringContaining('CROSSPOINT_HTPP_PORT')]);
  });

  it('[OPS-01] fills every field that a definition names', () => {
    const { settings } = loadSettings({ env: {} });
    for (const { path } of SETTING_DEFINITIONS) {
      const [group = '', field] = path.split('.');
      const holder: unknown = field === undefined ? settings : Reflect.get(settings, group);
      expect(Object.keys(holder as object)).toContain(field ?? group);
    }
  });
});
