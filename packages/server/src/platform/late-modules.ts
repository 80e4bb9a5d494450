import { createRequire } from 'node:module';
import type { Metadata, MetadataJson } from 'libphonenumber-js/core';
import type * as PhoneNumbers from 'libphonenumber-js/max';
import type * as Mail from 'nodemailer';
import type * as OneTimePasswords from 'otplib';
import type * as Yaml from 'yaml';

/**
 * Packages that a start can do without: calls are taken up a fifth of a second of processor time sooner after a crash. Each
 * is loaded when it is asked for first, and at once, because its users do not wait.
 */
const load = createRequire(import.meta.url);

type NumberReading = Omit<typeof PhoneNumbers, 'Metadata'>;

/** Reads numbers by the numbering plans of all countries. */
export const phoneNumbers = (): NumberReading => load('libphonenumber-js/max') as NumberReading;
/** The numbering plans themselves, which that module keeps to itself where it is not loaded by `import`. */
export function numberingPlans(): Metadata {
  const core = load('libphonenumber-js/core') as { Metadata: typeof Metadata };
  return new core.Metadata(load('libphonenumber-js/metadata.max.json') as MetadataJson);
}
export const oneTimePasswords = (): typeof OneTimePasswords => load('otplib') as typeof OneTimePasswords;
export const yaml = (): typeof Yaml => load('yaml') as typeof Yaml;
export const nodemailer = (): typeof Mail => load('nodemailer') as typeof Mail;
