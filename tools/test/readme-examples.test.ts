import { describe, expect, it } from 'vitest';
import { allExamples, compileExamples, examplesIn, runExample } from '../readme-examples.ts';
import { repositoryRoot } from '../workspace.ts';

const fence = '```';

describe('the reader of examples', () => {
  it('takes the blocks that are marked, with their place', () => {
    const readme = `# a\n${fence}ts\nnot();\n${fence}\n${fence}ts run\none();\ntwo();\n${fence}\n`;
    expect(examplesIn('README.md', readme)).toEqual([{ name: 'README.md:5', code: 'one();\ntwo();\n' }]);
  });

  it('finds an example that does not compile, and one that fails', () => {
    const wrong = { name: 'wrong', code: 'export const x: string = 1;\n' };
    expect(() => compileExamples(repositoryRoot, 'examples-of-test', [wrong])).toThrow(/not assignable/);
    const failing = { name: 'failing', code: 'throw new Error("as it should");\n' };
    const [file = ''] = compileExamples(repositoryRoot, 'examples-of-test', [failing]);
    expect(() => runExample(file)).toThrow(/as it should/);
  });
});

describe('the examples in the READMEs', () => {
  const examples = allExamples(repositoryRoot);
  const files = compileExamples(repositoryRoot, 'readme-examples', examples);

  it.each(examples.map((example, index) => [example.name, files[index] ?? '']))('%s runs', (_, file) => {
    expect(runExample(file)).not.toBe('');
  });
});
