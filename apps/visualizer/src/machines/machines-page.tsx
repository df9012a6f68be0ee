// Every machine of the product as the chart that runs: where its actors are, what moved them last, and one of them from inside.

import { numberText } from '@odradek/trace';
import { useState } from 'preact/hooks';
import { NothingYet } from '../app/empty.tsx';
import { addressOf, goTo, route } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { Term } from '../glossary/term.tsx';
import { ActorInside } from './actor-inside.tsx';
import { ChartPane } from './chart-pane.tsx';
import { actorsOf, type MachineSeen, machinesSeen } from './machine-list.ts';
import { StateTable } from './state-table.tsx';

const mostActors = 60;

export function MachinesPage() {
  const console = useConsole();
  const { world } = console.view.value;
  const machines = machinesSeen(world, console.own.value);
  if (world.charts.size === 0 && console.source !== undefined) return <NothingYet what="machine" />;
  const [asked] = route.value.rest;
  const actorPath = route.value.query.get('actor') ?? undefined;
  const picked =
    machines.find(({ id }) => id === asked) ?? machines.find(({ actors }) => actors > 0) ?? machines[0];
  if (picked === undefined) return <NothingYet what="machine" />;
  return (
    <>
      <div class="title">
        <h1>Machines</h1>
        <p class="soft">
          The <Term word="machine" text="state machines" /> that run,{' '}
          {console.view.value.isNow && console.state.value.context.kind !== 'file'
            ? 'as they are now.'
            : 'as they were at the moment that is looked at.'}
        </p>
      </div>
      <div class="machines">
        <MachineNames machines={machines} picked={picked} />
        <section class="middle" aria-label={`The machine ${picked.id}`}>
          {asked !== undefined && asked !== picked.id && (
            <p role="status">No machine {asked} has been told of yet: this is another one.</p>
          )}
          <div class="title">
            <h2>{picked.id}</h2>
            <p class="command">
              <code>odradek machines show {picked.id} --format svg</code>
            </p>
          </div>
          <ChartPane machine={picked} actor={actorPath} />
          <StateTable machine={picked} />
        </section>
        <aside aria-label="Actors">
          <Actors machine={picked} picked={actorPath} />
        </aside>
      </div>
    </>
  );
}

interface NamesProps {
  readonly machines: readonly MachineSeen[];
  readonly picked: MachineSeen;
}

function MachineNames({ machines, picked }: NamesProps) {
  const list = (isOwn: boolean) => (
    <ul>
      {machines
        .filter((machine) => machine.isOwn === isOwn)
        .map(({ id, actors }) => (
          <li key={id}>
            <a href={addressOf('machines', [id])} aria-current={id === picked.id ? 'true' : undefined}>
              {id} <span class="faint">{numberText(actors)}</span>
            </a>
          </li>
        ))}
    </ul>
  );
  return (
    <nav class="machine-names" aria-label="Machines">
      {list(false)}
      <h2 class="faint small">This page</h2>
      {list(true)}
    </nav>
  );
}

interface ActorsProps {
  readonly machine: MachineSeen;
  readonly picked: string | undefined;
}

function Actors({ machine: { id, world, isOwn }, picked }: ActorsProps) {
  const [words, setWords] = useState('');
  const { shown, found } = actorsOf(world, id, words, mostActors);
  const chosen = picked ?? (found === 1 ? shown[0]?.path : undefined);
  return (
    <div class="stack">
      {(found > 1 || words !== '') && (
        <>
          <label class="field">
            Pick one of {numberText(found)}: a broker, a partition, a state
            <input type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
          </label>
          <ul class="actor-names">
            {shown.map(({ path }) => (
              <li key={path}>
                <button
                  type="button"
                  class="plain mono"
                  aria-pressed={path === chosen}
                  onClick={() => goTo(addressOf('machines', [id], path === chosen ? {} : { actor: path }))}
                >
                  {path}
                </button>
              </li>
            ))}
          </ul>
          {found > shown.length && <p class="faint small">and {numberText(found - shown.length)} more</p>}
        </>
      )}
      {chosen !== undefined && <ActorInside key={chosen} world={world} path={chosen} isOwn={isOwn} />}
    </div>
  );
}
