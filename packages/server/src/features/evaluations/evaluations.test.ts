import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';

const groups = [
  {
    name: 'Manner',
    weight: 40,
    questions: [
      { id: 'greeting', text: 'Did the agent say the name?', kind: 'yes-no', weight: 1 },
      { id: 'tone', text: 'How friendly?', kind: 'points', weight: 3, notApplicable: true },
    ],
  },
  {
    name: 'Substance',
    weight: 60,
    questions: [
      {
        ...{ id: 'solved', text: 'Was it solved?', kind: 'choice' },
        options: [
          { id: 'yes', label: 'Yes', points: 100 },
          { id: 'partly', label: 'Partly', points: 50 },
        ],
      },
      { id: 'identified', text: 'Was the caller identified?', kind: 'yes-no', fatal: true, weight: 0 },
    ],
  },
];
const answers = [
  { questionId: 'greeting', value: true, comment: 'With a smile' },
  { questionId: 'tone', value: 60 },
  { questionId: 'solved', value: 'partly' },
  { questionId: 'identified', value: true },
];

let api: TestApi;
let agent: Caller;
let supervisor: Caller;
let other: Caller;
let scorecardId: string;
let contactId: string;
let recordingId: string;

beforeAll(async () => {
  api = await createTestApi();
  ({ agent, supervisor } = api.as);
  other = await api.addCaller({ username: 'other-supervisor', role: 'supervisor' });
  scorecardId = (await made('/scorecards', { name: 'Standard', groups })).id;
});
afterAll(() => api.close());

async function made(path: string, body: object, by: Caller = api.as.admin) {
  const answer = await by.send('POST', path, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

/** A conversation of the agent that is over and recorded. */
beforeEach(async () => {
  [contactId, recordingId] = [randomUUID(), randomUUID()];
  await api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    const at = new Date();
    const row = { tenant_id: DEFAULT_TENANT_ID, started_at: at };
    await transaction
      .insertInto('contacts')
      .values({
        ...{ ...row, id: contactId, number: '700', direction: 'inbound', caller_phone: '+420600' },
        ...{ agent_id: agent.userId, state: 'closed', closed_at: at, last_seq: 1 },
      })
      .execute();
    await transaction
      .insertInto('recordings')
      .values({
        ...{ ...row, id: recordingId, contact_id: contactId, agent_id: agent.userId, path: 'a.wav' },
        ...{ format: 'wav', channels: 2, sample_rate: 8000, status: 'complete' },
      })
      .execute();
  });
});

const begin = (by: Caller = supervisor) =>
  made('/evaluations', { contactId, agentId: agent.userId, scorecardId }, by);
const store = (id: string, body: object, by: Caller = supervisor) =>
  by.send('PUT', `/evaluations/${id}`, { body });
const finish = async (by: Caller = supervisor, more: object[] = []) => {
  const { id } = await begin(by);
  const done = await store(id, { answers: [...answers, ...more], finished: true }, by);
  expect(done.status, done.text).toBe(200);
  return done.body;
};

