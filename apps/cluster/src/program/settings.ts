import { collected, dataDirectory, endpoints, integerFrom, path, setting } from '../arguments.ts';
import type { CommandLine } from '../command-line.ts';

const configFile = ['--config <file>', 'the server.properties of the node', path] as const;

/** `odradek config …` and `doctor`: how a node would run here. */
export function addSettingsCommands({ program, group, leaf }: CommandLine): void {
  const config = group('config', "a node's settings");
  leaf(
    config,
    'show',
    'show every setting and its value',
    async () => (await import('../commands/config.ts')).showConfiguration,
  )
    .option(...configFile)
    .option('--set <name=value>', 'a setting, stronger than file and environment', collected(setting))
    .option('--origin', 'show where each value comes from');
  leaf(
    program,
    'doctor',
    'see what would keep a node from working here',
    async () => (await import('../commands/doctor.ts')).doctor,
  )
    .option(...configFile)
    .option(
      '--bootstrap <addresses>',
      'look at a cluster that runs: HOST:PORT[,HOST:PORT…]; without --config also that of ODRADEK_BOOTSTRAP',
      endpoints,
    )
    .option(...dataDirectory)
    .option('--port <port>', 'the first port that `up` would use', integerFrom(1, 65_000), 9092);
}
