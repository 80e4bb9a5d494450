import { newId } from '../src/platform/index.ts';
import type { Caller, TestApi } from './api.ts';

export const code = 'foreign-code';
export const mailTo = { kind: 'mail', addresses: ['foreign@example.com'] };
export const flow = { name: 'foreign-flow', start: 'end', nodes: { end: { kind: 'end' } } };
export const route = { name: 'foreign-rule', targets: [{ to: { end: true } }] };

export const alertRule = { name: 'foreign-alert-rule', condition: { kind: 'missed-offers', count: 3 } };
const groups = [{ name: 'group', questions: [{ id: 'a', text: 'Foreign?', kind: 'yes-no' }] }];
export const scorecard = { name: 'foreign-scorecard', groups };

export const conference = {
  name: 'foreign-conference',
  schedule: { timeZone: 'UTC', startsAt: '2026-03-02T10:00', endsAt: '2026-03-02T11:00' },
};
export const hours = { timeZone: 'UTC', week: { monday: [{ from: '08:00', to: '17:00' }] } };

/**
 * Makes one of everything that there is in a tenant; the names are unmistakable.
 *
 * @param caller an administrator of that tenant.
 * @returns the ids.
 */
export async function createEverything({ database }: TestApi, caller: Caller, tenantId: string) {
  const ids = {
    agent: '',
    queue: '',
    team: '',
    number: '',
    contact: newId(),
    recording: newId(),
    key: '',
    call: newId(),
    ban: newId(),
    rule: newId(),
    callback: newId(),
    calendar: '',
    segment: '',
    conference: '',
    box: '',
    role: '',
    target: '',
    wallboard: '',
    delivery: newId(),
    recordingCode: '',
    voicemail: newId(),
    scorecard: '',
    evaluation: newId(),
    note: newId(),
    trunk: '',
    flow: '',
    sampleCall: '',
    prompt: 'en.foreign-prompt',
    route: '',
    replay: '',
    alert: newId(),
    alertRule: '',
  };
  const add = async (path: string, body: object) => {
    const answer = await caller.send('POST', path, { body });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`);
    return answer.body;
  };
  ids.agent = (await add('/agents', { username: 'foreign-agent', name: 'foreign', extension: '999' })).id;
  ids.queue = (await add('/queues', { name: 'foreign-queue', agents: [{ agentId: ids.agent }] })).id;
  ids.team = (await add('/teams', { name: 'foreign-team', memberIds: [ids.agent] })).id;
  const target = { kind: 'queue', queueId: ids.queue };
  ids.number = (await add('/numbers', { number: '+999', target })).id;
  ids.trunk = (await add('/trunks', { name: 'foreign-trunk', host: '192.0.2.9' })).id;
  ids.flow = (await add('/ivr/flows', flow)).id;
  ids.sampleCall = (await add(`/ivr/flows/${ids.flow}/start`, {})).sessionId;
  ids.route = (await add('/routing/rules', route)).id;
  const replay = { subject: { rules: 'draft' } };
  ids.replay = (await caller.send('POST', '/routing/replays', { body: replay })).body.id;
  ids.calendar = (await add('/calendars', { name: 'foreign-calendar', hours })).id;
  ids.segment = (await add('/segments', { name: 'foreign-segment' })).id;
  ids.conference = (await add('/conferences', conference)).id;
  ids.box = (await add('/voicemail-boxes', { name: 'foreign-box' })).id;
  const promptCode = { language: 'en', name: 'foreign-prompt' };
  ids.recordingCode = (await add('/prompts/recording-codes', promptCode)).id;
  ids.role = (await add('/roles', { name: 'foreign-role', permissions: {} })).id;
  ids.scorecard = (await add('/scorecards', scorecard)).id;
  ids.target = (await add('/alert-targets', { name: 'foreign-target', to: mailTo })).id;
  ids.alertRule = (await add('/alert-rules', alertRule)).id;
  ids.wallboard = (await add('/wallboards', { name: 'foreign-wallboard', shared: true })).id;
  const schedule = { body: { timeZone: 'UTC', week: { monday: [{ from: '08:00', to: '09:00' }] } } };
  await caller.send('PUT', `/schedules/${ids.agent}`, schedule);
  await add('/reason-codes', { code, name: { en: 'foreign' } });
  ids.key = (await add('/api-keys', { name: 'foreign-key', scopes: ['queues.read'] })).id;
  await database.inTenant(tenantId, async (transaction) => {
    await transaction
      .insertInto('contacts')
      .values({
        id: ids.contact,
        tenant_id: tenantId,
        number: '+999',
        direction: 'inbound',
        caller_phone: '+foreign',
        agent_id: ids.agent,
        started_at: new Date(),
        state: 'closed',
        last_seq: 1,
      })
      .execute();
    await transaction
      .insertInto('recordings')
      .values({
        id: ids.recording,
        tenant_id: tenantId,
        contact_id: ids.contact,
        path: 'foreign.wav',
        format: 'wav',
        channels: 2,
        sample_rate: 8000,
        status: 'complete',
        started_at: new Date(),
      })
      .execute();
    const source = '203.0.113.9';
    const row = { tenant_id: tenantId, note: 'foreign', created_at: new Date() };
    await transaction
      .insertInto('bans')
      .values({ ...row, id: ids.ban, source, reason: 'manual' })
      .execute();
    await transaction
      .insertInto('access_rules')
      .values({ ...row, id: ids.rule, action: 'deny', network: source })
      .execute();
    const at = new Date();
    await transaction
      .insertInto('alerts')
      .values({
        ...{ id: ids.alert, tenant_id: tenantId, queue_id: ids.queue, queue_name: 'foreign-queue' },
        // It is over: what watches the queues would end it at an instant of its own.
        ...{ kind: 'waiting', value: 1, worst: 1, threshold: 1, raised_at: at, cleared_at: at },
      })
      .execute();
    await transaction
      .insertInto('alert_deliveries')
      .values(
        // Of both events, so that none is owed, which would be made up for at an instant of its own.
        [{ id: ids.delivery, event: 'raised' } as const, { id: newId(), event: 'cleared' } as const].map(
          (delivery) => ({
            ...{ ...delivery, tenant_id: tenantId, target_id: ids.target, alert_id: ids.alert },
            ...{ created_at: at, state: 'failed' as const },
          }),
        ),
      )
      .execute();
    await transaction
      .insertInto('voicemails')
      .values({
        ...{ id: ids.voicemail, tenant_id: tenantId, box_id: ids.box, contact_id: ids.contact },
        ...{ recording_id: ids.recording, number: '+999', caller_phone: '+foreign' },
        ...{ caller_name: 'foreign', left_at: at, duration_ms: 1_000 },
      })
      .execute();
    await transaction
      .insertInto('coaching_notes')
      .values({
        ...{ id: ids.note, tenant_id: tenantId, agent_id: ids.agent, author_id: caller.userId },
        ...{ text: 'foreign', shared: true, created_at: at, changed_at: at },
      })
      .execute();
    await transaction
      .insertInto('evaluations')
      .values({
        ...{ id: ids.evaluation, tenant_id: tenantId, scorecard_id: ids.scorecard, version: 1 },
        ...{ contact_id: ids.contact, agent_id: ids.agent, evaluator_id: caller.userId },
        ...{ state: 'finished', created_at: at, finished_at: at, comment: 'foreign' },
      })
      .execute();
    await transaction
      .insertInto('callbacks')
      .values({
        ...{ id: ids.callback, tenant_id: tenantId, queue_id: ids.queue, number: '+foreign' },
        ...{ caller_name: 'foreign', note: '', origin: 'queue', state: 'resting', reason: 'foreign' },
        ...{ created_at: at, aged_since: at, promised_at: at, due_at: at },
        ...{ attempts: 0, attempts_max: 3, gap_seconds: 600 },
      })
      .execute();
  });
  return ids;
}
