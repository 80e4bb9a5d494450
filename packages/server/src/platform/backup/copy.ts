import type { Readable, Writable } from 'node:stream';
import type pg from 'pg';

/** What a pg connection offers to a query that copies (node-postgres, lib/connection.js). */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
  readonly stream: Writable & Readable;
}

/** The hooks that node-postgres calls on the query which is being answered. */
abstract class CopyQuery {
  readonly #text: string;
  readonly #settle: (error: Error | undefined) => void;
  #rows = 0;
  #failure: Error | undefined;

  constructor(text: string, settle: (error: Error | undefined) => void) {
    this.#text = text;
    this.#settle = settle;
  }

  /** Rows copied, known at the end. */
  get rows(): number {
    return this.#rows;
  }

  submit(connection: CopyConnection): void {
    connection.query(this.#text);
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = Number(/^COPY (\d+)/.exec(message.text)?.[1] ?? 0);
  }

  handleError(error: Error): void {
    this.#failure = error;
    // After an error the server says ReadyForQuery; a broken connection never will.
    if (!('severity' in error)) this.#settle(error);
  }

  handleReadyForQuery(): void {
    this.#settle(this.#failure);
  }

  protected fail(error: Error): void {
    this.#failure ??= error;
  }
}

class CopyToStream extends CopyQuery {
  readonly #target: Writable;
  #connection: CopyConnection | undefined;
  #isPaused = false;

  constructor(text: string, target: Writable, settle: (error: Error | undefined) => void) {
    super(text, settle);
    this.#target = target;
  }

  override submit(connection: CopyConnection): void {
    this.#connection = connection;
    super.submit(connection);
  }

  handleCopyData(message: { chunk: Buffer }): void {
    // The chunk is a view of the connection's own buffer, which the next packet overwrites.
    if (this.#target.write(Buffer.from(message.chunk)) || this.#isPaused) return;
    this.#isPaused = true;
    this.#connection?.stream.pause();
    this.#target.once('drain', () => this.#resume());
  }

  override handleReadyForQuery(): void {
    // What arrived together with the end has been written; a target that is ended now says no "drain" any more.
    this.#resume();
    super.handleReadyForQuery();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection?.stream.resume();
  }
}

class CopyFromStream extends CopyQuery {
  readonly #source: Readable;

  constructor(text: string, source: Readable, settle: (error: Error | undefined) => void) {
    super(text, settle);
    this.#source = source;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    void this.#send(connection);
  }

  async #send(connection: CopyConnection): Promise<void> {
    try {
      for await (const chunk of this.#source) {
        connection.sendCopyFromChunk(chunk as Buffer);
        if (connection.stream.writableNeedDrain) await drained(connection.stream);
      }
      connection.endCopyFrom();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.fail(failure);
      connection.sendCopyFail(failure.message);
    }
  }
}

/** Resolves when more can be written, or the connection has closed (its error reaches the query). */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
  });
}

function run(
  client: pg.Client,
  make: (settle: (error: Error | undefined) => void) => CopyQuery,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const query = make((error) => (error === undefined ? resolve(query.rows) : reject(error)));
    // The published types know only one half of the connection that pg really hands to `submit`.
    client.query(query as unknown as pg.Submittable);
  });
}

/** Runs `COPY … TO STDOUT` into a stream, which is left open. @returns the number of rows. */
export function copyTo(client: pg.Client, text: string, target: Writable): Promise<number> {
  return run(client, (settle) => new CopyToStream(text, target, settle));
}

/** Runs `COPY … FROM STDIN` with everything of a stream. @returns the number of rows. */
export function copyFrom(client: pg.Client, text: string, source: Readable): Promise<number> {
  return run(client, (settle) => new CopyFromStream(text, source, settle));
}
