// Gives equal values one number, so that a state of the world is a handful of numbers and equal parts are kept once.

export class Interner<Value> {
  private readonly byKey = new Map<string, number>();
  private readonly values: Value[] = [];
  private readonly keyOf: (value: Value) => string;

  constructor(keyOf: (value: Value) => string) {
    this.keyOf = keyOf;
  }

  get size(): number {
    return this.values.length;
  }

  numberOf(value: Value): number {
    const key = this.keyOf(value);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    this.values.push(value);
    this.byKey.set(key, this.values.length - 1);
    return this.values.length - 1;
  }

  valueOf(number: number): Value {
    const value = this.values[number];
    if (value === undefined)
      throw new RangeError(`nothing has the number ${number}: there are ${this.values.length}`);
    return value;
  }
}
