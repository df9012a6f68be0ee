import { describe, expect, it } from 'vitest';
import { type ActorScheduler, rememberTimers } from '../src/index.ts';

interface Actor {
  readonly name: string;
}

/** A scheduler that tells what it is asked, and knows no other way to cancel an actor's timers than one by one. */
function heardScheduler(): { readonly scheduler: ActorScheduler<Actor, string>; readonly heard: string[] } {
  const heard: string[] = [];
  const scheduler: ActorScheduler<Actor, string> = {
    schedule: (source, _target, event, delayMs, id) =>
      heard.push(`${source.name} ${event} in ${delayMs} as ${id}`),
    cancel: (source, id) => heard.push(`${source.name} not ${id}`),
    cancelAll: () => heard.push('looked at all timers'),
  };
  rememberTimers(scheduler);
  heard.length = 0;
  return { scheduler, heard };
}

describe('timers of actors', () => {
  const [one, other]: [Actor, Actor] = [{ name: 'one' }, { name: 'other' }];

  it('X7, E8: an actor that stops costs its own timers, not those of all', () => {
    const { scheduler, heard } = heardScheduler();
    scheduler.schedule(one, one, 'a', 10, 'first');
    scheduler.schedule(one, one, 'b', 20, 'second');
    scheduler.schedule(other, other, 'c', 30, 'third');
    scheduler.cancel(one, 'first');
    heard.length = 0;
    scheduler.cancelAll(one);
    expect(heard).toEqual(['one not second']);
    heard.length = 0;
    scheduler.cancelAll(one);
    expect(heard).toEqual([]);
    scheduler.cancelAll(other);
    expect(heard).toEqual(['other not third']);
  });

  it('gives names to timers that have none, so that they can be cancelled', () => {
    const { scheduler, heard } = heardScheduler();
    scheduler.schedule(one, other, 'a', 10, undefined);
    scheduler.schedule(one, other, 'b', 10, undefined);
    scheduler.cancelAll(one);
    expect(heard).toEqual([
      'one a in 10 as unnamed 0',
      'one b in 10 as unnamed 1',
      'one not unnamed 0',
      'one not unnamed 1',
    ]);
  });
});
