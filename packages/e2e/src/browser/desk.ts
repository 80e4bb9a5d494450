import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ConsoleWindow, type Reached } from './chromium.ts';
import { CuttableLine } from './cuttable-line.ts';
import { type HeardTone, steadyTone } from './steady-tone.ts';

declare const deskEar: {
  hears(): HeardTone;
  levels(tones: readonly number[]): number[];
  pullOut(nextToneHz: number): void;
  failConnection(): void;
  settings: { fault: string; toneHz: number; waysLookedFor: number };
};

/** What the microphone of a desk hums. */
export const deskToneHz = 1_000;

/** What the meter of the phones, in dBm0, says more of a tone than the analyser of the page, whose window takes from it. */
const meterOffsetDb = 10;

/** An agent at the desk, in a window of Chromium whose microphone hums a tone. */
export class AgentDesk {
  readonly window: ConsoleWindow;

  private constructor(window: ConsoleWindow) {
    this.window = window;
  }

  /**
   * Signs in and opens the desk. `microphoneFault` is the name of the exception that opening the microphone brings, `toneHz` what
   * it hums otherwise than usual.
   */
  static async open(
    browser: Browser,
    product: Reached,
    agent: { username: string; password: string },
    { microphoneFault, toneHz }: { microphoneFault?: string; toneHz?: number } = {},
  ): Promise<AgentDesk> {
    const window = await ConsoleWindow.open(browser, product);
    const { page } = window;
    if (microphoneFault !== undefined)
      await page.addInitScript(
        (fault) => sessionStorage.setItem('test.microphone.fault', fault),
        microphoneFault,
      );
    if (toneHz !== undefined)
      await page.addInitScript((hz) => sessionStorage.setItem('test.microphone.tone', String(hz)), toneHz);
    if (product instanceof CuttableLine) await product.carrySoundOf(page);
    await page.addInitScript({ content: readFileSync(join(import.meta.dirname, 'desk-page.js'), 'utf8') });
    await window.signIn(agent.username, agent.password);
    await window.goTo('/desk');
    return new AgentDesk(window);
  }

  get page(): Page {
    return this.window.page;
  }

  /** The microphone works from now on, and hums that tone. */
  async allowMicrophone(toneHz = deskToneHz): Promise<void> {
    await this.page.evaluate((hz) => {
      Object.assign(deskEar.settings, { fault: '', toneHz: hz });
      sessionStorage.removeItem('test.microphone.fault');
    }, toneHz);
  }

  /** Pulls the microphone out; another one hums that tone. */
  async pullOutMicrophone(nextToneHz: number): Promise<void> {
    await this.page.evaluate((toneHz) => deskEar.pullOut(toneHz), nextToneHz);
  }

  /** Pulls the microphone out, and there is no other. */
  async loseMicrophone(): Promise<void> {
    await this.page.evaluate(() => {
      deskEar.settings.fault = 'NotFoundError';
      deskEar.pullOut(0);
    });
  }

  /** A microphone is plugged in, which hums that tone. */
  async plugInMicrophone(toneHz: number): Promise<void> {
    await this.allowMicrophone(toneHz);
    await this.page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event('devicechange')));
  }

  /** The sound of the newest call comes through no more, while everything else does. */
  async failConnection(): Promise<void> {
    await this.page.evaluate(() => deskEar.failConnection());
  }

  /** How often it has offered to carry the sound another way. */
  waysLookedFor(): Promise<number> {
    return this.page.evaluate(() => deskEar.settings.waysLookedFor);
  }

  /** Makes this window the telephone. */
  async switchOn(): Promise<void> {
    await this.page.getByRole('button', { name: 'Use this window as phone' }).click();
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.page.getByRole('region', { name: 'Your phone' }).getByText('Ready', { exact: true }).waitFor();
  }

  /** Resolves once the strongest frequency in the telephone is this one, for `forMs` at least. */
  hears(hz: number, { forMs }: { forMs?: number } = {}): Promise<void> {
    return steadyTone('the desk', hz, () => this.page.evaluate(() => deskEar.hears()), forMs);
  }

  /** How loud the telephone plays each of these tones now, in dBm0. */
  async levels(tones: readonly number[]): Promise<number[]> {
    const levels = await this.page.evaluate((asked) => deskEar.levels(asked), tones);
    return levels.map((level) => level + meterOffsetDb);
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }
}
