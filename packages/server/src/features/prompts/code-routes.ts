import { RecordingCode, RecordingCodeInput } from '@crosspoint/contracts';
import { type Api, type ApiContext, HttpProblem, IdParams, notFound, principalOf } from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { codesMax, findCode, insertCode } from './codes.ts';

const tags = ['ivr'];
const config = { permission: 'flows.write' } as const;

/** Codes by which a recording is spoken by telephone. Each is its maker's own. */
export function registerCodes(api: Api, { database, now }: ApiContext): void {
  api.post(
    '/prompts/recording-codes',
    {
      config,
      schema: {
        summary: 'Get a code for speaking a recording by telephone',
        description:
          'Valid for a quarter of an hour and for one recording. Call one of the numbers, key the code, speak after the tone, press #.',
        ...{ tags, body: RecordingCodeInput, response: { 201: RecordingCode } },
      },
    },
    async (request, reply) => {
      const { tenantId, userId } = principalOf(request);
      const { language, name } = request.body;
      const promptId = `${language}.${name}` as const;
      const code = await database.inTenant(tenantId, async (transaction) => {
        const id = await insertCode(transaction, tenantId, { promptId, userId, now: now() });
        if (id === undefined) throw tooMany();
        await recordChange(transaction, request, 'prompt.code-made', null, { after: { id: promptId } });
        return findCode(transaction, id, userId);
      });
      return reply.code(201).send(code as RecordingCode);
    },
  );
  api.get(
    '/prompts/recording-codes/:id',
    {
      config,
      schema: {
        summary: 'Read such a code: whether something was recorded with it',
        ...{ tags, params: IdParams, response: { 200: RecordingCode } },
      },
    },
    async (request) => {
      const { tenantId, userId } = principalOf(request);
      const { id } = request.params;
      const code = await database.inTenant(tenantId, (transaction) => findCode(transaction, id, userId));
      if (code === undefined) throw notFound('recording code', id);
      return code;
    },
  );
}

function tooMany(): HttpProblem {
  return new HttpProblem(
    'command-refused',
    `${codesMax} codes are valid already. Use one of them, or wait until one expires.`,
  );
}
