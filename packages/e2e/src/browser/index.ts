export { ConsoleWindow, launchChromium, type WindowOptions } from './chromium.ts';
export { CuttableLine } from './cuttable-line.ts';
export { AgentDesk, deskToneHz } from './desk.ts';
export { layoutFaults } from './layout.ts';
export { BrowserPhone, type BrowserPhoneOptions, launchPhoneChromium } from './phone.ts';
