import type { PhoneCall } from '@crosspoint/sim/phones';
import type { Browser } from 'playwright-core';
import { AgentDesk, deskToneHz, launchPhoneChromium } from '../browser/index.ts';
import { callerToneHz, type World } from '../world.ts';

interface DeskCall {
  desk: AgentDesk;
  customer: PhoneCall;
}

/** Longer than Chromium conceals the end of a stream. */
const heardMs = 700;

/** Agents at the desk in a browser, each talking with a caller of a queue of their own. */
export class Desks {
  readonly #browser: Browser;
  readonly #calls: readonly DeskCall[];

  private constructor(browser: Browser, calls: readonly DeskCall[]) {
    this.#browser = browser;
    this.#calls = calls;
  }

  static async open(world: World, count: number): Promise<Desks> {
    const browser = await launchPhoneChromium();
    const calls: DeskCall[] = [];
    for (let index = 0; index < count; index++) {
      const scene = await world.scene({ staffed: false });
      const desk = await AgentDesk.open(browser, world.product, scene.agent(1));
      await desk.switchOn();
      await desk.page.getByRole('radio', { name: 'Available' }).click();
      const customer = await (await scene.caller()).call(scene.number);
      await desk.button('Answer').click();
      await customer.answered();
      calls.push({ desk, customer });
    }
    return new Desks(browser, calls);
  }

  get customers(): readonly PhoneCall[] {
    return this.#calls.map(({ customer }) => customer);
  }

  /** Both ends of each hear each other, and the page is back and shows the call. */
  async check(): Promise<void> {
    for (const { desk, customer } of this.#calls) {
      await Promise.all([
        desk.hears(callerToneHz, { forMs: heardMs }),
        customer.sound.ear.hears(deskToneHz, { forMs: heardMs }),
      ]);
      await desk.ready();
      await desk.button('Hang up').waitFor();
    }
  }

  /** The first hangs up at the desk, the others at the telephone. */
  async close(): Promise<void> {
    for (const [index, { desk, customer }] of this.#calls.entries()) {
      if (index === 0) await desk.button('Hang up').click();
      else customer.hangUp();
      await customer.ended();
    }
    await this.#browser.close();
  }
}
