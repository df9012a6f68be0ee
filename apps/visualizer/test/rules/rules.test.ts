import { deliveryMachine, metadataMachine, producerMachine } from '@odradek/client';
import { nodeMachines } from '@odradek/core';
import { type Chart, chartOf } from '@odradek/trace';
import { linkMachine, sessionMachine } from '@odradek/wire';
import { expect, test } from 'vitest';
import { rulesIn } from '../../src/rules/rules.ts';
import { scenes } from '../../src/scenes/all.ts';

const charts: readonly Chart[] = [
  ...Object.values(nodeMachines),
  ...[linkMachine, sessionMachine, deliveryMachine, metadataMachine, producerMachine],
].map((machine) => chartOf(machine));

test('every rule that a machine cites has a text', () => {
  const cited = charts.flatMap(({ states, edges }) =>
    [...states, ...edges].flatMap(({ rule }) => rule ?? []),
  );
  expect(cited.length).toBeGreaterThan(50);
  const without = cited.flatMap(rulesIn).filter(({ text }) => text === undefined);
  expect([...new Set(without.map(({ id }) => id))]).toEqual([]);
});

test('every rule that a scene shows has a text', () => {
  const shown = scenes.flatMap(({ rules }) => rules).flatMap(rulesIn);
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.filter(({ text }) => text === undefined)).toEqual([]);
});

test('citations are taken apart as machines write them', () => {
  expect(rulesIn('F3, F7, V14').map(({ id }) => id)).toEqual(['F3', 'F7', 'V14']);
  expect(rulesIn('L4 and I5').map(({ id }) => id)).toEqual(['L4', 'I5']);
  expect(rulesIn('Z99')).toEqual([{ id: 'Z99', text: undefined }]);
});
