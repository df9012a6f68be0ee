// Reads Prometheus' text format as strictly as it is written down: every line is a comment of a known kind or a sample, every sample
// belongs to the family announced before it, and no series comes twice.

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly series: ReadonlyMap<string, readonly Series[]>;
}

const nameRule = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const sampleRule = new RegExp(`^(${nameRule})(?:\\{(.*)\\})? (\\S+)$`);
const labelRule = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string; help: string; series: Map<string, Series[]> }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const help = new RegExp(`^# HELP (${nameRule}) (.*)$`).exec(line);
    const type = new RegExp(`^# TYPE (${nameRule}) (counter|gauge|histogram)$`).exec(line);
    if (help !== null) {
      current = help[1] ?? '';
      if (families.has(current)) throw new Error(`${current} is announced twice`);
      families.set(current, { type: '', help: help[2] ?? '', series: new Map() });
    } else if (type !== null) {
      const family = families.get(type[1] ?? '');
      if (family === undefined || type[1] !== current) throw new Error(`type without help: ${line}`);
      family.type = type[2] ?? '';
    } else {
      const [, name = '', labelText = '', value = ''] = sampleRule.exec(line) ?? [];
      const family = families.get(current);
      const own =
        family?.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => current + end) : [current];
      if (family === undefined || !own.includes(name)) throw new Error(`no line of ${current}: ${line}`);
      if (seen.has(`${name}{${labelText}}`)) throw new Error(`twice: ${line}`);
      seen.add(`${name}{${labelText}}`);
      const series = family.series.get(name) ?? [];
      series.push({ labels: labelsOf(labelText), value: numberOf(value) });
      family.series.set(name, series);
    }
  }
  return families;
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  labelRule.lastIndex = 0;
  while (labelRule.lastIndex < text.length) {
    const at = labelRule.lastIndex;
    const match = labelRule.exec(text);
    if (match === null) throw new Error(`not labels: ${text.slice(at)}`);
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, one: string) =>
      one === 'n' ? '\n' : one,
    );
  }
  return labels;
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`not a number: ${text}`);
  return value;
}

/** The value of one series. */
export function seriesValue(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).toSorted());
  for (const { series } of families.values())
    for (const one of series.get(name) ?? [])
      if (JSON.stringify(Object.entries(one.labels).toSorted()) === wanted) return one.value;
  return undefined;
}
