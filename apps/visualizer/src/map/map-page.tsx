// The first thing one sees: brokers as columns, partitions as rows, and each replica's log in between.

import { numberText } from '@odradek/trace';
import { useMemo, useState } from 'preact/hooks';
import { NothingYet } from '../app/empty.tsx';
import { route } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { BreakBar } from '../break/break-bar.tsx';
import { isSceneGoing } from '../scenes/open-scene.ts';
import { useSize } from '../ui/use-size.ts';
import { columnsOf, hasNoController } from './columns.ts';
import { HeatMapView } from './heat-map.tsx';
import { Latest } from './latest.tsx';
import { Losses } from './losses.tsx';
import { MapGrid } from './map-grid.tsx';
import { conditionCounts, conditionSigns, conditions, type Row, rowsOf, rowsWith } from './rows.ts';
import { StripFills } from './strip-view.tsx';

/** With more rows than these an overview stands above, and opens so many at a time. */
const mostRows = 24;
const rowsOpened = 12;

export function MapPage() {
  const console = useConsole();
  const view = console.view.value;
  const { world } = view;
  const [element, { width }] = useSize();
  const [sought, setSought] = useState('');
  const [looked, setLooked] = useState(0);
  const columns = columnsOf(world, view.isConnected);
  // A whole new list for each frame would be ten thousand objects.
  const all = useMemo(() => rowsOf(world), [world.topics, world.topicChanges]);
  const text = sought || (route.value.query.get('partition') ?? '');
  const rows = useMemo(() => rowsWith(all, text), [all, text]);
  if (columns.length === 0) return <NothingYet what="broker" />;
  const isLarge = rows.length > mostRows;
  const first = Math.min(looked, Math.max(0, rows.length - rowsOpened));
  const opened = isLarge ? rows.slice(first, first + rowsOpened) : rows;
  return (
    <div ref={element}>
      <StripFills />
      <div class="title">
        <h1>Map</h1>
        <Sum rows={all} isSoFar={world.arriving.length > 0} />
        {view.isConnected && hasNoController(world) && (
          <p class="tag alarm" data-fact="no controller">
            <span aria-hidden="true">✕</span> no controller: nobody decides who leads
          </p>
        )}
        <Losses />
        {all.length > 5 && (
          <label class="search">
            <span>Find a partition</span>
            <input type="search" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
          </label>
        )}
        <BreakBar />
      </div>
      {isLarge && width > 0 && (
        <HeatMapView
          rows={rows}
          columns={columns}
          first={first}
          opened={rowsOpened}
          width={width}
          onLook={setLooked}
        />
      )}
      {width > 0 && <MapGrid view={view} columns={columns} rows={opened} width={width} />}
      {all.length === 0 && !isSceneGoing(console) && (
        <p class="soft none">
          There is no topic yet. Make one under <a href="#/topics">Topics</a>.
        </p>
      )}
      <Latest />
    </div>
  );
}

/** `isSoFar`: more of them may be told. */
function Sum({ rows, isSoFar }: { readonly rows: readonly Row[]; readonly isSoFar: boolean }) {
  const counts = useMemo(() => conditionCounts(rows), [rows]);
  const words = {
    offline: 'offline',
    alone: 'with one in sync',
    behind: 'with some out of sync',
    whole: 'whole',
  };
  return (
    <p class="soft" data-fact="partitions">
      {numberText(rows.length)} {rows.length === 1 ? 'partition' : 'partitions'}
      {isSoFar && ' so far: the picture is still coming in'}
      {conditions
        .filter((condition) => counts[condition] > 0)
        .map((condition) => (
          <span key={condition} class={`sum ${condition}`}>
            <span aria-hidden="true">{conditionSigns[condition]}</span> {numberText(counts[condition])}{' '}
            {words[condition]}
          </span>
        ))}
    </p>
  );
}
