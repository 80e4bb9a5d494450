import { randomBytes } from 'node:crypto';

const random = { pool: Buffer.alloc(0), offset: 0 };
/** Unforeseeable 32 bits from a pool, because one system call per branch and tag would cost more than the parsing. */
export function random32(): number {
  if (random.offset + 4 > random.pool.length) {
    random.pool = randomBytes(4096);
    random.offset = 0;
  }
  const value = random.pool.readUInt32LE(random.offset);
  random.offset += 4;
  return value;
}
