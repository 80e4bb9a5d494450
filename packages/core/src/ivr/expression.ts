/**
 * Calculations in flows, a part of CEL (Common Expression Language): literals, variables, `! - * / % + < <= > >= == != in && || ? :`,
 * lists, the methods `startsWith`, `endsWith`, `contains`, `size`, and the functions `size`, `int`, `double`, `string`. Evaluation is total:
 * it always ends, in time that grows with the length of the text, and what does not fit (a word less than a number) is false or empty and
 * no error.
 */
export type FlowValue = string | number | boolean;
export type FlowVariables = ReadonlyMap<string, FlowValue>;

type Value = FlowValue | readonly FlowValue[];
type Evaluate = (variables: FlowVariables) => Value;

export interface Expression {
  readonly evaluate: (variables: FlowVariables) => FlowValue;
}

/** What is wrong with the text, and where (1-based). */
export interface ExpressionFault {
  readonly column: number;
  readonly message: string;
}

/** Brackets and signs within one another; deeper, a person has lost the thread. */
const depthMax = 30;
/** A text that grows in a loop stops here. */
const textMax = 1_000;

/** @returns the expression, or what is wrong with it. */
export function parseExpression(text: string): Expression | ExpressionFault {
  try {
    const evaluate = new Parser(tokensOf(text)).whole();
    return { evaluate: (variables) => scalar(evaluate(variables)) };
  } catch (error) {
    if (error instanceof Fault) return { column: error.column, message: error.message };
    throw error;
  }
}

export function isTrue(value: FlowValue): boolean {
  return value !== false && value !== '' && value !== 0;
}

class Fault extends Error {
  readonly column: number;
  constructor(at: number, message: string) {
    super(message);
    this.column = at + 1;
  }
}

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const tokenPattern =
  /\s+|(?<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<name>[A-Za-z_]\w*)|(?<sign>&&|\|\||[=!<>]=|[-+*/%<>!().,?:[\]])/y;

/** What follows a backslash in a text. */
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

