import { SegmentInput } from '@crosspoint/contracts';
import { SegmentBook } from '@crosspoint/core';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';

/** A stored segment in the form of the API. */
export function segmentOf({ name, settings }: NamedRow) {
  return SegmentInput.parse({ ...(settings as object), name });
}

/** Every segment of the transaction's tenant, ready to be asked. */
export async function readSegments(transaction: DatabaseTransaction): Promise<SegmentBook> {
  return new SegmentBook((await allNamed(transaction, 'segments')).map(segmentOf));
}

export async function segmentNames(transaction: DatabaseTransaction): Promise<ReadonlySet<string>> {
  const rows = await transaction.selectFrom('segments').select('name').execute();
  return new Set(rows.map(({ name }) => name));
}
