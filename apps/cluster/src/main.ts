// The `odradek` command.

import { runCommandLine } from './command-line.ts';
import { endProcess, processSession } from './process-session.ts';
import { createProgram } from './program.ts';

const words = process.argv.slice(2);
const session = processSession(words.includes('--json'));
endProcess(await runCommandLine(createProgram(session), session, words));
