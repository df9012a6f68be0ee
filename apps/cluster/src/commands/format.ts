// Formats the directory of one node, for `odradek broker`.

import { readMetaProperties } from '@odradek/host-node';
import type { Configuration, Voter } from '@odradek/model';
import type { Endpoint, VoterText } from '../arguments.ts';
import { localFailure, usageFailure } from '../failure.ts';
import { ensureSecret, formatDirectory } from '../format-directory.ts';
import { askCluster, takeSecret } from '../join-cluster.ts';
import { logDirectoryOf } from '../log-directory.ts';
import type { Outcome } from '../output.ts';
import type { Session } from '../session.ts';
import { newId } from '../uuid.ts';
import { type ConfigurationOptions, readConfiguration } from './config.ts';

interface FormatOptions extends ConfigurationOptions {
  readonly clusterId?: string;
  readonly voters?: readonly VoterText[];
  /** A node of the cluster that this one joins. */
  readonly join?: readonly Endpoint[];
  readonly secretFile?: string;
  readonly newDirectoryId?: boolean;
}

/** `format` */
export async function format(session: Session, options: FormatOptions): Promise<Outcome> {
  if (options.newDirectoryId === true) {
    const directoryId = newId();
    return { data: { directoryId }, text: directoryId };
  }
  if (options.config === undefined) throw usageFailure('--config FILE is missing: whose directory is it?');
  const configuration = readConfiguration(session.environment, options);
  const directory = logDirectoryOf(configuration);
  const existing = readMetaProperties(directory);
  if (existing !== undefined)
    throw localFailure(
      'INVALID_REQUEST',
      `${directory} is formatted already, for node ${existing.nodeId} of cluster ${existing.clusterId}`,
    );
  const nodeId = configuration.values['node.id'];
  const { voters, clusterId } = await clusterFor(session, configuration, options);
  // Who joins has another directory than any voter, also where a voter of its number was lost (S69).
  const vote = options.join === undefined ? voters.find((voter) => voter.id === nodeId) : undefined;
  const directoryId = vote?.directoryId ?? newId();
  await formatDirectory(directory, { clusterId, nodeId, directoryId, voters });
  const role = vote === undefined ? 'an observer, which never votes' : 'a voter';
  return {
    data: { clusterId, nodeId, directoryId, directory, voters },
    text: `formatted ${directory} for node ${nodeId} of cluster ${clusterId}: ${role}\nStart it with: odradek broker --config ${options.config}`,
  };
}

interface NamedCluster {
  readonly clusterId: string;
  readonly voters: readonly Voter[];
}

/** The cluster as the words name it, or as one of its nodes tells it; with its secret in place. */
async function clusterFor(
  session: Session,
  configuration: Configuration,
  { voters: given, clusterId, join, secretFile }: FormatOptions,
): Promise<NamedCluster> {
  if (join !== undefined) {
    if (given !== undefined)
      throw usageFailure('--voters and --join exclude each other: the cluster knows its voters');
    const cluster = await askCluster(session, {
      nodeId: configuration.values['node.id'],
      at: join,
      clusterId,
    });
    takeSecret(configuration, secretFile);
    return cluster;
  }
  if (secretFile !== undefined)
    throw usageFailure('--secret-file goes with --join: without it the secret is made where there is none');
  if (given === undefined)
    throw usageFailure(
      '--voters is missing: the same list for every node of the cluster; or --join HOST:PORT of one that runs',
      'For one node alone: --voters 1@127.0.0.1:9092. For several: 1@host:port:DIRECTORY_ID,… with ids from --new-directory-id.',
    );
  const voters = completeVoters(given);
  const named = { clusterId: clusterId ?? onlyClusterId(voters), voters };
  makeSecret(configuration);
  return named;
}

/** A voter alone needs no directory id beforehand: nobody else has to know it. */
function completeVoters(given: readonly VoterText[]): readonly Voter[] {
  return given.map((voter) => {
    if (voter.directoryId === undefined && given.length > 1)
      throw usageFailure(
        `voter ${voter.id} has no directory id, and there are several voters`,
        'Write 1@host:port:DIRECTORY_ID,…; `odradek format --new-directory-id` makes one for each.',
      );
    return { ...voter, directoryId: voter.directoryId ?? newId() };
  });
}

/** Several nodes must be told one cluster id; a node alone may choose. */
function onlyClusterId(voters: readonly Voter[]): string {
  if (voters.length === 1) return newId();
  throw usageFailure(
    '--cluster-id is missing: the same for every node',
    'Any text does; `odradek format --new-directory-id` prints a good one.',
  );
}

function makeSecret(configuration: Configuration): void {
  const path = configuration.values['odradek.cluster.secret.file'];
  if (path !== '') ensureSecret(path);
}
