import { chmodSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LineReader, LineWriter } from '../lines.ts';
import {
  type HelloParams,
  type HelloResult,
  type MediaErrorBody,
  type MediaEvent,
  type MediaEventBody,
  type MediaMethod,
  type MediaReply,
  mediaFrameBytesMax,
  mediaProtocolVersion,
} from '../protocol.ts';
import { checkParams, isMethod } from './checks.ts';
import { CommandError } from './errors.ts';

/** Events kept for a control process that was away. */
const eventsKeptMax = 1000;
/** A control process that does not read for so long is cut off; it may come back and ask for what it missed. */
const outputWaitingBytesMax = 16 * 1024 * 1024;
/** Sound for a control process that does not keep up is left out long before that. */
const soundWaitingBytesMax = 1024 * 1024;
/** Each call brings three events that nobody waits for, and each of them would wake the control process. */
const unhurriedMs = 100;
/** Not kept for a control process that was away: the next one tells as much. */
const periodicEvents: readonly string[] = ['leg-stats', 'recording-progress', 'sound-heard'];

export type CommandHandler = (method: MediaMethod, params: unknown) => Promise<unknown>;

/**
 * The control socket: one controller at a time, requests in, replies and events out. It never touches sound, and
 * its loss changes nothing for the calls.
 */
export class ControlServer {
  readonly #handle: CommandHandler;
  readonly #log: (message: string) => void;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, LineWriter>();
  readonly #kept: MediaEvent[] = [];
  #controller: Socket | undefined;
  /** Monotonic instant at which the last controller left; undefined while there is one. */
  aloneSinceMs: number | undefined;
  #sequence = 0;

