import { EventEmitter } from 'node:events';

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
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Message);
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
