import { describe, expect, it } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import { type ToldStep, toldSteps } from '../src/told-steps.ts';

const door = setup({
  types: {
    context: {} as { readonly knocks: number },
    events: {} as { readonly type: 'knock' | 'open' | 'wind' },
  },
  guards: { 'was knocked at twice': ({ context }) => context.knocks >= 2 },
  actions: { count: assign({ knocks: ({ context }) => context.knocks + 1 }) },
}).createMachine({
  id: 'door',
  context: { knocks: 0 },
  initial: 'shut',
  states: {
    shut: {
      on: {
        knock: { actions: 'count', meta: { rule: 'D1' } },
        open: { guard: 'was knocked at twice', target: 'open', meta: { rule: 'D2' } },
      },
    },
    open: {},
  },
});

function listening(onStep?: (step: ToldStep) => void) {
  const steps: string[] = [];
  const failures: unknown[] = [];
  const told = toldSteps({
    onStep:
      onStep ?? (({ actor, from, event, to, rule }) => steps.push(`${actor} ${from} ${event} ${to} ${rule}`)),
    onFailure: (error) => failures.push(error),
  });
  return { told, steps, failures };
}

describe('steps of chosen machines', () => {
  it('are told with actor, states, event and rule, for every actor of the machine', () => {
    const { told, steps } = listening();
    const logic = told(door);
    const [front, back] = ['front', 'back'].map((id) => createActor(logic, { id }).start());
    for (const type of ['open', 'knock', 'knock', 'open', 'wind'] as const) front?.send({ type });
    back?.send({ type: 'knock' });
    expect(steps).toEqual([
      'front shut open shut undefined',
      'front shut knock shut D1',
      'front shut knock shut D1',
      'front shut open open D2',
      'front open wind open undefined',
      'back shut knock shut D1',
    ]);
    expect(front?.getSnapshot()).toMatchObject({ value: 'open', context: { knocks: 2 } });
  });

  it('are not told while nobody wants to hear of them', () => {
    const heard: string[] = [];
    let isWanted = false;
    const options = {
      isWanted: () => isWanted,
      onStep: ({ event }: ToldStep) => void heard.push(event),
      onFailure: () => {},
    };
    const actor = createActor(toldSteps(options)(door)).start();
    actor.send({ type: 'knock' });
    isWanted = true;
    actor.send({ type: 'knock' });
    actor.send({ type: 'open' });
    expect(heard).toEqual(['knock', 'open']);
    expect(actor.getSnapshot().value).toBe('open');
  });

  it('the machine does the same as without', () => {
    const { told } = listening();
    const [plain, telling] = [createActor(door).start(), createActor(told(door)).start()];
    for (const type of ['knock', 'open', 'knock', 'open'] as const)
      for (const actor of [plain, telling]) actor.send({ type });
    expect(telling.getSnapshot().value).toEqual(plain.getSnapshot().value);
    expect(telling.getSnapshot().context).toEqual(plain.getSnapshot().context);
    expect(telling.getSnapshot().machine.id).toBe('door');
  });

  it('a listener that throws disturbs nobody', () => {
    const { told, failures } = listening(() => {
      throw new Error('broken');
    });
    const actor = createActor(told(door)).start();
    actor.send({ type: 'knock' });
    expect(actor.getSnapshot().context.knocks).toBe(1);
    expect(failures).toHaveLength(1);
  });
});
