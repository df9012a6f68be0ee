// The head of a row: a partition, who leads it, and how it is.

import { addressOf } from '../app/routes.ts';
import { conditionSigns, conditionWords, type Row } from './rows.ts';

export function PartitionHead({ row }: { readonly row: Row }) {
  const { topic, partition, name, condition, leader, leaderEpoch, inSyncReplicas } = row;
  return (
    <div class={`partition-head ${condition}`} data-partition={name}>
      <a class="partition" href={addressOf('topics', [topic], { partition: String(partition) })} title={name}>
        <span class="topic-name">{topic}</span>
        <span class="faint">-</span>
        {partition}
      </a>
      <span class="condition" title={conditionWords[condition]}>
        <span aria-hidden="true">{conditionSigns[condition]}</span>
        <span class="unseen">{conditionWords[condition]}</span>
      </span>
      <p class="faint small">
        <span data-fact="leader">{leader < 0 ? 'no leader' : `leader ${leader}`}</span>, epoch{' '}
        <span data-fact="epoch">{leaderEpoch}</span>
        <br />
        in sync <span data-fact="in-sync replicas">{inSyncReplicas.join(', ') || 'nobody'}</span>
      </p>
    </div>
  );
}
