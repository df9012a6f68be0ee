// Schedules as files: the world that a story needs, what is wrong with the nodes if something shall be, and the story.
//
//   # S01 hw-truncation: what it is about, and where it comes from
//   world cluster brokers=2 controllers=1          or: world quorum voters=3
//   world cluster overBudget=1                     disks may take more than is promised, see over-budget.ts
//   set odradek.flush.policy=os                    a setting of every node
//   network maxDelayMs=20                          how the network behaves
//   mutants M13                                    under each of these the schedule must fail
//   topic t 2,1 min.insync.replicas=1              and so on: statements, see schedule.ts
//
// The first remark is the title. The header ends with the first statement of the story.

import { ScheduleError } from './schedule.ts';

/** A world, as the header of a schedule describes it. */
export interface WorldHeader {
  readonly kind: 'cluster' | 'quorum';
  /** `brokers=2` and the like. */
  readonly options: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly network: Readonly<Record<string, number>>;
}

/** One statement of a story, and the line of the file where it stands. */
export interface Statement {
  readonly text: string;
  readonly line: number;
}

export interface ScheduleFile {
  /** Of the file, without its ending: `S01-hw-truncation`. */
  readonly name: string;
  readonly title: string;
  readonly header: WorldHeader;
  readonly mutants: readonly string[];
  readonly story: readonly Statement[];
}

const knownOptions: Readonly<Record<WorldHeader['kind'], readonly string[]>> = {
  cluster: ['brokers', 'controllers', 'overBudget', 'shuffle', 'seed', 'minDiskMs', 'maxDiskMs'],
  quorum: ['voters', 'observers', 'shuffle', 'seed', 'minDiskMs', 'maxDiskMs'],
};

const knownNetwork = ['minDelayMs', 'maxDelayMs', 'silenceLimitMs', 'breakPercent'];

/** Reads a schedule. Throws a {@link ScheduleError} with file and line for what is none. */
export function parseScheduleFile(name: string, text: string): ScheduleFile {
  const statements = statementsIn(text);
  const header = new HeaderReader(name);
  let at = 0;
  for (const statement of statements) {
    if (!header.takes(statement)) break;
    at++;
  }
  const title = /^\s*#\s*(.*?)\s*$/m.exec(text)?.[1] ?? name;
  return { name, title, ...header.result(), story: statements.slice(at) };
}

/** The same as text, to be read again. */
export function formatScheduleFile({ title, header, mutants, story }: Omit<ScheduleFile, 'name'>): string {
  const pairs = (values: Readonly<Record<string, string | number>>): string =>
    Object.entries(values)
      .map(([key, value]) => ` ${key}=${value}`)
      .join('');
  const lines = [`# ${title}`, `world ${header.kind}${pairs(header.options)}`];
  for (const [key, value] of Object.entries(header.settings)) lines.push(`set ${key}=${value}`);
  if (Object.keys(header.network).length > 0) lines.push(`network${pairs(header.network)}`);
  if (mutants.length > 0) lines.push(`mutants ${mutants.join(' ')}`);
  return `${[...lines, ...story.map((statement) => statement.text)].join('\n')}\n`;
}

/** The statements of a text, by line or semicolon, without remarks. */
function statementsIn(text: string): Statement[] {
  return text.split('\n').flatMap((line, index) =>
    line
      .replace(/#.*$/, '')
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '')
      .map((statement) => ({ text: statement, line: index + 1 })),
  );
}

class HeaderReader {
  readonly #name: string;
  readonly #settings: Record<string, string> = {};
  readonly #network: Record<string, number> = {};
  readonly #mutants: string[] = [];
  #kind: WorldHeader['kind'] | undefined;
  #options: Record<string, number> = {};

  constructor(name: string) {
    this.#name = name;
  }

  /** Whether a statement belongs to the header. */
  takes(statement: Statement): boolean {
    const [verb = '', ...words] = statement.text.split(/\s+/);
    if (verb === 'world') this.#world(statement, words);
    else if (verb === 'set') for (const word of words) this.#set(statement, word);
    else if (verb === 'network') Object.assign(this.#network, this.#numbers(statement, words, knownNetwork));
    else if (verb === 'mutants') this.#mutants.push(...words);
    else return false;
    return true;
  }

  result(): Pick<ScheduleFile, 'header' | 'mutants'> {
    if (this.#kind === undefined)
      throw new ScheduleError(`${this.#name}: a schedule begins with "world cluster …" or "world quorum …"`);
    const header = {
      kind: this.#kind,
      options: this.#options,
      settings: this.#settings,
      network: this.#network,
    };
    return { header, mutants: this.#mutants };
  }

  #world(statement: Statement, [kind = '', ...words]: readonly string[]): void {
    if (kind !== 'cluster' && kind !== 'quorum')
      this.#refuse(statement, `"${kind}" is no world: cluster or quorum`);
    this.#kind = kind;
    this.#options = this.#numbers(statement, words, knownOptions[kind]);
  }

  #set(statement: Statement, word: string): void {
    const [key = '', value] = word.split('=');
    if (value === undefined) this.#refuse(statement, `"${word}" is no setting: KEY=VALUE`);
    this.#settings[key] = value;
  }

  #numbers(statement: Statement, words: readonly string[], known: readonly string[]): Record<string, number> {
    const found: Record<string, number> = {};
    for (const word of words) {
      const [key = '', text = ''] = word.split('=');
      if (!known.includes(key)) this.#refuse(statement, `"${word}" is not known. Known: ${known.join(', ')}`);
      const value = Number(text);
      if (text === '' || !(value >= 0)) this.#refuse(statement, `"${word}": a number of 0 or more`);
      found[key] = value;
    }
    return found;
  }

  #refuse({ line }: Statement, what: string): never {
    throw new ScheduleError(`${this.#name}:${line}: ${what}`);
  }
}