describe('an evaluation', () => {
  test('[SUP-03] is begun on a conversation, scored while it is a draft, and finished for good', async () => {
    const begun = await begin();
    expect(begun).toMatchObject({
      ...{
        state: 'draft',
        score: null,
        version: 1,
        recordingId,
        scorecard: 'Standard',
        callerPhone: '+420600',
      },
      missing: ['greeting', 'tone', 'solved', 'identified'],
    });
    const half = await store(begun.id, { answers: answers.slice(0, 2) });
    expect(half.body).toMatchObject({
      score: 70,
      groupScores: [70, null],
      missing: ['solved', 'identified'],
    });
    const early = await store(begun.id, { answers: answers.slice(0, 2), finished: true });
    expect(early).toMatchObject({ status: 400, body: { errors: [{ path: 'answers.solved' }, {}] } });
    const done = await store(begun.id, { answers, comment: 'Well done', finished: true });
    expect(done.body).toMatchObject({ state: 'finished', score: 58, comment: 'Well done', missing: [] });
    expect(await store(begun.id, { answers })).toMatchObject({
      status: 409,
      body: { reason: 'already-finished' },
    });
  });

  test('[SUP-03] fails as a whole with a fatal question', async () => {
    const { id } = await begin();
    const failed = answers.with(3, { questionId: 'identified', value: false });
    expect((await store(id, { answers: failed, finished: true })).body).toMatchObject({
      score: 0,
      failed: ['identified'],
    });
  });

  test('[SUP-03] takes only answers that fit the form', async () => {
    const { id } = await begin();
    const wrong = [
      { questionId: 'nothing', value: 1 },
      { questionId: 'greeting', value: null },
    ];
    expect(await store(id, { answers: wrong })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'answers.0.questionId' }, { path: 'answers.1.value' }] },
    });
    expect((await store(id, { answers: [{ questionId: 'tone', value: 101 }] })).status).toBe(400);
  });

  test('[SUP-03] is made once by a person with a form, and never of oneself or of nobody', async () => {
    await begin();
    const body = { contactId, agentId: agent.userId, scorecardId };
    const again = await supervisor.send('POST', '/evaluations', { body });
    expect(again).toMatchObject({ status: 409, body: { reason: 'already-evaluated' } });
    const wrong = { agentId: other.userId, scorecardId: randomUUID(), contactId: randomUUID() };
    for (const [field, value] of Object.entries(wrong)) {
      const answer = await other.send('POST', '/evaluations', { body: { ...body, [field]: value } });
      expect(answer, answer.text).toMatchObject({ status: 422, body: { errors: [{ path: field }] } });
    }
    const key = await api.addCaller({ username: `acting-${contactId}`, role: 'supervisor' });
    await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
      transaction.updateTable('contacts').set({ agent_id: key.userId }).where('id', '=', contactId).execute(),
    );
    const own = await key.send('POST', '/evaluations', { body: { ...body, agentId: key.userId } });
    expect(own).toMatchObject({ status: 400, body: { errors: [{ path: 'agentId' }] } });
  });

  test('[SUP-03] keeps the version of the form that it was begun with', async () => {
    const { id: form } = await made('/scorecards', { name: 'Changing', groups });
    const { id } = await made(
      '/evaluations',
      { contactId, agentId: agent.userId, scorecardId: form },
      supervisor,
    );
    const changed = { name: 'Changed', groups: groups.slice(1) };
    const put = await api.as.admin.send('PUT', `/scorecards/${form}`, { body: changed });
    expect(put.body).toMatchObject({ version: 2, evaluations: 1, name: 'Changed' });
    const renamed = await api.as.admin.send('PUT', `/scorecards/${form}`, {
      body: { ...changed, active: false },
    });
    expect(renamed.body).toMatchObject({ version: 2, active: false });
    const old = await supervisor.get(`/evaluations/${id}`);
    expect(old.body).toMatchObject({ version: 1, scorecard: 'Changed' });
    expect(old.body.groups).toHaveLength(2);
    const offered = { contactId, agentId: agent.userId, scorecardId: form };
    expect((await other.send('POST', '/evaluations', { body: offered })).status).toBe(422);
    expect(await api.as.admin.send('DELETE', `/scorecards/${form}`)).toMatchObject({
      ...{ status: 409, body: { code: 'in-use' } },
    });
  });
});

