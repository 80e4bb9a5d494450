import { expect, test } from 'vitest';
import { BrowserPhone, launchPhoneChromium, until, useWorld } from '../src/index.ts';

const world = useWorld();

test('[AVL-01] a page that hangs is no telephone any more, though its connection stands, and is one again when it goes on', async () => {
  const scene = await world().scene({ staffed: false });
  const { username, sipPassword } = scene.agent(1);
  await world().api.setStatus(username, 'available');
  const browser = await launchPhoneChromium();
  try {
    const options = { username, password: sipPassword, toneHz: 1_000 };
    const phone = await BrowserPhone.open(browser, world().product, options);
    const agentIs = (ready: boolean) =>
      until(`${username} to be ${ready ? 'ready' : 'unreachable'}`, async () => {
        const live = await world().api.liveAgent(username);
        return live.readiness.ready === ready && live;
      });
    await agentIs(true);
    // A page whose scripts stand still: the browser itself goes on answering the pings of the connection.
    const debuggerOfPage = await phone.page.context().newCDPSession(phone.page);
    await debuggerOfPage.send('Debugger.enable');
    await debuggerOfPage.send('Debugger.pause');
    const { readiness, devices } = await agentIs(false);
    expect(readiness.reason).toBe('device-unreachable');
    expect(devices).toMatchObject([{ kind: 'browser', reachable: false, reason: 'not-answering' }]);
    await debuggerOfPage.send('Debugger.resume');
    await debuggerOfPage.send('Debugger.disable');
    await agentIs(true);
  } finally {
    await browser.close();
  }
});
