import { oneWordOf, path } from '../arguments.ts';
import type { CommandLine } from '../command-line.ts';

/** `odradek log …` and `machines …`: what needs no cluster. */
export function addLookingCommands({ group, leaf }: CommandLine): void {
  const log = group('log', 'segments on the disk, of ours or of Apache Kafka, read offline');
  leaf(
    log,
    'dump',
    'print the batches of a segment, or of all segments of a partition',
    async () => (await import('../commands/log-dump.ts')).dumpLog,
    'print one JSON object for each batch',
  )
    .argument('<path>', 'a segment, or the directory of a partition', path)
    .option('--records', 'and the records in them');
  leaf(
    log,
    'check',
    'verify the log of a partition, or all logs of a broker, with indexes and checkpoints',
    async () => (await import('../commands/log-check.ts')).checkLog,
  ).argument('<directory>', 'of a partition, or of a broker', path);
  const machines = group('machines', 'the statecharts that run in this program');
  const load = () => import('../commands/machines.ts');
  leaf(machines, 'list', 'list all machines', async () => (await load()).listMachines);
  leaf(machines, 'show <name>', 'draw one machine', async () => (await load()).showMachine)
    .option(
      '--format <format>',
      'svg (a picture: `> broker.svg`), mermaid (as in Markdown) or json (states and transitions as data)',
      oneWordOf('svg', 'mermaid', 'json'),
      'mermaid',
    )
    .option('--overview', 'of an svg: states and events alone')
    .option(
      '--theme <theme>',
      'of an svg: light, dark, or auto (as whoever looks prefers)',
      oneWordOf('light', 'dark', 'auto'),
      'auto',
    );
}
