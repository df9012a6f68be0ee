import { Histogram } from '@odradek/model';
import { expect, it } from 'vitest';
import { counter, familyText, gauge, histogram } from '../../src/metrics/exposition.ts';
import { parseExposition, seriesValue } from '../support/exposition-parser.ts';

it('a family is its help, its type and a line for each series', () => {
  const text = familyText(
    counter('requests_total', 'How many.', [
      { labels: { api: 'fetch', from: 'client' }, value: 3 },
      { labels: {}, value: 4 },
    ]),
  );
  expect(text).toBe(
    '# HELP requests_total How many.\n# TYPE requests_total counter\nrequests_total{api="fetch",from="client"} 3\nrequests_total 4\n',
  );
});

it('a histogram tells milliseconds in seconds, each bucket with those below it, the last one all', () => {
  const milliseconds = new Histogram([1, 10]);
  for (const value of [0.5, 5, 500]) milliseconds.note(value);
  const text = familyText(histogram('flush_seconds', 'How long.', [{ labels: { log: 'a' }, milliseconds }]));
  expect(text.split('\n').slice(2, -1)).toEqual([
    'flush_seconds_bucket{log="a",le="0.001"} 1',
    'flush_seconds_bucket{log="a",le="0.01"} 2',
    'flush_seconds_bucket{log="a",le="+Inf"} 3',
    'flush_seconds_sum{log="a"} 0.5055',
    'flush_seconds_count{log="a"} 3',
  ]);
});

it('X6 what a stranger named cannot break out of its label', () => {
  const evil = 'a"} 1\nfake_total{x="\\';
  const text = familyText(gauge('g', 'Of a\nline and a \\.', [{ labels: { topic: evil }, value: 1 }]));
  const families = parseExposition(text);
  expect([...families.keys()]).toEqual(['g']);
  expect(seriesValue(families, 'g', { topic: evil })).toBe(1);
});

it('a family without series is not there at all', () => {
  expect(familyText(gauge('g', 'Nothing.', []))).toBe('');
});
