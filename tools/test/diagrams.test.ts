import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
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

const readmeOf = (root: string): string => readFileSync(join(root, 'packages/model/README.md'), 'utf8');

describe('drawings in READMEs', () => {
  it('are found stale, renewed, and then found right', async () => {
    const root = houseWithDoor('# model\n\n<!-- machine:door -->\nold\n<!-- /machine -->\n\nThe end.\n');
    expect(messages(await checkDiagrams(root))).toEqual([
      'packages/model/README.md: its drawings are stale: npm run diagrams',
    ]);
    expect(readmeOf(root)).toContain('old');
    expect(await checkDiagrams(root, true)).toEqual([]);
    expect(readmeOf(root)).toContain('shut --> open : push');
    expect(readmeOf(root)).toContain('The end.');
    expect(await checkDiagrams(root)).toEqual([]);
  });

  it('are demanded for every machine', async () => {
    expect(await checkDiagrams(houseWithDoor('# model\n'))).toHaveLength(1);
  });

  it('are left alone in rooms that were not asked for', async () => {
    const root = houseWithDoor('# model\n');
    expect(await checkDiagrams(root, true, ['format'])).toEqual([]);
    expect(readmeOf(root)).toBe('# model\n');
    await checkDiagrams(root, true, ['model']);
    expect(readmeOf(root)).toContain('shut --> open : push');
  });

  it('are kept when the machine cannot be loaded, which is a problem of its own', async () => {
    const readme = '<!-- machine:door -->\nold\n<!-- /machine -->\n';
    const root = houseWithDoor(readme, "throw new Error('half written');");
    expect(messages(await checkDiagrams(root, true))).toEqual([
      'packages/model/src/door.machine.ts: cannot be loaded to be drawn: half written',
    ]);
    expect(readmeOf(root)).toBe(readme);
  });

  it('vanish with their machine, and new ones come at the end', () => {
    const block = (name: string, text: string): string =>
      `<!-- machine:${name} -->\n\`\`\`mermaid\n${text}\`\`\`\n<!-- /machine -->`;
    expect(renew(`a\n${block('old', 'x\n')}\nb\n`, new Map([['new', 'y\n']]))).toBe(
      `a\n\nb\n\n${block('new', 'y\n')}\n`,
    );
  });
});
