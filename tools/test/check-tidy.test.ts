import { describe, expect, it } from 'vitest';
import { checkTidy } from '../check-tidy.ts';
import { house, manifest, messages } from './sample-house.ts';

const tidy = {
  'packages/model/package.json': manifest('model'),
  'packages/model/README.md': '# model\n',
  'packages/model/src/index.ts': 'export const one = 1;\n',
};

function found(files: Readonly<Record<string, string>>): string[] {
  return messages(checkTidy(house({ ...tidy, ...files })));
}

const machine = (inside: string): string =>
  `import { setup } from 'xstate';\nexport const door = setup({ actions: { ring: () => {} } }).createMachine({\n${inside}\n});\n`;

describe('the check of tidiness', () => {
  it('accepts a tidy room and one not begun', () => {
    expect(found({ 'packages/format/package.json': manifest('format') })).toEqual([]);
  });

  it('refuses a room without README or public face', () => {
    const root = house({ 'packages/model/package.json': manifest('model'), 'packages/model/src/a.ts': '' });
    expect(messages(checkTidy(root))).toEqual([
      'packages/model/README.md: is missing',
      'packages/model/src/index.ts: is missing',
    ]);
  });

  it('refuses long files and long functions', () => {
    const body = (lines: number): string => Array.from({ length: lines }, () => '  one();').join('\n');
    expect(found({ 'packages/model/src/a.ts': body(401) })).toEqual([
      'packages/model/src/a.ts: has 401 lines; split it below 400',
    ]);
    expect(found({ 'packages/model/src/a.ts': `\nfunction long() {\n${body(69)}\n}\n` })).toEqual([
      'packages/model/src/a.ts:2: a function of 71 lines; split it below 70',
    ]);
    expect(found({ 'packages/model/src/a.ts': `function long() {\n${body(68)}\n}\n` })).toEqual([]);
  });

  it('refuses what is left open, in source only', () => {
    const words = ['TO', 'DO'].join('');
    expect(found({ 'packages/model/src/a.ts': `\n// ${words}: later\n` })).toEqual([
      `packages/model/src/a.ts:2: left open: ${words}`,
    ]);
    expect(found({ 'packages/model/test/a.test.ts': `const text = '${words}';\n` })).toEqual([]);
  });

  it('refuses paths that only one machine has, everywhere', () => {
    const path = ['', 'work', 'main'].join('/');
    expect(found({ 'packages/model/README.md': `See ${path}.\n` })).toEqual([
      'packages/model/README.md:1: names a path that only one machine has',
    ]);
  });

  it('refuses tests that are switched off, however deep, but not conditional ones', () => {
    const dot = '.';
    const code = `it${dot}skip('a', f);\ndescribe.each([1])${dot}name;\nit.each${dot}only([1])('b', f);\nit.runIf(true)('c', f);\nqueue${dot}skip(1);\n`;
    expect(found({ 'packages/model/test/a.test.ts': code })).toEqual([
      'packages/model/test/a.test.ts:1: a test with .skip',
      'packages/model/test/a.test.ts:3: a test with .only',
    ]);
  });
});

describe('the check of machine files', () => {
  const inMachine = (inside: string): string[] =>
    found({ 'packages/model/src/door.machine.ts': machine(inside) });

  it('accepts names, and functions that only compute context, input and parameters', () => {
    expect(
      inMachine(`
  context: ({ input }) => ({ input }),
  states: { open: { invoke: { src: 'bell', input: () => 1 }, on: { push: { actions: 'ring', guard: { type: 'may', params: () => ({}) } } } } }`),
    ).toEqual([]);
  });

  it.each([
    ['on: { push: { guard: () => true } }', 'a function without a name in a state; name it in setup'],
    ['entry: [function ring() {}]', 'a function without a name in a state; name it in setup'],
    ['states: { a: { exit: assign({ n: () => 1 }) } }', 'assign() in a state; name it in setup'],
    ["always: { guard: not('open') }", 'not() in a state; name it in setup'],
    [
      "on: { '*': 'open' }",
      'a transition for every event also takes the errors of children; name the events',
    ],
  ])('refuses %s', (inside, message) => {
    expect(inMachine(inside)).toEqual([`packages/model/src/door.machine.ts:3: ${message}`]);
  });
});
