import { EventEmitter } from 'node:events';
import { type AgentId, type FixedRole, heldBy, type TenantId, type UserId } from '@crosspoint/contracts';
import type { WebSocket } from 'ws';
import { StreamClient } from '../src/features/stream/client.ts';
import type { StreamHub } from '../src/features/stream/hub.ts';
import type { Principal } from '../src/http/index.ts';
import { newId } from '../src/platform/index.ts';

/** What the hub sends. */
export interface Message {
  seq: number;
  at: string;
  topic?: string;
  type: string;
  // The tests look into messages of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  data?: any;
  topics?: string[];
  resumed?: boolean;
  code?: string;
}

/** A socket that keeps what it was given, and is as slow as a test wants it. */
export class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: Message[] = [];
  pings = 0;
  terminated = false;
  closed: { code: number; reason: string } | undefined;
  send(bytes: Buffer): void {
    this.sent.push(JSON.parse(String(bytes)) as Message);
  }
  ping(): void {
    this.pings++;
  }
  terminate(): void {
    this.terminated = true;
  }
  close(code: number, reason: string): void {
    this.closed = { code, reason };
    this.readyState = 3;
    this.emit('close');
  }
  /** What the client at the other end says. */
  says(message: unknown): void {
    this.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), false);
  }
  get types(): string[] {
    return this.sent.map((message) =>
      message.topic === undefined ? message.type : `${message.topic} ${message.type}`,
    );
  }
}

/** Somebody of a role at the stream: unless said otherwise a supervisor who reaches everything. */
export function connectTo(
  hub: StreamHub,
  { tenantId, now }: { tenantId: TenantId; now: () => number },
  {
    role = 'supervisor',
    userId = newId(),
    scope,
  }: { role?: FixedRole | undefined; userId?: string | undefined; scope?: Principal['scope'] } = {},
): { socket: FakeSocket; client: StreamClient } {
  const principal: Principal = {
    ...{ kind: 'user', tenantId, userId: userId as UserId, role, customRole: null, held: heldBy(role) },
    ...{ agentId: role === 'agent' ? (userId as AgentId) : null, scopes: null, scope },
    ...{ credentialId: 'x', expiresAt: null },
  };
  const socket = new FakeSocket();
  return {
    socket,
    client: new StreamClient(socket as unknown as WebSocket, hub, principal, {
      now,
      gather: () => undefined,
    }),
  };
}
