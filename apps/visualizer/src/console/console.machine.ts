// The console's own behaviour: where what is seen comes from, and which moment of it is looked at. It can be looked at in itself.

import { assign, setup } from 'xstate';

export interface ConsoleContext {
  /** What is looked at, in words. */
  readonly about: string;
  readonly kind: 'cluster' | 'file' | 'tab' | 'nothing';
  /** Why the source is gone, or cannot be opened. */
  readonly reason: string;
  /** The moment that is looked at while time does not go on by itself: a position in the recording. */
  readonly position: number;
  /** A second moment, to compare the first with. */
  readonly other: number | null;
  /** So many times as fast as it was. */
  readonly speed: number;
}

export type ConsoleEvent =
  | { readonly type: 'source chosen'; readonly about: string; readonly kind: 'cluster' | 'file' | 'tab' }
  | { readonly type: 'source opened' }
  | { readonly type: 'source lost'; readonly reason: string }
  | { readonly type: 'source failed'; readonly reason: string }
  | { readonly type: 'source completed'; readonly position: number }
  | { readonly type: 'source closed' }
  | { readonly type: 'pause'; readonly position: number }
  | { readonly type: 'go to'; readonly position: number }
  | { readonly type: 'play' }
  | { readonly type: 'follow' }
  | { readonly type: 'time passed'; readonly position: number; readonly isLast: boolean }
  | { readonly type: 'change speed'; readonly speed: number }
  | { readonly type: 'compare'; readonly position: number | null };

export const consoleMachine = setup({
  types: { context: {} as ConsoleContext, events: {} as ConsoleEvent },
  actions: {
    'note the source': assign(({ event }) =>
      event.type === 'source chosen'
        ? { about: event.about, kind: event.kind, reason: '', position: 0, other: null }
        : {},
    ),
    'forget the source': assign({ about: '', kind: 'nothing', reason: '', position: 0, other: null }),
    'note why': assign(({ event }) => ('reason' in event ? { reason: event.reason } : {})),
    'forget why': assign({ reason: '' }),
    'look at the moment': assign(({ event }) =>
      'position' in event && event.position !== null ? { position: event.position } : {},
    ),
    'change the speed': assign(({ event }) => (event.type === 'change speed' ? { speed: event.speed } : {})),
    'note the other moment': assign(({ event }) =>
      event.type === 'compare' ? { other: event.position } : {},
    ),
  },
  guards: {
    'nothing comes after it': ({ event }) => event.type === 'time passed' && event.isLast,
    'more is being told': ({ context, event }) =>
      event.type === 'time passed' && event.isLast && context.kind !== 'file',
  },
}).createMachine({
  id: 'console',
  type: 'parallel',
  context: { about: '', kind: 'nothing', reason: '', position: 0, other: null, speed: 1 },
  on: {
    'change speed': { actions: 'change the speed' },
    compare: { actions: 'note the other moment' },
  },
  states: {
    source: {
      initial: 'empty',
      on: {
        'source chosen': { target: '.connecting', actions: 'note the source' },
        'source closed': { target: '.empty', actions: 'forget the source' },
      },
      states: {
        empty: {},
        connecting: {
          on: {
            'source opened': 'open',
            'source lost': { target: 'disconnected', actions: 'note why' },
            'source failed': { target: 'failed', actions: 'note why' },
          },
        },
        open: {
          on: {
            'source lost': { target: 'disconnected', actions: 'note why' },
            'source failed': { target: 'failed', actions: 'note why' },
            'source completed': 'complete',
          },
        },
        disconnected: {
          on: {
            'source opened': { target: 'open', actions: 'forget why' },
            'source lost': { actions: 'note why' },
            'source failed': { target: 'failed', actions: 'note why' },
          },
        },
        complete: {},
        failed: {},
      },
    },
    time: {
      initial: 'following',
      on: { 'source chosen': '.following', 'source closed': '.following' },
      states: {
        following: {
          on: {
            pause: { target: 'paused', actions: 'look at the moment' },
            'go to': { target: 'paused', actions: 'look at the moment' },
            'source completed': { target: 'paused', actions: 'look at the moment' },
          },
        },
        paused: {
          on: {
            'go to': { actions: 'look at the moment' },
            play: 'replaying',
            follow: 'following',
          },
        },
        replaying: {
          on: {
            'time passed': [
              { guard: 'more is being told', target: 'following' },
              { guard: 'nothing comes after it', target: 'paused', actions: 'look at the moment' },
              { actions: 'look at the moment' },
            ],
            'go to': { target: 'paused', actions: 'look at the moment' },
            pause: { target: 'paused', actions: 'look at the moment' },
            follow: 'following',
          },
        },
      },
    },
  },
});
