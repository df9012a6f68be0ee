// What was written, acknowledged and read in a soak, and what of it cannot be: an acknowledged record that is not there, one that is
// there twice, two in another order than they were sent in, one offset with two values, a refused record in the log.

/** A record's value: who wrote it, and the how manieth of his it is. */
export interface RecordName {
  readonly writer: number;
  readonly number: number;
}

/** More would say no more. */
const mostProblems = 50;

export function valueText({ writer, number }: RecordName): string {
  return `${writer}:${number}`;
}

/** Undefined when no writer of ours writes such a value. */
export function nameIn(value: string): RecordName | undefined {
  const [, writer, number] = /^(\d+):(\d+)$/.exec(value) ?? [];
  return writer === undefined ? undefined : { writer: Number(writer), number: Number(number) };
}

export class Ledger {
  /** By partition and offset: the value that an acknowledgement or a reader told first. */
  readonly #told = new Map<number, string[]>();
  /** By partition: the offsets that were acknowledged. */
  readonly #acknowledged = new Map<number, Set<number>>();
  readonly #refused = new Set<string>();
  readonly #problems: string[] = [];
  #acknowledgements = 0;
  #unknown = 0;

  get problems(): readonly string[] {
    return this.#problems;
  }

  get acknowledgements(): number {
    return this.#acknowledgements;
  }

  get refusals(): number {
    return this.#refused.size;
  }

  /** Records whose fate their writers were not told: they may be there, once. */
  get unknown(): number {
    return this.#unknown;
  }

  acknowledged(partition: number, offset: number, name: RecordName): void {
    this.#acknowledgements += 1;
    this.#tell(partition, offset, valueText(name), 'acknowledged');
    listOf(this.#acknowledged, partition, () => new Set<number>()).add(offset);
  }

  /** V13: nothing happened, so it must never be read. */
  refused(name: RecordName): void {
    this.#refused.add(valueText(name));
  }

  notToldOf(): void {
    this.#unknown += 1;
  }

  /** V9: whoever reads an offset, whenever, reads the same. */
  read(partition: number, offset: number, value: string): void {
    this.#tell(partition, offset, value, 'read');
  }

  /** How far readers and acknowledgements have told a partition, exclusive. */
  knownEnd(partition: number): number {
    return this.#told.get(partition)?.length ?? 0;
  }

  problem(text: string): void {
    if (this.#problems.length < mostProblems) this.#problems.push(text);
  }

  /** A partition as it is at the end, from offset 0 on without a gap. */
  conclude(partition: number, values: readonly string[]): void {
    const last = new Map<number, number>();
    for (const [offset, value] of values.entries()) {
      this.read(partition, offset, value);
      const name = nameIn(value);
      if (name === undefined) {
        this.problem(`${partition}/${offset}: nobody wrote ${value}`);
        continue;
      }
      if (this.#refused.has(value)) this.problem(`${partition}/${offset}: ${value} was refused (V13)`);
      const before = last.get(name.writer) ?? -1;
      last.set(name.writer, Math.max(before, name.number));
      // Numbers of one writer go up within a partition, so one that is there twice is out of order too.
      if (name.number <= before)
        this.problem(`${partition}/${offset}: ${value} after ${name.writer}:${before} (V30)`);
    }
    for (const offset of this.#acknowledged.get(partition) ?? [])
      if (offset >= values.length)
        this.problem(
          `${partition}/${offset}: ${this.#told.get(partition)?.[offset]} was acknowledged, and the log ends at ${values.length} (V1)`,
        );
  }

  #tell(partition: number, offset: number, value: string, how: string): void {
    const told = listOf(this.#told, partition, () => []);
    const before = told[offset];
    told[offset] = value;
    if (before !== undefined && before !== value)
      this.problem(`${partition}/${offset}: ${how} as ${value}, before as ${before} (V1, V9)`);
  }
}

function listOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
