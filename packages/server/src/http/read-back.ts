import { z } from 'zod';
import type { FastifyContextConfig } from 'fastify';
import { type Api, API_PREFIX } from './context.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a PUT: the part of what GET returns that it replaces. Whoever sends the whole back means that part. */
    replaces?: string;
  }
}

/**
 * Lets `PUT` take what `GET` of the same address returned: fields that are only read are left aside, wherever they stand.
 * Everything else that the schema does not know stays refused.
 */
export function registerReadBack(app: Api): void {
  const shownAt = new Map<string, z.ZodType>();
  app.addHook('onRoute', ({ url, method, schema }) => {
    const shown = (schema?.response as Record<number, unknown> | undefined)?.[200];
    if (method === 'GET' && url.startsWith(API_PREFIX) && shown instanceof z.ZodType) shownAt.set(url, shown);
  });
  app.addHook('preValidation', async (request) => {
    const { method, url, schema, config } = request.routeOptions;
    const shown = method === 'PUT' ? shownAt.get(url ?? '') : undefined;
    if (shown === undefined || !(schema?.body instanceof z.ZodType)) return;
    const [body, part] = replacedPart(request.body, shown, config);
    request.body = withoutReadOnly(body, schema.body, part);
  });
}

function replacedPart(
  body: unknown,
  shown: z.ZodType,
  { replaces }: FastifyContextConfig,
): [unknown, z.ZodType] {
  const part = replaces === undefined ? undefined : shapeOf(shown, body)?.[replaces];
  if (replaces === undefined || part === undefined || !isRecord(body) || !(replaces in body))
    return [body, shown];
  return [body[replaces], part];
}

/**
 * The value without the fields that `shown` has and `taken` does not know. One whose ids are taken instead (`teams` with
 * `teamIds`) goes only where those are given: alone it would be a change that gets lost.
 */
export function withoutReadOnly(value: unknown, taken: z.ZodType, shown: z.ZodType): unknown {
  if (Array.isArray(value)) {
    const [takenItem, shownItem] = [itemOf(taken), itemOf(shown)];
    if (takenItem === undefined || shownItem === undefined) return value;
    return value.map((item) => withoutReadOnly(item, takenItem, shownItem));
  }
  const [takenShape, shownShape] = [shapeOf(taken, value), shapeOf(shown, value)];
  if (!isRecord(value) || takenShape === undefined || shownShape === undefined) return value;
  const kept = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const [takenField, shownField] = [takenShape[name], shownShape[name]];
    if (shownField === undefined) return [[name, field]];
    if (takenField !== undefined && field === null && takenField instanceof z.ZodOptional) {
      // Nothing is told as null and asked for by leaving the field out.
      return takenField.safeParse(null).success ? [[name, field]] : [];
    }
    if (takenField !== undefined) return [[name, withoutReadOnly(field, takenField, shownField)]];
    const ids = [`${name}Id`, `${name.replace(/s$/, '')}Ids`].find((twin) => twin in takenShape);
    return ids === undefined || ids in value ? [] : [[name, field]];
  });
  return Object.fromEntries(kept);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function itemOf(schema: z.ZodType): z.ZodType | undefined {
  const inner = bare(schema);
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
}

/** The fields of an object schema; of a union, those of the branch whose literals are the value's. */
function shapeOf(schema: z.ZodType, value: unknown): Readonly<Record<string, z.ZodType>> | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return inner.shape;
  if (!(inner instanceof z.ZodUnion) || !isRecord(value)) return undefined;
  for (const option of inner.options) {
    const shape = shapeOf(option as z.ZodType, value);
    if (shape === undefined) continue;
    const literals = Object.entries(shape).filter(([, field]) => field instanceof z.ZodLiteral);
    if (literals.every(([name, field]) => field.safeParse(value[name]).success)) return shape;
  }
  return undefined;
}

/** Without what only says that a value may be missing, has a default or is changed on the way. */
function bare(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  ) {
    return bare(schema.def.innerType as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) return bare(schema.in as z.ZodType);
  if (schema instanceof z.ZodLazy) return bare(schema.unwrap() as z.ZodType);
  return schema;
}
