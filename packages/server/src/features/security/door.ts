import type { FastifyRequest } from 'fastify';
import type { LineDefence } from '../../carriers/sip/index.ts';

/** The defence of the line of whoever asks. @throws {HttpProblem} `unavailable` for a tenant without one here. */
export type DefenceOf = (request: FastifyRequest) => LineDefence;
