export { ConsoleWindow, launchChromium, type WindowOptions } from './chromium.ts';
