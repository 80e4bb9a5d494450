import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Product } from '../product/index.ts';
import { until } from '../wait.ts';
import { bundleForPage } from './bundle.ts';
import { type ChromiumProgram, chromiumPrograms } from './chromium.ts';
import { type HeardTone, steadyTone } from './steady-tone.ts';

const flags = [
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  // Everything here talks over the loopback interface, which Chromium else leaves out of ICE.
  '--allow-loopback-in-peer-connection',
  // The page is served by the test, which Chromium takes for a public site that must not reach into a local network.
  '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
];

/** Chromium for calls: it has a microphone and finds its way over the loopback interface. */
export function launchPhoneChromium(program: ChromiumProgram = 'shell'): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPrograms[program], args: flags, chromiumSandbox: false });
}

interface PagePhone {
  state: { registered: boolean; connected?: boolean; accepted?: boolean; incoming?: unknown; ended?: string };
  start(options: { uri: string; password: string; server: string; toneHz: number }): Promise<void>;
  call(target: string): void;
  answer(): void;
  hold(): boolean;
  unhold(): boolean;
  restartIce(): Promise<boolean>;
  serverPort(): Promise<number | undefined>;
  hangUp(): void;
  press(digit: string): void;
  hears(): HeardTone;
  codec(): Promise<string | undefined>;
}
declare const phone: PagePhone;

export type BrowserPhoneOptions = {
  username: string;
  /** Without one the phone does not register. */
  password?: string;
  /** What it says. */
  toneHz: number;
};

/** A telephone in a page of a real browser: JsSIP and the WebRTC of Chromium. */
export class BrowserPhone {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #product: Product;

  private constructor(product: Product, context: BrowserContext, page: Page) {
    this.#product = product;
    this.#context = context;
    this.page = page;
  }

  static async open(browser: Browser, product: Product, options: BrowserPhoneOptions): Promise<BrowserPhone> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const url = `${product.httpUrl}/browser-phone-of-the-tests`;
    // A page of the product's own origin, because no other one may open its SIP socket.
    await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    await page.goto(url);
    await page.addScriptTag({ content: bundleForPage('jssip', 'JsSIP') });
    await page.addScriptTag({ content: readFileSync(join(import.meta.dirname, 'phone-page.js'), 'utf8') });
    const { username, password = '', toneHz } = options;
    const server = `${product.httpUrl.replace('http', 'ws')}/sip`;
    const uri = `sip:${username}@${product.sip.address}`;
    await page.evaluate((start) => phone.start(start), { uri, password, server, toneHz });
    const self = new BrowserPhone(product, context, page);
    await self.#becomes('registered', () => password === '' || self.#state('registered'));
    await self.#becomes('connected', () => self.#state('connected'));
    return self;
  }

  async call(number: string): Promise<void> {
    await this.page.evaluate((target) => phone.call(target), `sip:${number}@${this.#product.sip.address}`);
  }

  /** Waits until it rings, and answers. */
  async answer(): Promise<void> {
    await this.#becomes('called', () => this.page.evaluate(() => phone.state.incoming !== undefined));
    await this.page.evaluate(() => phone.answer());
  }

  answered(): Promise<void> {
    return this.#becomes('in a call', () => this.#state('accepted'));
  }

  async ended(): Promise<string> {
    await this.#becomes('out of the call', () => this.#state('ended'));
    return this.page.evaluate(() => phone.state.ended ?? '');
  }

  async hold(): Promise<void> {
    await this.page.evaluate(() => phone.hold());
  }
  async resume(): Promise<void> {
    await this.page.evaluate(() => phone.unhold());
  }
  /** Looks for another path, as browsers do after a change of the network. */
  async restartIce(): Promise<void> {
    const isAnswered = await this.page.evaluate(() => phone.restartIce());
    if (!isAnswered) throw new Error('the browser phone could not offer another path');
  }

  /** The port of the server at which its sound goes in. */
  serverPort(): Promise<number | undefined> {
    return this.page.evaluate(() => phone.serverPort());
  }

  async hangUp(): Promise<void> {
    await this.page.evaluate(() => phone.hangUp());
  }
  async press(digit: string): Promise<void> {
    await this.page.evaluate((key) => phone.press(key), digit);
  }

  /** Resolves once the strongest frequency heard is this one, for `forMs` at least. */
  hears(hz: number, { forMs }: { forMs?: number } = {}): Promise<void> {
    return steadyTone('the browser phone', hz, () => this.page.evaluate(() => phone.hears()), forMs);
  }

  /** The MIME type of what is received. */
  codec(): Promise<string | undefined> {
    return this.page.evaluate(() => phone.codec());
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  #state(name: keyof PagePhone['state']): Promise<boolean> {
    return this.page.evaluate((key) => Boolean(phone.state[key]), name);
  }

  async #becomes(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    let seen: unknown;
    await until(
      `the browser phone to be ${what}`,
      async () => {
        const isTrue = await condition();
        if (!isTrue) seen = await this.page.evaluate(() => phone.state.ended);
        return isTrue;
      },
      { seen: () => seen },
    );
  }
}