function unescaped({ text, at }: Token): string {
  return text
    .slice(1, -1)
    .replace(
      /\\(?:u([0-9a-fA-F]{4})|(.))/g,
      (whole, code: string | undefined, sign: string, index: number) => {
        const meant = code === undefined ? escapes[sign] : String.fromCharCode(Number.parseInt(code, 16));
        if (meant === undefined) throw new Fault(at + 1 + index, `"${whole}" stands for no sign`);
        return meant;
      },
    );
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; at < text.length; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at;
    const groups = tokenPattern.exec(text)?.groups;
    if (groups === undefined) throw new Fault(at, `"${text[at]}" is not understood here`);
    for (const kind of ['number', 'text', 'name', 'sign'] as const) {
      const found = groups[kind];
      if (found !== undefined) tokens.push({ kind, text: found, at });
    }
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

type Binary = (a: Value, b: Value) => Value;

const levels: readonly Readonly<Record<string, Binary>>[] = [
  {
    '==': equal,
    '!=': (a, b) => !equal(a, b),
    '<': (a, b) => compare(a, b) < 0,
    '<=': (a, b) => compare(a, b) <= 0,
    '>': (a, b) => compare(a, b) > 0,
    '>=': (a, b) => compare(a, b) >= 0,
    in: (a, b) => Array.isArray(b) && b.some((each: FlowValue) => equal(a, each)),
  },
  { '+': add, '-': (a, b) => finite(numberOf(a) - numberOf(b)) },
  {
    '*': (a, b) => finite(numberOf(a) * numberOf(b)),
    '/': (a, b) => finite(numberOf(a) / numberOf(b)),
    '%': (a, b) => finite(numberOf(a) % numberOf(b)),
  },
];

const methods: Readonly<Record<string, { takes: 0 | 1; call: Binary }>> = {
  startsWith: { takes: 1, call: (a, b) => textOf(a).startsWith(textOf(b)) },
  endsWith: { takes: 1, call: (a, b) => textOf(a).endsWith(textOf(b)) },
  contains: { takes: 1, call: (a, b) => textOf(a).includes(textOf(b)) },
  size: { takes: 0, call: (a) => (Array.isArray(a) ? a.length : textOf(a).length) },
};

/** Called by name, as in CEL, on one value. */
const functions: Readonly<Record<string, (value: Value) => Value>> = {
  size: (value) => (Array.isArray(value) ? value.length : textOf(value).length),
  /** Without its fraction. */
  int: (value) => finite(Math.trunc(numberOf(value))),
  double: (value) => finite(numberOf(value)),
  string: textOf,
};

class Parser {
  readonly #tokens: Token[];
  #index = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  whole(): Evaluate {
    const evaluate = this.#choice();
    const rest = this.#token;
    if (rest.kind !== 'end') throw new Fault(rest.at, `"${rest.text}" is too much here`);
    return evaluate;
  }

  get #token(): Token {
    return this.#tokens[this.#index] as Token;
  }

  #take(sign: string): boolean {
    const { kind, text } = this.#token;
    if (kind === 'text' || text !== sign || kind === 'end') return false;
    this.#index += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new Fault(this.#token.at, `"${sign}" is missing here`);
  }

  /** `a ? b : c`, of which only the one that is meant is calculated. */
  #choice(): Evaluate {
    return this.#nested(() => {
      const condition = this.#or();
      if (!this.#take('?')) return condition;
      const yes = this.#or();
      this.#expect(':');
      const no = this.#choice();
      return (variables) => (isTrue(scalar(condition(variables))) ? yes(variables) : no(variables));
    });
  }

  #or(): Evaluate {
    let left = this.#and();
    while (this.#take('||')) {
      const [a, b] = [left, this.#and()];
      left = (variables) => isTrue(scalar(a(variables))) || isTrue(scalar(b(variables)));
    }
    return left;
  }

  #and(): Evaluate {
    let left = this.#binary(0);
    while (this.#take('&&')) {
      const [a, b] = [left, this.#binary(0)];
      left = (variables) => isTrue(scalar(a(variables))) && isTrue(scalar(b(variables)));
    }
    return left;
  }

  #binary(level: number): Evaluate {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const { kind, text } = this.#token;
      const operator = kind === 'text' || !Object.hasOwn(operators, text) ? undefined : operators[text];
      if (operator === undefined) return left;
      this.#index += 1;
      const [a, b] = [left, this.#binary(level + 1)];
      left = (variables) => operator(a(variables), b(variables));
    }
  }

  #unary(): Evaluate {
    let isNegated = false;
    let isMinus = false;
    if (this.#take('!')) isNegated = true;
    else if (this.#take('-')) isMinus = true;
    const inner = isNegated || isMinus ? this.#nested(() => this.#unary()) : this.#postfix();
    if (isNegated) return (variables) => !isTrue(scalar(inner(variables)));
    return isMinus ? (variables) => finite(-numberOf(inner(variables))) : inner;
  }

  #nested(read: () => Evaluate): Evaluate {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new Fault(this.#token.at, `nests deeper than ${depthMax}`);
    const evaluate = read();
    this.#depth -= 1;
    return evaluate;
  }

  #postfix(): Evaluate {
    let left = this.#primary();
    while (this.#take('.')) {
      const { text, at } = this.#token;
      const method = Object.hasOwn(methods, text) ? methods[text] : undefined;
      if (method === undefined) {
        throw new Fault(at, `"${text}" is no method; there are ${Object.keys(methods).join(', ')}`);
      }
      this.#index += 1;
      this.#expect('(');
      const subject = left;
      const argument = method.takes === 1 ? this.#choice() : () => '';
      this.#expect(')');
      left = (variables) => method.call(subject(variables), argument(variables));
    }
    return left;
  }

  #primary(): Evaluate {
    const { kind, text, at } = this.#token;
    if (this.#take('(')) {
      const inner = this.#choice();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[')) return this.#list();
    if (kind === 'end' || kind === 'sign') throw new Fault(at, 'a value is missing here');
    this.#index += 1;
    if (kind === 'number') return constant(Number(text));
    if (kind === 'text') return constant(unescaped({ kind, text, at }));
    if (text === 'true' || text === 'false') return constant(text === 'true');
    if (this.#take('(')) return this.#call(text, at);
    return (variables) => variables.get(text) ?? '';
  }

  #call(name: string, at: number): Evaluate {
    const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (called === undefined) {
      throw new Fault(at, `"${name}" is no function; there are ${Object.keys(functions).join(', ')}`);
    }
    const argument = this.#choice();
    this.#expect(')');
    return (variables) => called(argument(variables));
  }

  #list(): Evaluate {
    const items: Evaluate[] = [];
    if (!this.#take(']')) {
      do items.push(this.#choice());
      while (this.#take(','));
      this.#expect(']');
    }
    return (variables) => items.map((item) => scalar(item(variables)));
  }
}

const constant =
  (value: FlowValue): Evaluate =>
  () =>
    value;

function scalar(value: Value): FlowValue {
  return typeof value === 'object' ? value.length > 0 : value;
}

function textOf(value: Value): string {
  return String(scalar(value));
}

/** NaN for what is no number. */
function numberOf(value: Value): number {
  const single = scalar(value);
  return typeof single === 'string' && single.trim() === '' ? Number.NaN : Number(single);
}

/** Numbers that are none (a division by nothing) are nothing. */
function finite(value: number): FlowValue {
  return Number.isFinite(value) ? value : '';
}

/** A keyed "42" is the number 42 where it meets a number, and only there. */
function equal(a: Value, b: Value): boolean {
  const [left, right] = [scalar(a), scalar(b)];
  if (typeof left === 'number' || typeof right === 'number') return numberOf(left) === numberOf(right);
  return left === right;
}

function compare(a: Value, b: Value): number {
  const [left, right] = [scalar(a), scalar(b)];
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  return numberOf(left) - numberOf(right);
}

function add(a: Value, b: Value): FlowValue {
  const [left, right] = [scalar(a), scalar(b)];
  if (typeof left === 'string' || typeof right === 'string') return `${left}${right}`.slice(0, textMax);
  return finite(numberOf(left) + numberOf(right));
}