  constructor(handle: CommandHandler, log: (message: string) => void) {
    this.#handle = handle;
    this.#log = log;
    this.aloneSinceMs = performance.now();
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get lastSequence(): number {
    return this.#sequence;
  }

  /** Listens on a unix socket that only this user may enter. Rejects when another process answers there. */
  async listen(path: string): Promise<void> {
    await removeStaleSocket(path);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      // The mode must be right from the first instant, not from a chmod afterwards.
      const mask = process.umask(0o177);
      this.#server.listen(path, () => {
        chmodSync(path, 0o600);
        resolve();
      });
      process.umask(mask);
    });
  }

  emit(body: MediaEventBody): void {
    if (body.event === 'sound-heard' && !this.#keepsUp) return;
    const event: MediaEvent = { sequence: ++this.#sequence, ...body };
    if (!periodicEvents.includes(body.event)) {
      this.#kept.push(event);
      if (this.#kept.length > eventsKeptMax) this.#kept.shift();
    }
    if (this.#controller !== undefined) this.#write(this.#controller, event, patienceOf(body));
  }

  get #keepsUp(): boolean {
    const writer = this.#controller === undefined ? undefined : this.#sockets.get(this.#controller);
    return writer !== undefined && writer.waitingLength < soundWaitingBytesMax;
  }

  /** Stops listening and ends every connection once its output has left. */
  close(): void {
    this.#server.close();
    for (const [socket, writer] of this.#sockets) {
      writer.flush();
      socket.end();
    }
  }

  #accept(socket: Socket): void {
    this.#sockets.set(socket, new LineWriter(socket));
    const lines = new LineReader(mediaFrameBytesMax);
    socket.on('data', (chunk) => {
      const problem = lines.push(chunk, (line) => this.#receive(socket, line));
      if (problem !== undefined) socket.destroy(new Error(problem));
    });
    socket.on('error', (error) => this.#log(`control connection: ${error.message}`));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#controller !== socket) return;
      this.#leave();
      this.#log('the control process has left; calls go on');
    });
  }

  #receive(socket: Socket, line: string): void {
    let id = 0;
    try {
      const frame = JSON.parse(line) as { id?: unknown; method?: unknown; params?: unknown } | null;
      if (frame !== null && frame.id === undefined && isMethod(frame.method) && frame.method !== 'hello') {
        this.#obey(socket, frame.method, frame.params);
        return;
      }
      if (typeof frame?.id !== 'number') throw new CommandError('invalid-request', 'id: a number is wanted');
      id = frame.id;
      if (!isMethod(frame.method)) {
        throw new CommandError(
          'unknown-method',
          `method: ${String(frame.method)} is unknown; compare the versions`,
        );
      }
      const params = checkParams(frame.method, frame.params);
      if (frame.method === 'hello') this.#introduce(socket, params as HelloParams);
      else if (socket !== this.#controller) {
        throw new CommandError(
          'not-introduced',
          'this connection must say hello first, or another one has taken over',
        );
      }
      this.#answer(socket, id, frame.method, params);
    } catch (error) {
      this.#write(socket, { id, ok: false, error: this.#errorBody(error) });
    }
  }

  /** A command that is not answered. One from a connection that lost control is dropped. */
  #obey(socket: Socket, method: MediaMethod, params: unknown): void {
    if (socket !== this.#controller) return;
    const fail = (error: unknown): void => {
      const legId = (params as { legId?: unknown } | undefined)?.legId;
      const name = typeof legId === 'string' ? legId : null;
      this.emit({ event: 'command-failed', method, legId: name, error: this.#errorBody(error) });
    };
    try {
      this.#handle(method, checkParams(method, params)).catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  #leave(): void {
    this.#controller = undefined;
    this.aloneSinceMs = performance.now();
  }

  #answer(socket: Socket, id: number, method: MediaMethod, params: unknown): void {
    this.#handle(method, params).then(
      (result) => {
        this.#write(socket, { id, ok: true, result });
        if (method === 'hello') {
          const { resumeAfterSequence } = params as HelloParams;
          this.#takeControl(socket, resumeAfterSequence ?? (result as HelloResult).lastSequence);
        }
      },
      (error: unknown) => this.#write(socket, { id, ok: false, error: this.#errorBody(error) }),
    );
  }

  #introduce(socket: Socket, params: HelloParams): void {
    if (params.protocolVersion !== mediaProtocolVersion) {
      const message = `protocolVersion: this process speaks ${mediaProtocolVersion}, not ${params.protocolVersion}; start both from the same release`;
      throw new CommandError('protocol-version', message);
    }
    const former = this.#controller;
    if (former === socket)
      throw new CommandError('invalid-request', 'hello was said on this connection already');
    this.#leave();
    if (former !== undefined) {
      this.#write(former, { sequence: this.#sequence, event: 'superseded', client: params.client });
      this.#sockets.get(former)?.flush();
      former.end();
    }
    this.#log(`controlled by ${params.client}`);
  }

  /** Events begin after the reply to hello, because the reply lists the state that they change. */
  #takeControl(socket: Socket, afterSequence: number): void {
    if (socket.destroyed) return;
    this.#controller = socket;
    this.aloneSinceMs = undefined;
    for (const event of this.#kept) if (event.sequence > afterSequence) this.#write(socket, event);
  }

  #write(socket: Socket, frame: MediaReply | MediaEvent, patienceMs = 0): void {
    const writer = this.#sockets.get(socket);
    if (socket.destroyed || writer === undefined) return;
    writer.write(JSON.stringify(frame), patienceMs);
    if (writer.waitingLength > outputWaitingBytesMax) {
      socket.destroy(new Error(`${outputWaitingBytesMax} bytes wait to be read; connection cut`));
    }
  }

  #errorBody(error: unknown): MediaErrorBody {
    if (error instanceof CommandError) return error.body;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log(`internal error: ${detail}`);
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
}

/** How long an event may wait for others, in milliseconds: nobody waits for what tells of the past, or follows from a command. */
function patienceOf(body: MediaEventBody): number {
  switch (body.event) {
    case 'leg-stats':
    case 'recording-progress':
    case 'rtp-started':
      return unhurriedMs;
    case 'play-ended':
      return body.reason === 'finished' ? 0 : unhurriedMs;
    case 'command-failed':
      return body.error.code === 'overtaken' ? unhurriedMs : 0;
    default:
      return 0;
  }
}

/** Removes the socket file that a killed process left; rejects when somebody still answers on it. */
async function removeStaleSocket(path: string): Promise<void> {
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (isAlive) throw new Error(`another media process answers on ${path}; adopt it or stop it first`);
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
