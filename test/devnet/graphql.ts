/** A small GraphQL reader: what is parsed and checked is what a hub would be asked, no mutations, fragments or directives. */

type Value = { kind: 'variable'; name: string } | { kind: 'plain'; value: unknown } | ListValue | ObjectValue;
interface ListValue {
  kind: 'list';
  items: Value[];
}
interface ObjectValue {
  kind: 'object';
  entries: [string, Value][];
}

/** One field that was asked for, with its arguments filled in. */
export interface Field {
  name: string;
  /** What it is called in the answer. */
  alias: string;
  args: Record<string, unknown>;
  fields: Field[];
}

/** What kind of thing a field is: a scalar, or a type by name. */
export type Types = Record<string, Record<string, 'scalar' | (string & {})>>;

/** The question itself is at fault: answered with status 400. */
export class GraphqlError extends Error {}

const TOKEN =
  /"((?:[^"\\\n]|\\.)*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|([{}()[\]:!$=])|([\s,]+|#[^\n]*)|(.)/gy;

interface Token {
  kind: 'string' | 'number' | 'name' | 'mark' | 'end';
  text: string;
}

function tokens(query: string): Token[] {
  const found: Token[] = [];
  for (const [, text, number, name, mark, , other] of query.matchAll(TOKEN)) {
    if (text !== undefined) found.push({ kind: 'string', text: JSON.parse(`"${text}"`) as string });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else if (mark !== undefined) found.push({ kind: 'mark', text: mark });
    else if (other !== undefined) throw new GraphqlError(`Syntax Error: Unexpected character: "${other}".`);
  }
  return [...found, { kind: 'end', text: '<EOF>' }];
}

class Parser {
  readonly #tokens: Token[];
  readonly #variables: Record<string, unknown>;
  readonly #declared = new Map<string, unknown>();
  #at = 0;

  constructor(query: string, variables: Record<string, unknown>) {
    this.#tokens = tokens(query);
    this.#variables = variables;
  }

  document(): Field[] {
    if (this.#peek().text === 'query') {
      this.#next();
      if (this.#peek().kind === 'name') this.#next();
      if (this.#skip('(')) while (!this.#skip(')')) this.#declaration();
    }
    const fields = this.#selection();
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return fields;
  }

  #declaration(): void {
    this.#expect('$');
    const name = this.#name();
    this.#expect(':');
    const required = this.#type();
    const fallback = this.#skip('=') ? this.#filled(this.#value()) : undefined;
    const given = this.#variables[name] ?? fallback;
    if (required && (given === undefined || given === null)) {
      throw new GraphqlError(`Variable "$${name}" of required type was not provided.`);
    }
    this.#declared.set(name, given);
  }

  /** Resolves to whether it ends in `!`. */
  #type(): boolean {
    if (this.#skip('[')) {
      this.#type();
      this.#expect(']');
    } else this.#name();
    return this.#skip('!');
  }

  #selection(): Field[] {
    this.#expect('{');
    const fields: Field[] = [];
    while (!this.#skip('}')) fields.push(this.#field());
    if (fields.length === 0) throw new GraphqlError('Syntax Error: Expected Name, found "}".');
    return fields;
  }

  #field(): Field {
    const first = this.#name();
    const name = this.#skip(':') ? this.#name() : first;
    const args: Record<string, unknown> = {};
    if (this.#skip('(')) {
      while (!this.#skip(')')) {
        const key = this.#name();
        this.#expect(':');
        const value = this.#filled(this.#value());
        if (value !== undefined) args[key] = value;
      }
    }
    return { name, alias: first, args, fields: this.#peek().text === '{' ? this.#selection() : [] };
  }

  #value(): Value {
    const token = this.#next();
    if (token.kind === 'string') return { kind: 'plain', value: token.text };
    if (token.kind === 'number') return { kind: 'plain', value: Number(token.text) };
    if (token.kind === 'name') {
      const words: Record<string, unknown> = { true: true, false: false, null: null };
      return { kind: 'plain', value: token.text in words ? words[token.text] : token.text };
    }
    if (token.text === '$') return { kind: 'variable', name: this.#name() };
    if (token.text === '[') {
      const items: Value[] = [];
      while (!this.#skip(']')) items.push(this.#value());
      return { kind: 'list', items };
    }
    if (token.text !== '{') throw new GraphqlError(`Syntax Error: Unexpected ${token.text}.`);
    const entries: [string, Value][] = [];
    while (!this.#skip('}')) {
      const key = this.#name();
      this.#expect(':');
      entries.push([key, this.#value()]);
    }
    return { kind: 'object', entries };
  }

  #filled(value: Value): unknown {
    switch (value.kind) {
      case 'plain':
        return value.value;
      case 'list':
        return value.items.map((item) => this.#filled(item));
      case 'object':
        return Object.fromEntries(
          value.entries.map(([key, one]) => [key, this.#filled(one)]).filter(([, one]) => one !== undefined),
        );
      case 'variable':
        if (!this.#declared.has(value.name)) throw new GraphqlError(`Variable "$${value.name}" is not defined.`);
        return this.#declared.get(value.name);
    }
  }

  #peek = (): Token => this.#tokens[this.#at] as Token;

  #next(): Token {
    const token = this.#peek();
    if (token.kind === 'end') throw this.#unexpected();
    this.#at += 1;
    return token;
  }

  #skip(mark: string): boolean {
    const token = this.#peek();
    const found = token.kind === 'mark' && token.text === mark;
    if (found) this.#at += 1;
    else if (token.kind === 'end') throw this.#unexpected();
    return found;
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw this.#unexpected();
  }

  #name(): string {
    const token = this.#next();
    if (token.kind !== 'name') throw new GraphqlError(`Syntax Error: Expected Name, found "${token.text}".`);
    return token.text;
  }

  #unexpected = (): GraphqlError => new GraphqlError(`Syntax Error: Unexpected "${this.#peek().text}".`);
}

/** The fields that a query asks for, checked against the types from `Query` on. Throws GraphqlError. */
export function readQuery(query: string, variables: Record<string, unknown>, types: Types): Field[] {
  const fields = new Parser(query, variables).document();
  check(fields, 'Query', types);
  return fields;
}

function check(fields: readonly Field[], type: string, types: Types): void {
  for (const { name, fields: inner } of fields) {
    if (name === '__typename') continue;
    const of = types[type]?.[name];
    if (of === undefined) throw new GraphqlError(`Cannot query field "${name}" on type "${type}".`);
    if (of === 'scalar' && inner.length > 0) {
      throw new GraphqlError(`Field "${name}" must not have a selection since it has no subfields.`);
    }
    if (of !== 'scalar' && inner.length === 0) {
      throw new GraphqlError(`Field "${name}" of type "${of}" must have a selection of subfields.`);
    }
    if (of !== 'scalar') check(inner, of, types);
  }
}

/** Of a value, only what was asked for; what it does not have is null. */
export function project(value: unknown, fields: readonly Field[]): unknown {
  if (Array.isArray(value)) return value.map((one) => project(one, fields));
  if (value === null || value === undefined || fields.length === 0) return value ?? null;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(fields.map(({ alias, name, fields: inner }) => [alias, project(record[name], inner)]));
}
