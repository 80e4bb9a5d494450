import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import type { Api } from './context.ts';
import { HttpProblem } from './problem.ts';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Takes bodies of these types as the text that they are. Bytes that are no UTF-8 are `body-unreadable`: read all the same,
 * names in another encoding would be stored with replacement characters.
 */
export function registerTextBody(api: Api, types: string[], read: (text: string) => unknown): void {
  registerUtf8(api, types, (_request, text, done) => done(null, read(text)));
}

/** Reads JSON as Fastify does, after a look at its encoding. Text, which Fastify would take too, is left to the routes that read it. */
export function registerJsonBody(api: Api): void {
  api.removeContentTypeParser(['application/json', 'text/plain']);
  registerUtf8(api, ['application/json'], api.getDefaultJsonParser('error', 'error'));
}

function registerUtf8(
  api: Api,
  types: string[],
  parse: (request: FastifyRequest, text: string, done: Done) => void,
): void {
  api.addContentTypeParser<Buffer>(types, { parseAs: 'buffer' }, (request, body, done: Done) => {
    if (isUtf8(body)) parse(request, body.toString('utf8'), done);
    else done(new HttpProblem('body-unreadable', 'The body is not UTF-8. Send it in that encoding.'));
  });
}
