import { DeliveryOutcome, MailServer, MailServerInput, MailTestInput } from '@crosspoint/contracts';
import { z } from 'zod';
import { type Api, type ApiContext, HttpProblem, notFound, principalOf } from '../../http/index.ts';
import type { SecretBox } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { sendMail } from './mail.ts';
import { deleteMailServer, mailRoute, readMailServer, storeMailServer } from './repo.ts';
import { testText } from './texts.ts';

const tags = ['notifications'];

/** The server that mail is handed to; its password is sealed and never shown. */
export function registerMailServer(api: Api, { database }: ApiContext, box: () => SecretBox): void {
  api.get(
    '/mail-server',
    {
      config: { permission: 'notifications.read' },
      schema: { summary: 'The mail server, or null', tags, response: { 200: MailServer.nullable() } },
    },
    async (request) => {
      const server = await database.inTenant(principalOf(request).tenantId, readMailServer);
      return server === undefined ? null : shown(server);
    },
  );

  api.put(
    '/mail-server',
    {
      config: { permission: 'notifications.write' },
      schema: { summary: 'Set the mail server', tags, body: MailServerInput, response: { 200: MailServer } },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { password, ...settings } = request.body;
      return database.inTenant(tenantId, async (transaction) => {
        const before = await readMailServer(transaction);
        // A password belongs to the server that it was given for: whoever sends mail elsewhere does not take it along.
        const isSame = before?.host === settings.host && before.username === settings.username;
        const kept = isSame ? before.sealedPassword : null;
        const sealedPassword =
          password === undefined ? kept : password === null ? null : box().seal(password);
        const after = { ...settings, sealedPassword };
        await storeMailServer(transaction, tenantId, after);
        await recordChange(transaction, request, 'mail-server.updated', null, {
          before: before && shown(before),
          after: { ...shown(after), ...(password === undefined ? {} : { passwordChanged: true }) },
        });
        return shown(after);
      });
    },
  );

  api.delete(
    '/mail-server',
    {
      config: { permission: 'notifications.write' },
      schema: { summary: 'Send no mail any more', tags, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        if (!(await deleteMailServer(transaction))) throw notFound('mail server', 'of this tenant');
        await recordChange(transaction, request, 'mail-server.deleted', null);
      });
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/mail-server/test',
    {
      config: { permission: 'notifications.write', idempotent: false },
      schema: {
        summary: 'Send a test message at once',
        ...{ tags, body: MailTestInput, response: { 200: DeliveryOutcome } },
      },
    },
    async (request) => {
      const route = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        mailRoute(transaction, box()),
      );
      if (route === undefined) throw new HttpProblem('command-refused', 'Set the mail server first.');
      const error = await sendMail(route, [request.body.to], testText(request.body.language));
      return { delivered: error === null, error };
    },
  );
}

type Stored = NonNullable<Awaited<ReturnType<typeof readMailServer>>>;

function shown({ sealedPassword, password: _never, ...settings }: Stored): MailServer {
  return { ...settings, hasPassword: sealedPassword !== null };
}
