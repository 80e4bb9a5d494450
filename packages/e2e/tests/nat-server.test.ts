import { afterAll, onTestFinished, test } from 'vitest';
import {
  BaresipPhone,
  freeUdpPort,
  NatNetwork,
  secondsOf,
  soundings,
  until,
  useWorld,
} from '../src/index.ts';

const internet = NatNetwork.make('server');
const sipPort = await freeUdpPort();
const rtpPorts = { min: 27_000, max: 27_199 };
const world = useWorld({
  env: {
    CROSSPOINT_SIP_HOST: '0.0.0.0',
    CROSSPOINT_SIP_PORT: String(sipPort),
    CROSSPOINT_RTP_PORT_MIN: String(rtpPorts.min),
    CROSSPOINT_RTP_PORT_MAX: String(rtpPorts.max),
    ...(internet === undefined ? {} : { CROSSPOINT_PUBLIC_ADDRESS: internet.serverAddress }),
  },
});
const outsideToneHz = 700;
afterAll(() => internet?.remove());

const heardSeconds = (samples: Float32Array) =>
  secondsOf(outsideToneHz, soundings(samples, 8_000, [outsideToneHz]));

test('[CAR-01] a server behind a router, with the public address that it was told: a telephone of the internet is rung, calls, hears and is heard', async ({
  annotate,
}) => {
  if (internet === undefined) {
    await annotate('no network could be made here: a public address was not tried', 'warning');
    return;
  }
  for (const ports of [`${sipPort}`, `${rtpPorts.min}:${rtpPorts.max}`]) internet.publish(ports);
  const scene = await world().scene({ staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const { username, sipPassword: password } = scene.agent(1);
  const common = { home: internet, server: world().product.sip, toneHz: outsideToneHz };
  const desk = await BaresipPhone.start({ username, password, ...common });
  onTestFinished(() => desk.stop());
  await world().api.setStatus(username, 'available');
  await scene.agentIs(scene.agent(1), 'ready', ({ readiness }) => readiness.ready);
  const caller = await BaresipPhone.start({
    ...common,
    username: '+420777222112',
    password: '',
    register: false,
  });
  onTestFinished(() => caller.stop());
  await caller.dial(scene.number);
  await caller.event('CALL_ESTABLISHED');
  await desk.event('CALL_INCOMING');
  await desk.accept();
  await desk.event('CALL_ESTABLISHED');
  await scene.agentIs(scene.agent(1), 'on contact', ({ activity }) => activity === 'on-contact');
  await until('both to hear each other', () =>
    [desk, caller].every((phone) => heardSeconds(phone.heardSoFar()) > 0.5),
  );
  // A re-INVITE finds its way, too.
  await desk.hold();
  await scene.agentIs(scene.agent(1), 'holding', ({ activity }) => activity === 'hold');
  await desk.resume();
  await scene.agentIs(scene.agent(1), 'on contact again', ({ activity }) => activity === 'on-contact');
  await desk.hangUp();
  await desk.event('CALL_CLOSED');
  await caller.event('CALL_CLOSED');
});
