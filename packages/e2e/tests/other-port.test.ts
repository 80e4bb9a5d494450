import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { patienceMs, within } from '@crosspoint/sim/phones';
import { expect, onTestFinished, test } from 'vitest';
import { useWorld } from '../src/index.ts';

const world = useWorld();

async function socketOf(heard: string[]): Promise<Socket> {
  const socket = createSocket('udp4');
  onTestFinished(() => {
    socket.close();
  });
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Waits until something that was heard matches, and returns it. */
async function found(heard: readonly string[], socket: Socket, pattern: RegExp): Promise<string> {
  for (;;) {
    const text = heard.find((each) => pattern.test(each));
    if (text !== undefined) return text;
    await within(`${pattern} at a telephone with two ports`, patienceMs, once(socket, 'message'));
  }
}

test('[CAR-01] [RFC3261 §12.2.1.1] a telephone that listens at another port than it sends from hears the end of its call there', async () => {
  const scene = await world().scene({ staffed: false });
  const { sip } = world().product;
  const [sent, listened]: [string[], string[]] = [[], []];
  const [sender, listener] = [await socketOf(sent), await socketOf(listened)];
  const own = listener.address().port;
  const tag = `t${performance.now()}`;
  const request = (method: string, uri: string, to: string, body: string): string =>
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${own};rport;branch=z9hG4bK${method}${tag}`,
      'Max-Forwards: 70',
      `From: <sip:+420777000555@127.0.0.1>;tag=${tag}`,
      `To: ${to}`,
      `Call-ID: ${tag}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:+420777000555@127.0.0.1:${own}>`,
      'Content-Type: application/sdp',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  const say = (text: string): void => void sender.send(text, sip.port, sip.address);
  const target = `sip:${scene.number}@${sip.address}:${sip.port}`;
  const offer = [
    ...[
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      'm=audio 4000 RTP/AVP 8',
      '',
    ],
  ].join('\r\n');
  say(request('INVITE', target, `<${target}>`, offer));
  // RFC 3581: what answers goes back to where it was asked.
  const answer = await found(sent, sender, /^SIP\/2\.0 200 /);
  const to = /^To: (.*)$/im.exec(answer)?.[1]?.trim() ?? '';
  const contact = /^Contact: <([^>]*)>/im.exec(answer)?.[1] ?? target;
  say(request('ACK', contact, to, ''));
  const [call] = await world().api.calls();
  await world().api.request('POST', `/calls/${call?.id}/hangup`, {});
  const bye = await found(listened, listener, /^BYE /);
  expect(bye).toContain(`Call-ID: ${tag}`);
  expect(sent.some((text) => text.startsWith('BYE '))).toBe(false);
});
