import { type Command, Option } from 'commander';
import {
  collected,
  dataDirectory,
  endpoints,
  header,
  integerFrom,
  oneWordOf,
  path,
  replicaAssignment,
  setting,
  startPosition,
} from '../arguments.ts';
import type { CommandLine } from '../command-line.ts';

/** `odradek topic`, `produce`, `consume`, `cluster`: what speaks to a cluster. */
export function addDataCommands(line: CommandLine): void {
  addTopic(line);
  addRecords(line);
  const cluster = line.group('cluster', 'the cluster as a whole');
  const status = line.leaf(
    cluster,
    'status',
    'who leads what, who is in sync, what was lost',
    async () => (await import('../commands/cluster.ts')).clusterStatus,
  );
  withCluster(status);
  const load = () => import('../commands/cluster-config.ts');
  withCluster(
    line.leaf(
      cluster,
      'alter',
      'change settings of all brokers, or of one, while they run',
      async () => (await load()).alterCluster,
    ),
  )
    .option('--broker <id>', 'of this broker alone', integerFrom(0))
    .option('--set <name=value>', 'set a setting', collected(setting))
    .option('--unset <name>', 'take a setting away', collected(String));
  withCluster(
    line.leaf(
      cluster,
      'describe-config',
      'show what can change while brokers run, its value at the broker that answers, and where that comes from',
      async () => (await load()).describeClusterConfig,
    ),
  ).option('--all', 'and what changes at a restart only');
  withCluster(
    line.leaf(
      line.program,
      'explain <topic[/partition]>',
      'why a partition is offline, under-replicated or refuses writes, and what would help',
      async () => (await import('../commands/explain.ts')).explain,
    ),
  );
}

/** As Kafka's `delivery.timeout.ms`: a producer goes on through failovers. */
const deliveryTimeoutMs = 120_000;

/** Options of every command that speaks to a cluster. */
function withCluster(command: Command, timeoutMs = 10_000): Command {
  return command
    .option(
      '--bootstrap <addresses>',
      'brokers to begin with: HOST:PORT[,HOST:PORT…]; else ODRADEK_BOOTSTRAP, else the cluster that `up` started here',
      endpoints,
    )
    .option(...dataDirectory)
    .option(
      '--timeout <milliseconds>',
      'how long to wait for an answer',
      integerFrom(1, 3_600_000),
      timeoutMs,
    );
}

function addTopic({ group, leaf }: CommandLine): void {
  const topic = group('topic', 'topics and their partitions');
  const load = () => import('../commands/topic.ts');
  const partitions = integerFrom(1, 100_000);
  withCluster(leaf(topic, 'create <name>', 'make a topic', async () => (await load()).createTopic))
    .option('--partitions <count>', 'how many partitions; else what num.partitions says', partitions)
    .option(
      '--replication-factor <count>',
      'how many replicas each; else three, or as many as there are brokers',
      integerFrom(1, 32_767),
    )
    .option(
      '--replica-assignment <ids>',
      'replicas by partition, the leader first: 1:2:3,2:3:1',
      replicaAssignment,
    )
    .option('--set <name=value>', 'a setting of the topic', collected(setting))
    .option('--validate-only', 'only see whether it could be made');
  withCluster(leaf(topic, 'list', 'list all topics', async () => (await load()).listTopics));
  withCluster(
    leaf(
      topic,
      'describe <name>',
      'show partitions, leaders and replicas',
      async () => (await load()).describeTopic,
    ),
  );
  withCluster(
    leaf(topic, 'alter <name>', 'change settings, add partitions', async () => (await load()).alterTopic),
  )
    .option('--partitions <count>', 'the new number of partitions', partitions)
    .option('--replica-assignment <ids>', 'replicas of the new partitions: 1:2:3,2:3:1', replicaAssignment)
    .option('--set <name=value>', 'set a setting', collected(setting))
    .option('--unset <name>', 'take a setting away', collected(String));
  withCluster(leaf(topic, 'delete <name>', 'delete a topic', async () => (await load()).deleteTopic));
  withCluster(leaf(topic, 'elect <name>', 'elect leaders', async () => (await load()).electLeaders))
    .option('--partition <number>', 'of this partition only', integerFrom(0))
    .option(
      '--kind <kind>',
      'preferred, unclean or last-known-leader; the last two may lose records',
      oneWordOf('preferred', 'unclean', 'last-known-leader'),
      'preferred' as const,
    );
}

function addRecords({ program, leaf }: CommandLine): void {
  const produce = async () => (await import('../commands/produce.ts')).produce;
  const produced = 'print one JSON object; with --each one for each record';
  withCluster(
    leaf(program, 'produce <topic>', 'write lines as records', produce, produced),
    deliveryTimeoutMs,
  )
    .option('--file <file>', 'read lines from here, unpacked if gzipped; else from the standard input', path)
    .option('--key <text>', 'the key of every record')
    .option('--key-separator <text>', 'what stands before the first of these is the key')
    .option('--header <name=value>', 'of every record; may be given several times', collected(header))
    .option('--partition <number>', 'write to this partition', integerFrom(0))
    .option('--acks <who>', 'all, 1 or 0', oneWordOf('all', '1', '0'), 'all' as const)
    .option('--linger <milliseconds>', 'how long a batch waits for more', integerFrom(0, 60_000), 5)
    .option('--compression <codec>', 'none or gzip', oneWordOf('none', 'gzip'), 'none' as const)
    .option('--each', 'print the place of every record as it is acknowledged');
  const consume = async () => (await import('../commands/consume.ts')).consume;
  withCluster(
    leaf(
      program,
      'consume <topic>',
      'print the records that are there',
      consume,
      'print one JSON object for each record',
    ),
  )
    .option('--partition <number>', 'read this partition only', integerFrom(0))
    .addOption(
      new Option('--from <where>', 'earliest, latest, an offset, -N (N before the end), @TIME')
        .argParser(startPosition)
        .default(startPosition('earliest'), 'earliest'),
    )
    .option('--key-has <text>', 'only records with this somewhere in their key')
    .option('--value-has <text>', 'only records with this somewhere in their value')
    .option('--header-has <text>', 'only records with this in the name or value of a header')
    .option('--count <records>', 'stop after so many', integerFrom(0))
    .option('--follow', 'wait for more at the end')
    .option(
      '--encoding <encoding>',
      'utf8, base64 or hex',
      oneWordOf('utf8', 'base64', 'hex'),
      'utf8' as const,
    )
    .option('--key-separator <text>', 'print keys too, with this after them');
}