describe('who sees and does what', () => {
  test('[SUP-03] the agent reads the finished ones about oneself, and acknowledges once', async () => {
    const draft = await begin();
    expect((await agent.get(`/evaluations/${draft.id}`)).status).toBe(404);
    const { id } = await finish(other);
    expect((await agent.get(`/evaluations/${id}`)).body).toMatchObject({
      id,
      answers: [{ comment: 'With a smile' }, {}, {}, {}],
    });
    const listed = await agent.get(`/evaluations?contactId=${contactId}`);
    expect(listed.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
    const path = `/evaluations/${id}/acknowledgement`;
    expect((await supervisor.send('PUT', path, { body: {} })).status).toBe(404);
    const read = await agent.send('PUT', path, { body: { comment: 'Thank you' } });
    expect(read.body).toMatchObject({ agentComment: 'Thank you' });
    expect(read.body.acknowledgedAt).not.toBeNull();
    expect(await agent.send('PUT', path, { body: {} })).toMatchObject({
      ...{ status: 409, body: { reason: 'already-acknowledged' } },
    });
    const colleague = await api.addCaller({ username: `colleague-${id}`, role: 'agent' });
    expect((await colleague.get(`/evaluations/${id}`)).status).toBe(404);
    expect((await agent.send('PUT', `/evaluations/${id}`, { body: { answers } })).status).toBe(403);
  });

  test('[SUP-03] a draft belongs to who began it', async () => {
    const { id } = await begin();
    expect((await other.get(`/evaluations/${id}`)).status).toBe(404);
    expect((await store(id, { answers }, other)).status).toBe(404);
    expect(await store(id, { answers }, api.as.admin)).toMatchObject({ body: { reason: 'not-yours' } });
    expect((await other.send('DELETE', `/evaluations/${id}`)).status).toBe(404);
    expect((await supervisor.send('DELETE', `/evaluations/${id}`)).status).toBe(204);
    expect((await supervisor.get(`/evaluations/${id}`)).status).toBe(404);
  });

  test('[SUP-03] finished ones are deleted by an administrator alone', async () => {
    const { id } = await finish();
    expect((await supervisor.send('DELETE', `/evaluations/${id}`)).status).toBe(409);
    expect((await api.as.admin.send('DELETE', `/evaluations/${id}`)).status).toBe(204);
  });

  test('[TEAM-03] supervisors of a team see and judge its members and those of teams within it', async () => {
    const lead = await api.addCaller({ username: `lead-${contactId}`, role: 'supervisor' });
    const stranger = await api.addCaller({ username: `stranger-${contactId}`, role: 'supervisor' });
    const { id: above } = await made('/teams', { name: `above ${contactId}`, memberIds: [lead.userId] });
    const within = { name: `within ${contactId}`, parentId: above, memberIds: [agent.userId] };
    const { id: teamId } = await made('/teams', within);
    await made('/teams', { name: `elsewhere ${contactId}`, memberIds: [stranger.userId] });
    const { id } = await finish();
    expect((await lead.get(`/evaluations/${id}`)).status).toBe(200);
    expect((await stranger.get(`/evaluations/${id}`)).status).toBe(404);
    expect((await stranger.get(`/evaluations?contactId=${contactId}`)).body.items).toEqual([]);
    const body = { contactId, agentId: agent.userId, scorecardId };
    expect((await stranger.send('POST', '/evaluations', { body })).status).toBe(422);
    const ofTeam = await lead.get(`/evaluations?teamId=${teamId}&contactId=${contactId}`);
    expect(ofTeam.body.items).toHaveLength(1);
    expect((await lead.get(`/evaluations?teamId=${above}`)).body.items).toEqual([]);
  });

  test('[OPS-05] the audit log tells what was begun, finished, acknowledged and deleted', async () => {
    const { id } = await finish();
    await agent.send('PUT', `/evaluations/${id}/acknowledgement`, { body: {} });
    await api.as.admin.send('DELETE', `/evaluations/${id}`);
    const { body } = await api.as.admin.get(`/audit?subjectId=${id}&sort=at`);
    expect(body.items.map((entry: { action: string }) => entry.action)).toEqual([
      'evaluation.created',
      'evaluation.finished',
      'evaluation.acknowledged',
      'evaluation.deleted',
    ]);
  });
});

describe('lists and calibration', () => {
  test('[SUP-03] the list is filtered, ordered by score and read in pages', async () => {
    const { id: form } = await made('/scorecards', { name: `List ${contactId}`, groups });
    const body = { contactId, agentId: agent.userId, scorecardId: form };
    const scored: string[] = [];
    for (const [by, tone] of [
      [supervisor, 100],
      [other, 20],
      [api.as.admin, 60],
    ] as const) {
      const { id } = await made('/evaluations', body, by);
      const given = answers.with(1, { questionId: 'tone', value: tone });
      expect((await store(id, { answers: given, finished: true }, by)).status).toBe(200);
      scored.push(id);
    }
    const [best, worst, middle] = scored;
    const first = await supervisor.get(`/evaluations?scorecardId=${form}&sort=-score&limit=2`);
    const second = await supervisor.get(
      `/evaluations?scorecardId=${form}&sort=-score&limit=2&cursor=${first.body.nextCursor}`,
    );
    const ids = [...first.body.items, ...second.body.items].map((item: { id: string }) => item.id);
    expect(ids).toEqual([best, middle, worst]);
    const mine = await supervisor.get(`/evaluations?scorecardId=${form}&evaluatorId=${other.userId}`);
    expect(mine.body.items.map((item: { id: string }) => item.id)).toEqual([worst]);

    const { body: calibration } = await supervisor.get(`/evaluations/calibration?scorecardId=${form}`);
    expect(calibration).toMatchObject({ shared: 1, complete: true });
    const differences = new Map(
      calibration.evaluators.map((each: { evaluatorId: string; differenceMean: number }) => [
        each.evaluatorId,
        each.differenceMean,
      ]),
    );
    // A point of tone is worth 0.75 of the manner, and that 0.4 of the whole.
    expect(differences.get(supervisor.userId)).toBeCloseTo(18, 9);
    expect(differences.get(other.userId)).toBeCloseTo(-18, 9);
    expect(differences.get(api.as.admin.userId)).toBeCloseTo(0, 9);
    expect((await agent.get('/evaluations/calibration')).status).toBe(403);
  });
});
