// Everything that can be said about the code without running it: `npm run check`.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkImports } from './check-imports.ts';
import { checkPurity } from './check-purity.ts';
import { checkTidy } from './check-tidy.ts';
import { checkDiagrams } from './diagrams.ts';
import { type Problem, repositoryRoot } from './workspace.ts';

interface Check {
  readonly name: string;
  /** What is wrong, a line for each; nothing when all is well. */
  readonly run: () => Promise<readonly string[]>;
}

const checks: readonly Check[] = [
  { name: 'format and lint', run: () => command('biome', ['check', '--error-on-warnings']) },
  { name: 'types of the pure rooms', run: () => command('tsc', ['-p', 'tsconfig.pure.json', '--noEmit']) },
  { name: 'types of everything', run: () => command('tsc', ['-p', 'tsconfig.node.json', '--noEmit']) },
  { name: 'types of the page', run: () => command('tsc', ['-p', 'tsconfig.browser.json', '--noEmit']) },
  { name: 'imports', run: async () => lines(checkImports(repositoryRoot)) },
  { name: 'law 2', run: async () => lines(checkPurity(repositoryRoot)) },
  { name: 'tidiness', run: async () => lines(checkTidy(repositoryRoot)) },
  { name: 'drawings', run: async () => lines(await checkDiagrams(repositoryRoot)) },
];

function lines(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
  );
}

/** Runs a program of node_modules; its output is the problem unless it succeeds. */
function command(program: string, parameters: readonly string[]): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(join(repositoryRoot, 'node_modules/.bin', program), parameters, {
      cwd: repositoryRoot,
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    child.on('error', (error) => resolve([error.message]));
    child.on('close', (code) => resolve(code === 0 ? [] : output.trimEnd().split('\n')));
  });
}

async function report({ name, run }: Check): Promise<boolean> {
  const start = performance.now();
  const wrong = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${wrong.length === 0 ? 'ok    ' : 'WRONG '} ${name} (${seconds} s)`);
  for (const line of wrong) console.log(`       ${line}`);
  return wrong.length === 0;
}

const results = await Promise.all(checks.map(report));
if (results.includes(false)) process.exitCode = 1;
