import { z } from 'zod';
import { TimeZone } from './instants.ts';

/** What holds for the whole centre. */
export const CentreSettings = z
  .strictObject({
    /** Where its day begins: figures of today count from midnight there. */
    timeZone: TimeZone,
  })
  .meta({ id: 'CentreSettings' });
export type CentreSettings = z.infer<typeof CentreSettings>;
