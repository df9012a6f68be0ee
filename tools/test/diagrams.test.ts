import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDiagrams, renew } from '../diagrams.ts';
import { repositoryRoot } from '../workspace.ts';
import { house, manifest, messages } from './sample-house.ts';

const door = `import { createMachine } from 'xstate';
export const doorMachine = createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { push: 'open' } }, open: {} } });
`;

function houseWithDoor(readme: string, machine = door): string {
  const root = house({
    'packages/model/package.json': manifest('model'),
    'packages/model/README.md': readme,
    'packages/model/src/door.machine.ts': machine,
  });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(repositoryRoot, 'node_modules/xstate'), join(root, 'node_modules/xstate'), 'junction');
  return root;
}

const textOf = (root: string, file: string): string =>
  readFileSync(join(root, 'packages/model', file), 'utf8');

const write = true;

describe('drawings beside READMEs', () => {
  it('are found stale, renewed, and then found right', async () => {
    const root = houseWithDoor('# model\n\n<!-- machine:door -->\nold\n<!-- /machine -->\n\nThe end.\n');
    expect(messages(await checkDiagrams(root))).toEqual([
      'packages/model/diagrams/door.json: is stale: npm run diagrams',
    ]);
    expect(textOf(root, 'README.md')).toContain('old');
    expect(await checkDiagrams(root, { write })).toEqual([]);
    expect(textOf(root, 'README.md')).toContain('![The statechart of door](diagrams/door.svg)');
    expect(textOf(root, 'README.md')).toContain('The end.');
    expect(textOf(root, 'diagrams/door.svg')).toContain('>push</text>');
    expect(textOf(root, 'diagrams/index.ts')).toContain("import door from './door.json'");
    expect(await checkDiagrams(root)).toEqual([]);
  });

  it('are laid out again when their machine has changed, and left when it has not', async () => {
    const root = houseWithDoor('# model\n');
    await checkDiagrams(root, { write });
    const before = textOf(root, 'diagrams/door.json');
    await checkDiagrams(root, { write, again: true });
    expect(textOf(root, 'diagrams/door.json')).toBe(before);
    // A module that was loaded stays as it was: the machine that has changed is one of another file.
    const other = join(root, 'packages/model/src/gate.machine.ts');
    writeFileSync(other, door.replace("push: 'open'", "pull: 'open'"));
    rmSync(join(root, 'packages/model/src/door.machine.ts'));
    expect(await checkDiagrams(root)).toHaveLength(1);
    await checkDiagrams(root, { write });
    expect(textOf(root, 'diagrams/door.svg')).toContain('>pull</text>');
  });

  it('are found stale when only a file of theirs was changed', async () => {
    const root = houseWithDoor('# model\n');
    await checkDiagrams(root, { write });
    writeFileSync(join(root, 'packages/model/diagrams/door.svg'), '<svg/>');
    writeFileSync(join(root, 'packages/model/diagrams/window.svg'), '<svg/>');
    expect(messages(await checkDiagrams(root))).toEqual([
      'packages/model/diagrams/window.svg: is stale: npm run diagrams',
      'packages/model/diagrams/door.svg: is stale: npm run diagrams',
    ]);
    await checkDiagrams(root, { write });
    expect(existsSync(join(root, 'packages/model/diagrams/window.svg'))).toBe(false);
    expect(await checkDiagrams(root)).toEqual([]);
  });

  it('are stale when a file is half written', async () => {
    const root = houseWithDoor('# model\n');
    await checkDiagrams(root, { write });
    writeFileSync(join(root, 'packages/model/diagrams/door.json'), '{"version":1,');
    expect(await checkDiagrams(root)).toHaveLength(1);
  });

  it('are demanded for every machine', async () => {
    expect(await checkDiagrams(houseWithDoor('# model\n'))).toHaveLength(1);
  });

  it('are left alone in rooms that were not asked for', async () => {
    const root = houseWithDoor('# model\n');
    expect(await checkDiagrams(root, { write, names: ['format'] })).toEqual([]);
    expect(textOf(root, 'README.md')).toBe('# model\n');
    await checkDiagrams(root, { write, names: ['model'] });
    expect(textOf(root, 'README.md')).toContain('diagrams/door.svg');
  });

  it('are kept when the machine cannot be loaded, which is a problem of its own', async () => {
    const readme = '<!-- machine:door -->\nold\n<!-- /machine -->\n';
    const root = houseWithDoor(readme, "throw new Error('half written');");
    expect(messages(await checkDiagrams(root, { write }))).toEqual([
      'packages/model/src/door.machine.ts: cannot be loaded to be drawn: half written',
    ]);
    expect(textOf(root, 'README.md')).toBe(readme);
  });

  it('vanish from a README with their machine, and new ones come at the end', () => {
    const block = (name: string, text: string): string =>
      `<!-- machine:${name} -->\n${text}\n<!-- /machine -->`;
    expect(renew(`a\n${block('old', 'x')}\nb\n`, new Map([['new', 'y']]))).toBe(
      `a\n\nb\n\n${block('new', 'y')}\n`,
    );
  });
});
