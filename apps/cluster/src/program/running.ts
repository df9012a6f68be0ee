import { Option } from 'commander';
import { collected, endpoints, integerFrom, oneWordOf, path, setting, voterList } from '../arguments.ts';
import type { CommandLine } from '../command-line.ts';

const port = integerFrom(0, 65_535);
const configFile = ['--config <file>', 'the server.properties of the node', path] as const;

/** `odradek up`, `demo`, `broker`, `format`: what makes nodes run. */
export function addRunningCommands(line: CommandLine): void {
  addUp(line);
  addDemo(line);
  addNode(line);
}

/** `odradek up` alone. */
export function addUp({ program, leaf }: CommandLine): void {
  leaf(
    program,
    'up',
    'run a whole cluster on this machine',
    async () => (await import('../commands/up.ts')).up,
    'print one JSON object once it runs, and then one for each event',
  )
    .option('--brokers <count>', 'how many brokers, ids 1, 2 … (default: 3)', integerFrom(1, 99))
    .option('--controllers <count>', 'the quorum in so many nodes of its own, ids 101 …', integerFrom(0, 9))
    .option('--port <port>', "the first broker's port, the others follow; 0: free ones (default: 9092)", port)
    .option('--data-dir <directory>', 'where the data is; a cluster that is there goes on', path)
    .option('--memory', 'partitions in memory; nothing is kept')
    .option('--set <name=value>', 'a setting of every node', collected(setting))
    .option('--watch', 'print every step of every machine');
}

function addDemo({ program, leaf }: CommandLine): void {
  leaf(
    program,
    'demo',
    'the whole story, unattended',
    async () => (await import('../commands/demo.ts')).demo,
  ).argument(
    '[story]',
    'failover, or answers: all replicas die, and what each answer to that costs',
    oneWordOf('failover', 'answers'),
    'failover' as const,
  );
}

function addNode({ program, leaf }: CommandLine): void {
  leaf(
    program,
    'broker',
    'run one node',
    async () => (await import('../commands/broker.ts')).runBroker,
    'print its log as JSON lines',
  )
    .requiredOption(...configFile)
    .option('--set <name=value>', 'a setting, stronger than file and environment', collected(setting))
    .option(
      '--log-format <format>',
      'text or json; text on a terminal, json elsewhere, if it is not said',
      oneWordOf('text', 'json'),
    )
    // Between `up` and the processes that it starts; nobody types them.
    .addOption(new Option('--supervised', 'orders come from the parent process').hideHelp())
    .addOption(
      new Option('--watch <what>', 'tell the parent process steps of machines')
        .argParser(oneWordOf('nothing', 'changes', 'everything'))
        .hideHelp(),
    );
  leaf(
    program,
    'format',
    "prepare a node's directory",
    async () => (await import('../commands/format.ts')).format,
  )
    .option(...configFile)
    .option('--cluster-id <id>', 'the same for every node of the cluster')
    .option('--voters <voters>', 'who votes: 1@host:port:DIRECTORY_ID,…', voterList)
    .option('--join <host:port>', 'join a cluster that runs, by one of its nodes', endpoints)
    .option(
      '--secret-file <file>',
      "with --join: a copy of the cluster's secret, if it is not in place yet",
      path,
    )
    .option('--new-directory-id', 'print a new directory id and do nothing else');
}
