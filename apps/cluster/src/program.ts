// Every command there is. Their options are in program/, their work is in commands/ and loaded when a command runs.

import { type CommandLine, createCommandLine } from './command-line.ts';
import { addChaos } from './program/chaos.ts';
import { addDataCommands } from './program/data.ts';
import { addLookingCommands } from './program/looking.ts';
import { addRunningCommands } from './program/running.ts';
import { addSettingsCommands } from './program/settings.ts';
import { addSimulate } from './program/simulate.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

/** The whole command line. */
export function createProgram(session: Session): CommandLine {
  const line = createCommandLine(session, version);
  addRunningCommands(line);
  addDataCommands(line);
  addSettingsCommands(line);
  addChaos(line);
  addLookingCommands(line);
  addSimulate(line);
  return line;
}
