export { ConsoleWindow, launchChromium, type WindowOptions } from './chromium.ts';
export { BrowserPhone, type BrowserPhoneOptions, launchPhoneChromium } from './phone.ts';
