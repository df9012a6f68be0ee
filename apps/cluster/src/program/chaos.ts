import { dataDirectory, integerFrom } from '../arguments.ts';
import type { CommandLine } from '../command-line.ts';

const nodeId = integerFrom(0);

/** Commander gives a variadic argument's parser what came before. */
function nodeIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, nodeId(text)];
}

const signals = [
  ['kill', 'SIGKILL: the process is gone at once'],
  ['start', 'start a node that is down'],
  ['restart', 'stop a node as an operator would, and start it again'],
  ['pause', 'SIGSTOP: the process is there and silent'],
  ['resume', 'SIGCONT: a paused process goes on'],
] as const;

/** `odradek chaos …` */
export function addChaos({ group, leaf }: CommandLine): void {
  const chaos = group('chaos', 'break a cluster that `odradek up` runs on this machine');
  const load = () => import('../commands/chaos.ts');
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
  leaf(chaos, 'fail', 'flushes of the partitions on a node fail', async () => (await load()).fail)
    .argument('<node>', 'id of a node', nodeId)
    .option(...dataDirectory);
  leaf(chaos, 'heal', 'end all cuts, delays, full and failing disks', async () => (await load()).heal).option(
    ...dataDirectory,
  );
}
