// Prometheus' text format. By hand: the numbers lie with those who count them, histograms too, so a library would only copy them into
// a second registry before writing them out.

import type { Histogram } from '@odradek/model';

/** What the version of the text format is called in HTTP. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A histogram whose values are counted in milliseconds, told in seconds. */
export interface HistogramSample {
  readonly labels: Labels;
  readonly milliseconds: Histogram;
}

/** All series of one name. */
export type Family =
  | {
      readonly type: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly samples: readonly Sample[];
    }
  | {
      readonly type: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly samples: readonly HistogramSample[];
    };

export function gauge(name: string, help: string, samples: readonly Sample[] | number): Family {
  return { type: 'gauge', name, help, samples: samplesOf(samples) };
}

export function counter(name: string, help: string, samples: readonly Sample[] | number): Family {
  return { type: 'counter', name, help, samples: samplesOf(samples) };
}

export function histogram(name: string, help: string, samples: readonly HistogramSample[]): Family {
  return { type: 'histogram', name, help, samples };
}

function samplesOf(samples: readonly Sample[] | number): readonly Sample[] {
  return typeof samples === 'number' ? [{ labels: {}, value: samples }] : samples;
}

/** One family as text; nothing of a family without series. */
export function familyText(family: Family): string {
  if (family.samples.length === 0) return '';
  const { name, type, help } = family;
  const lines =
    type === 'histogram'
      ? family.samples.flatMap((sample) => histogramLines(name, sample))
      : family.samples.map(({ labels, value }) => line(name, labels, value));
  return [`# HELP ${name} ${escapedHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function histogramLines(name: string, { labels, milliseconds }: HistogramSample): string[] {
  const { bounds, counts, sum } = milliseconds;
  let below = 0;
  const buckets = counts.map((count, at) => {
    below += count;
    const bound = bounds[at];
    const le = bound === undefined ? '+Inf' : String(bound / 1000);
    return line(`${name}_bucket`, { ...labels, le }, below);
  });
  return [...buckets, line(`${name}_sum`, labels, sum / 1000), line(`${name}_count`, labels, below)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapedLabel(String(text))}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapedLabel(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}
