import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.ts';

const ETAG_LENGTH = 22;

/** A strong entity tag (RFC 9110 §8.8.3) of what an editor edits: equal content has an equal tag. */
export function etagOf(editable: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(editable)).digest('base64url');
  return `"${digest.slice(0, ETAG_LENGTH)}"`;
}

/** The body of an answer, under the tag of its content. */
export function tagged<Body>(reply: FastifyReply, body: Body): Body {
  reply.header('etag', etagOf(body));
  return body;
}

/**
 * Holds a change back that was made on an older state (RFC 9110 §13.1.1). Without If-Match the change is unconditional.
 *
 * @param current the tag of what is stored, read in the transaction that makes the change; null when there is nothing.
 * @throws {HttpProblem} `version-outdated`.
 */
export function requireMatch(request: FastifyRequest, current: string | null): void {
  const condition = request.headers['if-match'];
  if (condition === undefined) return;
  if (condition.trim() === '*' ? current !== null : tags(condition).includes(current ?? '')) return;
  const detail = 'Somebody changed it after you read it. Read it again, and repeat what you changed.';
  throw new HttpProblem('version-outdated', detail);
}

/** A proxy that compresses marks a tag as weak; the content behind it is the same. */
function tags(condition: string): string[] {
  return condition.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
