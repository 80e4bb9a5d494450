import { isUtf8 } from 'node:buffer';
import type { FieldError } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { yaml } from '../platform/index.ts';
import type { Api } from './context.ts';
import { HttpProblem } from './problem.ts';
import { type Locate, placeInYaml } from './yaml-places.ts';
import { yamlValue } from './yaml-values.ts';

/** The types by which YAML is sent. */
export const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain'];
const faultsMax = 100;

const locators = new WeakMap<FastifyRequest, Locate>();

/** Where the parts of a body stand that came as YAML. */
export const locatorOf = (request: FastifyRequest): Locate | undefined => locators.get(request);

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Takes bodies of these types as the text that they are. Bytes that are no UTF-8 are `body-unreadable`: read all the same,
 * names in another encoding would be stored with replacement characters.
 */
export function registerTextBody(api: Api, types: string[], read: (text: string) => unknown): void {
  registerUtf8(api, types, (_request, text, done) => done(null, read(text)));
}

/** Takes YAML where JSON is taken, as what it says. Broken YAML is `body-unreadable`, with line and column of each fault. */
export function registerYamlBody(api: Api): void {
  registerUtf8(api, yamlTypes, (request, text, done) => {
    const { LineCounter, parseDocument } = yaml();
    const lines = new LineCounter();
    const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const unreadable = (at: number, message: string) => {
      const { line, col: column } = lines.linePos(at);
      return { path: '', message, remedy: 'Correct the YAML there.', line, column };
    };
    const refuse = (errors: FieldError[]) =>
      done(new HttpProblem('body-unreadable', 'The body is not valid YAML.', { errors }));
    if (parsed.errors.length > 0) {
      const faults = parsed.errors.slice(0, faultsMax);
      return refuse(faults.map(({ pos: [at], message }) => unreadable(at, message)));
    }
    const body = yamlValue(parsed, lines);
    if (!body.ok) return refuse([{ path: '', ...body.problem }]);
    locators.set(request, (path, ofKey = false) => placeInYaml(parsed.contents, path, ofKey, lines));
    done(null, body.value);
  });
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
