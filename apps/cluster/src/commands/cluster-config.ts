// Settings that change while nodes run: of all brokers, or of one.

import type { DynamicConfig } from '@odradek/client';
import { isSettingName, settings } from '@odradek/model';
import type { Setting } from '../arguments.ts';
import { type ClusterOptions, withClient } from '../cluster-client.ts';
import { usageFailure } from '../failure.ts';
import { type Outcome, table } from '../output.ts';
import type { Session } from '../session.ts';

interface AlterOptions extends ClusterOptions {
  readonly broker?: number;
  readonly set?: readonly Setting[];
  readonly unset?: readonly string[];
}

/** `cluster alter` */
export async function alterCluster(session: Session, options: AlterOptions): Promise<Outcome> {
  const { broker, set = [], unset = [] } = options;
  const changes = Object.fromEntries<string | null>([
    ...set.map((entry): [string, string] => [entry.name, entry.value]),
    ...unset.map((name): [string, null] => [name, null]),
  ]);
  if (Object.keys(changes).length === 0)
    throw usageFailure(
      'nothing to alter',
      'Give --set NAME=VALUE or --unset NAME. What may change: odradek cluster describe-config',
    );
  return withClient(session, options, async (client) => {
    const admin = client.admin();
    if (broker === undefined) await admin.alterConfig(null, changes);
    else await admin.alterBrokerConfig(broker, changes);
    const whose = broker === undefined ? 'all brokers' : `broker ${broker}`;
    return { data: { broker: broker ?? null, config: changes }, text: `altered ${whose}` };
  });
}

interface DescribeOptions extends ClusterOptions {
  readonly all?: boolean;
}

/** `cluster describe-config` */
export async function describeClusterConfig(session: Session, options: DescribeOptions): Promise<Outcome> {
  return withClient(session, options, async (client) => {
    const { entries, dynamic } = await client.admin().describeDynamicConfig();
    const shown = options.all === true ? entries : entries.filter(({ isReadOnly }) => !isReadOnly);
    const data = { settings: shown.map((entry) => ({ ...entry, change: changeOf(entry) })), dynamic };
    return { data, text: textOf(session, shown, dynamic) };
  });
}

type Entry = DynamicConfig['entries'][number];

/** When a change of it takes effect, and for whom. */
function changeOf({
  name,
  isReadOnly,
}: Entry): 'at a restart' | 'at once, for all' | 'at once, for all or one' {
  if (isReadOnly) return 'at a restart';
  return isSettingName(name) && settings[name].isPerBroker ? 'at once, for all or one' : 'at once, for all';
}

function textOf(
  { terminal }: Session,
  shown: DynamicConfig['entries'],
  dynamic: DynamicConfig['dynamic'],
): string {
  const rows = shown.map((entry) => [entry.name, entry.value ?? '', entry.source, changeOf(entry)]);
  const set = dynamic.map(
    ({ broker, name, value }) => `  ${broker < 0 ? 'all brokers' : `broker ${broker}`}: ${name}=${value}`,
  );
  return [
    table(terminal, ['setting', 'value', 'source', 'changes'], rows),
    '',
    set.length === 0 ? 'Nothing is set in the metadata.' : 'Set in the metadata:',
    ...set,
  ].join('\n');
}
