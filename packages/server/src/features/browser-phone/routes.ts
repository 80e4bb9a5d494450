import { type AgentId, BrowserPhone, BrowserPhoneInput, PhoneWindowId } from '@crosspoint/contracts';
import { z } from 'zod';
import type { BrowserAccounts } from '../../carriers/sip/index.ts';
import {
  type Api,
  type ApiContext,
  HttpProblem,
  type Principal,
  principalOf,
  requireCentre,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';

const tags = ['agents'];
/** No such host: the page reaches the server over its WebSocket and nothing else (RFC 2606). */
const DOMAIN = 'crosspoint.invalid';
const SOCKET_PATH = '/sip';

/** The agent's telephone in a page of the console. */
export function browserPhoneRoutes(context: ApiContext, browsers: BrowserAccounts): Routes {
  return (api: Api) => {
    api.post(
      '/agents/me/browser-phone',
      {
        config: { permission: 'calls.control' },
        schema: {
          summary: 'Make this window your telephone',
          description:
            'Gives the window a SIP account of its own for WebRTC over `WS /sip`, which ends after ten minutes unless it is asked for again. Refused with the reason `phone-in-use` while another window is the telephone, unless `takeOver` is set.',
          tags,
          body: BrowserPhoneInput,
          response: { 200: BrowserPhone },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const agentId = agentOf(context, principal);
        const { windowId, takeOver } = request.body;
        const window = { tenantId: principal.tenantId, agentId, windowId };
        const taken = browsers.take(window, { takeOver });
        if (!taken.ok) {
          const detail = 'Another window is your telephone. Take it over here, or go on there.';
          throw new HttpProblem('command-refused', detail, { reason: taken.reason });
        }
        const { username, password, expiresAtMs } = taken.credential;
        if (taken.isNew) await audit(context, principal, request, 'browser-phone.taken', agentId);
        reply.header('cache-control', 'no-store');
        return {
          uri: `sip:${username}@${DOMAIN}`,
          username,
          password,
          path: SOCKET_PATH,
          expiresAt: new Date(expiresAtMs).toISOString(),
        };
      },
    );

    api.delete(
      '/agents/me/browser-phone',
      {
        config: { permission: 'calls.control' },
        schema: {
          summary: 'This window is no telephone any more',
          description: 'Nothing happens when it is none.',
          tags,
          querystring: z.strictObject({ windowId: PhoneWindowId }),
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const agentId = agentOf(context, principal);
        if (browsers.release(agentId, request.query.windowId)) {
          await audit(context, principal, request, 'browser-phone.released', agentId);
        }
        return reply.code(204).send(null);
      },
    );
  };
}

/** @throws {HttpProblem} `not-found` for a user who takes no calls, `unavailable` when the centre runs elsewhere. */
function agentOf(context: ApiContext, { tenantId, agentId }: Principal): AgentId {
  if (agentId === null) throw new HttpProblem('not-found', 'You are not an agent: this user takes no calls.');
  requireCentre(context, tenantId);
  return agentId;
}

async function audit(
  { database }: ApiContext,
  { tenantId }: Principal,
  request: Parameters<typeof recordChange>[1],
  action: string,
  agentId: AgentId,
): Promise<void> {
  await database.inTenant(tenantId, (transaction) => recordChange(transaction, request, action, agentId));
}
