import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformError } from './errors.ts';
import { explainPortError, findPortHolder } from './ports.ts';

let server: Server;
let socket: Socket;
let tcpPort: number;
let udpPort: number;

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  tcpPort = (server.address() as { port: number }).port;
  socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  udpPort = socket.address().port;
});
afterAll(() => {
  server.close();
  socket.close();
});

async function listenError(port: number, host = '127.0.0.1'): Promise<unknown> {
  const second = createServer();
  const failed = once(second, 'error');
  second.listen(port, host);
  const [error] = (await failed) as [unknown];
  return error;
}

const use = (port: number) => ({
  host: '127.0.0.1',
  port,
  protocol: 'tcp' as const,
  setting: 'CROSSPOINT_HTTP_PORT',
  purpose: 'console and API',
});

describe('ports', () => {
  it('[OPS-05] finds the process that holds a TCP or UDP port', () => {
    expect(findPortHolder(tcpPort, 'tcp')).toMatchObject({ pid: process.pid });
    expect(findPortHolder(udpPort, 'udp')).toMatchObject({ pid: process.pid });
    expect(findPortHolder(tcpPort, 'udp')).toBeUndefined();
  });

  it('[OPS-01] names port, process and setting when a port is taken', async () => {
    const error = explainPortError(await listenError(tcpPort), use(tcpPort)) as PlatformError;
    expect(error).toBeInstanceOf(PlatformError);
    expect(error.code).toBe('port-in-use');
    expect(error.message).toContain(`TCP port ${tcpPort} on 127.0.0.1, needed for console and API`);
    expect(error.message).toContain(`process ${process.pid}`);
    expect(error.remedy).toContain('CROSSPOINT_HTTP_PORT');
  });

  it('[OPS-01] names the setting of the address when it is not one of this machine', async () => {
    const error = explainPortError(await listenError(0, '192.0.2.1'), { ...use(0), host: '192.0.2.1' });
    expect(error).toMatchObject({
      code: 'address-not-available',
      remedy: expect.stringContaining('CROSSPOINT_HTTP_HOST'),
    });
  });

  it('[OPS-01] explains a port that the account may not open', () => {
    const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
    expect(explainPortError(denied, use(80))).toMatchObject({ code: 'port-not-allowed' });
  });

  it('[OPS-01] leaves other errors alone', () => {
    const other = new Error('something else');
    expect(explainPortError(other, use(1))).toBe(other);
  });
});
