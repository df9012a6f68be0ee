// How often each fault was tried, and how long nothing was acknowledged meanwhile.

import type { Fault } from './episodes.ts';

export interface FaultCount {
  readonly fault: Fault;
  readonly times: number;
  /** Between two acknowledgements, from the beginning of the fault to the beginning of the next. */
  readonly longestSilenceMs: number;
}

export class FaultTable {
  readonly #counts = new Map<Fault, FaultCount>();
  #now: Fault | undefined;

  began(fault: Fault): void {
    this.#now = fault;
    const { times, longestSilenceMs } = this.#count(fault);
    this.#counts.set(fault, { fault, times: times + 1, longestSilenceMs });
  }

  /** Nothing has been acknowledged for so long. */
  silentFor(silenceMs: number): void {
    if (this.#now === undefined) return;
    const known = this.#count(this.#now);
    if (silenceMs > known.longestSilenceMs)
      this.#counts.set(this.#now, { ...known, longestSilenceMs: Math.round(silenceMs) });
  }

  /** The most frequent first. */
  rows(): readonly FaultCount[] {
    return [...this.#counts.values()].sort((one, other) => other.times - one.times);
  }

  #count(fault: Fault): FaultCount {
    return this.#counts.get(fault) ?? { fault, times: 0, longestSilenceMs: 0 };
  }
}

/** For people: a line for each fault. */
export function tableText(rows: readonly FaultCount[]): readonly string[] {
  const width = Math.max(...rows.map(({ fault }) => fault.length), 'fault'.length);
  const line = (fault: string, times: string, silence: string): string =>
    `${fault.padEnd(width)}  ${times.padStart(5)}  ${silence.padStart(17)}`;
  return [
    line('fault', 'times', 'longest silence'),
    ...rows.map(({ fault, times, longestSilenceMs }) =>
      line(fault, String(times), `${(longestSilenceMs / 1000).toFixed(1)} s`),
    ),
  ];
}
