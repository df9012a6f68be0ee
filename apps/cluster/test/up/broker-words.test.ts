import { expect, it } from 'vitest';
import { brokerWords, readBrokerWords } from '../../src/up/broker-words.ts';

it('a process of a node reads what its supervisor has written', () => {
  const few = { config: '/a b/node-1.properties', set: [], watch: 'nothing' } as const;
  expect(readBrokerWords(brokerWords(few))).toEqual(few);
  const set = [
    { name: 'broker.rack', value: '' },
    { name: 'advertised.listeners', value: 'PLAINTEXT://a=b:1' },
    { name: 'log.retention.ms', value: '-1' },
  ];
  const all = { ...few, set, watch: 'everything' } as const;
  expect(readBrokerWords(brokerWords(all))).toEqual(all);
});
