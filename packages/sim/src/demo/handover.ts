import type { ServerAddress } from '../phones/index.ts';

/**
 * What the server tells the demo process: one line of JSON on its standard input. The pipe stays open as long as the
 * server lives; its end is the order to stop.
 */
export type Handover = {
  /** Where API and console are, such as `http://127.0.0.1:8080`. */
  baseUrl: string;
  sip: ServerAddress;
  /** May read and write the configuration, read reason codes and contacts, and follow the stream. */
  apiKey: string;
  /** A folder of the demo's own, where it keeps the secret of its phones. */
  stateDir: string;
};

/** Reads the line; throws an error that names the field that is missing or of the wrong type. */
export function parseHandover(line: string): Handover {
  const value: unknown = JSON.parse(line);
  const sip = field(value, 'sip');
  return {
    baseUrl: text(value, 'baseUrl'),
    apiKey: text(value, 'apiKey'),
    stateDir: text(value, 'stateDir'),
    sip: { address: text(sip, 'address'), port: number(sip, 'port') },
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== 'string' || found === '')
    throw new TypeError(`${name}: a text, not ${JSON.stringify(found)}`);
  return found;
}

function number(value: unknown, name: string): number {
  const found = field(value, name);
  if (typeof found !== 'number') throw new TypeError(`${name}: a number, not ${JSON.stringify(found)}`);
  return found;
}
