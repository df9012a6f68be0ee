// How many actors are in which state: the same as the chart's numbers, for reading.

import { numberText } from '@odradek/trace';
import type { MachineSeen } from './machine-list.ts';

export function StateTable({ machine: { id, world } }: { readonly machine: MachineSeen }) {
  const states = [...world.statesOf(id)].sort(([, one], [, other]) => other - one);
  if (states.length === 0) return <p class="faint small">No actor of this machine lives at this moment.</p>;
  return (
    <details class="states" open={states.length <= 8}>
      <summary>Actors by state</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">state</th>
            <th scope="col" class="number">
              actors
            </th>
          </tr>
        </thead>
        <tbody>
          {states.map(([state, actors]) => (
            <tr key={state} data-state={state}>
              <th scope="row" class="mono">
                {state}
              </th>
              <td class="number">{numberText(actors)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
