// Every command there is, with its options. Their work is in commands/, loaded when a command runs.

import { collected, integerFrom, oneWordOf, setting } from './arguments.ts';
import { type CommandLine, createCommandLine } from './command-line.ts';
import type { Session } from './session.ts';

/** The version that `--version` prints: that of all packages. */
export const version = '0.1.0';

/** The whole command line. */
export function createProgram(session: Session): CommandLine {
  const line = createCommandLine(session, version);
  addConfig(line);
  addChaos(line);
  addMachines(line);
  return line;
}

function addMachines({ group, leaf }: CommandLine): void {
  const machines = group('machines', 'the statecharts that run in this program');
  leaf(
    machines,
    'list',
    'list all machines',
    async () => (await import('./commands/machines.ts')).listMachines,
  );
  leaf(
    machines,
    'show <name>',
    'draw one machine',
    async () => (await import('./commands/machines.ts')).showMachine,
  ).option('--format <format>', 'mermaid or json', oneWordOf('mermaid', 'json'), 'mermaid');
}

const nodeId = integerFrom(0);

/** Commander gives a variadic argument's parser what came before. */
function nodeIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, nodeId(text)];
}

function addChaos({ group, leaf }: CommandLine): void {
  const chaos = group('chaos', 'break a cluster that `odradek up` runs on this machine');
  const signals = [
    ['kill', 'SIGKILL: the process is gone at once'],
    ['start', 'start a node that is down'],
    ['restart', 'stop a node as an operator would, and start it again'],
    ['pause', 'SIGSTOP: the process is there and silent'],
    ['resume', 'SIGCONT: a paused process goes on'],
  ] as const;
  const load = () => import('./commands/chaos.ts');
  const dataDirectory = ['--data-dir <directory>', 'the cluster in this directory'] as const;
  for (const [name, description] of signals)
    leaf(chaos, name, description, async () => (await load()).signal(name))
      .argument('<node...>', 'ids of nodes', nodeIds)
      .option(...dataDirectory);
  leaf(chaos, 'cut', 'two nodes no longer hear each other', async () => (await load()).cut)
    .argument('<from>', 'id of a node', nodeId)
    .argument('<to>', 'id of a node', nodeId)
    .option('--one-way', 'only what <from> sends is lost')
    .option(...dataDirectory);
  leaf(chaos, 'slow', 'what a node sends, or flushes, takes longer', async () => (await load()).slow)
    .argument('<node>', 'id of a node', nodeId)
    .option('--ms <milliseconds>', 'how much longer; 0 ends it', integerFrom(0, 60_000), 200)
    .option('--disk', 'its flushes, not its network')
    .option(...dataDirectory);
  leaf(chaos, 'fill', "a node's disk has no room left", async () => (await load()).fill)
    .argument('<node>', 'id of a node', nodeId)
    .option(...dataDirectory);
  leaf(chaos, 'heal', 'end all cuts, delays and full disks', async () => (await load()).heal).option(
    ...dataDirectory,
  );
}

function addConfig({ group, leaf }: CommandLine): void {
  const config = group('config', "a node's settings");
  leaf(
    config,
    'show',
    'show every setting and its value',
    async () => (await import('./commands/config.ts')).showConfiguration,
  )
    .option('--config <file>', 'the server.properties of a node')
    .option('--set <name=value>', 'a setting, stronger than file and environment', collected(setting))
    .option('--origin', 'show where each value comes from');
}
