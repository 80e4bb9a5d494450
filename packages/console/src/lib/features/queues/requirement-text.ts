import type { Requirement } from '@crosspoint/contracts';

/**
 * A requirement as a person writes it: `billing>=3 and (lang=cs or lang=en) and not trainee`. `and` binds closer than `or`; `&`, `|`
 * and `!` mean the same; a name with other characters stands in double quotes.
 */
export type ParsedRequirement =
  | { ok: true; requirement: Requirement | null }
  /** Where it cannot be read any further, counted from 1. */
  | { ok: false; position: number };

type TokenKind = 'and' | 'or' | 'not' | 'open' | 'close';

const levelMax = 5;
const spaces = /\s*/y;
const symbols: Readonly<Record<string, TokenKind>> = {
  '&': 'and',
  '|': 'or',
  '!': 'not',
  '(': 'open',
  ')': 'close',
};
/** A name, in quotes or of ordinary characters, and what is asked of it. */
const term = /(?:"([^"]+)"|([\p{L}\p{N}_.-]+))(?:\s*(>=|=)\s*([\p{L}\p{N}-]+))?/uy;

export function parseRequirement(text: string): ParsedRequirement {
  const reader = new Reader(text);
  if (reader.isAtEnd()) return { ok: true, requirement: null };
  const requirement = reader.either();
  if (requirement === null || !reader.isAtEnd()) return { ok: false, position: reader.position };
  return { ok: true, requirement };
}

export function requirementText(requirement: Requirement | null): string {
  return requirement === null ? '' : write(requirement, 0);
}

/** `outer` is how close the surrounding operator binds: 0 none, 1 or, 2 and, 3 not. */
function write(requirement: Requirement, outer: number): string {
  if ('skill' in requirement) {
    const name = quoted(requirement.skill);
    return requirement.level > 1 ? `${name}>=${requirement.level}` : name;
  }
  if ('language' in requirement) return `lang=${requirement.language}`;
  if ('not' in requirement) return `not ${write(requirement.not, 3)}`;
  const isAll = 'all' in requirement;
  const parts = isAll ? requirement.all : requirement.any;
  const binds = isAll ? 2 : 1;
  const joined = parts.map((part) => write(part, binds)).join(isAll ? ' and ' : ' or ');
  return outer > binds || (outer === binds && parts.length > 1) ? `(${joined})` : joined;
}

function quoted(name: string): string {
  const isPlain = /^[\p{L}\p{N}_.-]+$/u.test(name) && !/^(and|or|not|lang)$/i.test(name);
  return isPlain ? name : `"${name}"`;
}

class Reader {
  readonly #text: string;
  #at = 0;
  /** The furthest character that was looked at, for the message. */
  position = 1;

  constructor(text: string) {
    this.#text = text;
    this.#skip();
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  either(): Requirement | null {
    return this.#joined('or', () => this.#both());
  }

  #both(): Requirement | null {
    return this.#joined('and', () => this.#single());
  }

  #joined(operator: 'and' | 'or', next: () => Requirement | null): Requirement | null {
    const parts: Requirement[] = [];
    do {
      const part = next();
      if (part === null) return null;
      parts.push(part);
    } while (this.#take(operator));
    const [first] = parts;
    if (first !== undefined && parts.length === 1) return first;
    return operator === 'or' ? { any: parts } : { all: parts };
  }

  #single(): Requirement | null {
    if (this.#take('not')) {
      const inner = this.#single();
      return inner === null ? null : { not: inner };
    }
    if (this.#take('open')) {
      const inner = this.either();
      return inner !== null && this.#take('close') ? inner : null;
    }
    return this.#term();
  }

  #term(): Requirement | null {
    term.lastIndex = this.#at;
    const found = term.exec(this.#text);
    if (found === null) return null;
    const [whole, inQuotes, plain = '', sign, value = ''] = found;
    if (inQuotes === undefined && /^(and|or|not)$/i.test(plain)) return null;
    const requirement = termOf(inQuotes, plain, sign, value);
    if (requirement === null) return null;
    this.#move(whole.length);
    return requirement;
  }

  #take(kind: TokenKind): boolean {
    const symbol = symbols[this.#text[this.#at] ?? ''];
    if (symbol === kind) {
      this.#move(1);
      return true;
    }
    if (kind === 'open' || kind === 'close') return false;
    const word = this.#text.slice(this.#at, this.#at + kind.length + 1);
    const isWord =
      word.slice(0, kind.length).toLowerCase() === kind && !/[\p{L}\p{N}_.-]/u.test(word.slice(kind.length));
    if (isWord) this.#move(kind.length);
    return isWord;
  }

  #move(characters: number): void {
    this.#at += characters;
    this.#skip();
  }

  #skip(): void {
    spaces.lastIndex = this.#at;
    this.#at += spaces.exec(this.#text)?.[0].length ?? 0;
    this.position = this.#at + 1;
  }
}

function termOf(
  inQuotes: string | undefined,
  plain: string,
  sign: string | undefined,
  value: string,
): Requirement | null {
  if (inQuotes === undefined && plain.toLowerCase() === 'lang') {
    return sign === '=' && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(value) ? { language: value } : null;
  }
  const level = sign === undefined ? 1 : Number(value);
  const isLevel = Number.isInteger(level) && level >= 1 && level <= levelMax && sign !== '=';
  return isLevel ? { skill: inQuotes ?? plain, level } : null;
}
