import { patienceMs } from '@crosspoint/sim/phones';
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
import { ApiClient } from '../api/index.ts';
import { adminPassword, type Product } from '../product/index.ts';
import { until } from '../wait.ts';

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Sound is measured at the phones; here it only has to run without a device.
  '--autoplay-policy=no-user-gesture-required',
];

/** A page that has asked for nothing for so long has all it wants. */
const quietMs = 150;

/** Where the product is for a window: at its own address, or behind a line. */
export type Reached = Pick<Product, 'httpUrl'>;
export type WindowOptions = { width?: number; height?: number; theme?: 'light' | 'dark'; language?: string };

/**
 * Chromium without anything around its pages, which starts and paints for half the processor time; and the whole of it, for what
 * its own surface has a part in: lists that open, and who may use the microphone.
 */
export const chromiumPrograms = {
  shell: '/usr/bin/chromium-headless-shell',
  whole: '/usr/bin/chromium',
} as const;
export type ChromiumProgram = keyof typeof chromiumPrograms;

/** Starts Debian's Chromium without a window; each start has a fresh profile. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPrograms.shell, args: flags, chromiumSandbox: false });
}

/** One person at the console: a browser window, what went wrong in it, and where it sent requests. */
export class ConsoleWindow {
  readonly page: Page;
  /** Uncaught exceptions and messages of level error. */
  readonly errors: string[] = [];
  readonly #product: Reached;
  readonly #context: BrowserContext;
  readonly #requests = new Set<Request>();
  #lastRequestAtMs = 0;

  private constructor(product: Reached, context: BrowserContext, page: Page) {
    this.#product = product;
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${message.text()} ${message.location().url}`);
    });
    page.on('request', (request) => {
      this.#requests.add(request);
      const url = new URL(request.url());
      const isOwn = url.protocol === 'data:' || url.protocol === 'blob:' || url.origin === product.httpUrl;
      if (!isOwn) this.errors.push(`A request went to ${url.origin}`);
    });
    const over = (request: Request) => {
      this.#requests.delete(request);
      this.#lastRequestAtMs = performance.now();
    };
    page.on('requestfinished', over);
    page.on('requestfailed', over);
  }

  static async open(browser: Browser, product: Reached, options: WindowOptions = {}): Promise<ConsoleWindow> {
    const { width = 1280, height = 800, theme = 'light', language = 'en' } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale: language,
      timezoneId: 'Europe/Prague',
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(patienceMs);
    return new ConsoleWindow(product, context, await context.newPage());
  }

  /** Opens a path of the console. */
  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.#product.httpUrl}${path}`);
  }

  /** Goes to a path as by a link on the page that is open, which loads nothing anew that both have. */
  async follow(path: string): Promise<void> {
    await this.page.evaluate((to) => {
      const link = document.createElement('a');
      link.href = to;
      document.body.append(link);
      link.click();
      link.remove();
    }, path);
    await this.page.waitForURL(`${this.#product.httpUrl}${path}`);
  }

  /** Waits until everything that the page asked for is there and shown. */
  async settled(): Promise<void> {
    const isQuiet = () => this.#requests.size === 0 && performance.now() - this.#lastRequestAtMs >= quietMs;
    // What comes over the stream is no request; until it is there, its place is marked.
    const isShown = async () => isQuiet() && (await this.page.locator('.skeleton').count()) === 0;
    await until('the page to have what it asks for', isShown, {
      everyMs: 50,
      seen: () => Array.from(this.#requests, (request) => request.url()),
    });
  }

  /** Signs in on the login page as a person does, in whatever language it is. */
  async login(username = 'admin', password = adminPassword): Promise<void> {
    await this.goTo('/login');
    await this.page.locator('input[name=username]').fill(username);
    await this.page.locator('input[name=password]').fill(password);
    await this.page.locator('button[type=submit]').click();
    await this.page.waitForURL((url) => url.pathname !== '/login');
  }

  /**
   * Signs in at the beginning, without the login page and the one behind it, which take seconds of the processor: the next page
   * is that of the user.
   */
  async signIn(username = 'admin', password = adminPassword): Promise<void> {
    const { origin, hostname: domain } = new URL(this.#product.httpUrl);
    const { cookie } = await ApiClient.login(origin, username, password);
    const cookies = cookie.split('; ').map((pair) => {
      const [name = '', ...value] = pair.split('=');
      const scope = { domain, path: '/', expires: -1, httpOnly: true, secure: false };
      return { name, value: value.join('='), ...scope, sameSite: 'Strict' as const };
    });
    // The console asks who somebody is only where this mark says that somebody was here.
    const localStorage = [{ name: 'crosspoint.session', value: 'yes' }];
    await this.#context.setStorageState({ cookies, origins: [{ origin, localStorage }] });
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
