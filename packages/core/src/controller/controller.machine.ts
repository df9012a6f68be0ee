// The controller's life beside its quorum's: it does work only while the quorum says "leader", and only once it has replayed the
// metadata up to its own LeaderChange (C1). What it does is written at its desk.

import type { LeaderEpoch, MetadataImage, Offset, PeerEvidence } from '@odradek/model';
import { assign, setup } from 'xstate';
import type { ControllerDesk, DeskEvent } from './controller-desk.ts';
import type { Question } from './questions.ts';

export interface ControllerContext {
  readonly desk: ControllerDesk;
  /** The controller epoch: that of the quorum's leadership. */
  readonly epoch: LeaderEpoch;
  /** Where the LeaderChange of this epoch stands. */
  readonly startOffset: Offset;
}

export type ControllerEvent =
  /** This node leads the quorum; `startOffset` is the offset of its LeaderChange. Its end is told once, before the next begins. */
  | { readonly type: 'leader epoch started'; readonly epoch: LeaderEpoch; readonly startOffset: Offset }
  | { readonly type: 'leadership lost'; readonly epoch: LeaderEpoch }
  /** The node's metadata has advanced to this image, all of it below the high watermark. */
  | { readonly type: 'committed'; readonly image: MetadataImage }
  | { readonly type: 'asked'; readonly question: Question }
  | { readonly type: 'evidence'; readonly evidence: PeerEvidence }
  | DeskEvent
  /** The node stops: nothing is decided from here on. */
  | { readonly type: 'resign' };

export interface ControllerInput {
  readonly desk: ControllerDesk;
}

export const controllerMachine = setup({
  types: {
    context: {} as ControllerContext,
    events: {} as ControllerEvent,
    input: {} as ControllerInput,
  },
  guards: {
    /** C1: all that earlier controllers decided is in the image, and none of it can be lost any more. */
    'has replayed to its own epoch': ({ context, event }) =>
      event.type === 'committed' && event.image.offset >= context.startOffset,
    /** A lone voter commits its LeaderChange before anybody is told of it. */
    'is committed already': ({ context, event }) =>
      event.type === 'leader epoch started' && context.desk.committedOffset >= event.startOffset,
  },
  actions: {
    'listen to the desk': ({ context, self }) => context.desk.attach((event) => self.send(event)),
    'take epoch': assign(({ event }) =>
      event.type === 'leader epoch started' ? { epoch: event.epoch, startOffset: event.startOffset } : {},
    ),
    'take over': ({ context }) => context.desk.takeOver(context.epoch),
    'decide question': ({ context, event }) => {
      if (event.type === 'asked') context.desk.decide(event.question);
    },
    'hold question': ({ context, event }) => {
      if (event.type === 'asked') context.desk.hold(event.question);
    },
    'refuse question': ({ context, event }) => {
      if (event.type === 'asked') context.desk.refuse(event.question);
    },
    'release answers': ({ context, event }) => {
      if (event.type === 'committed') context.desk.commit(event.image);
    },
    'note evidence': ({ context, event }) => {
      if (event.type === 'evidence') context.desk.note(event.evidence);
    },
    'end sessions': ({ context }) => context.desk.endSessions(),
    'consider log ends': ({ context, event }) => {
      if (event.type === 'log ends told') context.desk.considerLogEnds(event);
    },
    'ask for log ends again': ({ context }) => context.desk.askAgain(),
    'rebalance leaders': ({ context }) => context.desk.rebalance(),
    'relieve full disks': ({ context }) => context.desk.relieve(),
    'give up': ({ context }) => context.desk.giveUp(),
    'note stale event': () => {},
  },
}).createMachine({
  id: 'controller',
  context: ({ input }) => ({ ...input, epoch: -1, startOffset: -1 }),
  entry: 'listen to the desk',
  initial: 'standby',
  on: {
    evidence: { actions: 'note evidence' },
    committed: { actions: 'release answers' },
  },
  states: {
    standby: {
      description: 'Another node decides, or nobody; this one follows the metadata',
      on: {
        'leader epoch started': [
          {
            guard: 'is committed already',
            target: 'active',
            actions: 'take epoch',
            meta: { rule: 'C1' },
          },
          { target: 'replaying', actions: 'take epoch', meta: { rule: 'C1' } },
        ],
        asked: { actions: 'refuse question', meta: { rule: 'C1' } },
        'log ends told': { actions: 'note stale event' },
        resign: { target: 'resigning' },
      },
    },
    replaying: {
      description: 'Leads the quorum, and waits until all that was decided before is committed and replayed',
      on: {
        committed: [
          {
            guard: 'has replayed to its own epoch',
            target: 'active',
            actions: 'release answers',
            meta: { rule: 'C1' },
          },
          { actions: 'release answers' },
        ],
        asked: { actions: 'hold question' },
        'leadership lost': { target: 'standby', actions: 'give up', meta: { rule: 'C1' } },
        'log ends told': { actions: 'note stale event' },
        resign: { target: 'resigning' },
      },
    },
    active: {
      entry: 'take over',
      on: {
        asked: { actions: 'decide question', meta: { rule: 'C1' } },
        'sessions due': { actions: 'end sessions', meta: { rule: 'C7' } },
        'elections due': { actions: 'ask for log ends again', meta: { rule: 'C3' } },
        'balance due': { actions: 'rebalance leaders', meta: { rule: 'C3' } },
        'relief due': { actions: 'relieve full disks', meta: { rule: 'D6' } },
        'log ends told': { actions: 'consider log ends', meta: { rule: 'C3' } },
        'leadership lost': { target: 'standby', actions: 'give up', meta: { rule: 'C1' } },
        resign: { target: 'resigning' },
      },
    },
    resigning: {
      description:
        'The node stops: it decides nothing more, also if it should lead the quorum again; what is decided may still be committed',
      on: {
        asked: { actions: 'refuse question' },
        'leadership lost': { actions: 'give up', meta: { rule: 'C1' } },
        'leader epoch started': { actions: 'note stale event' },
        'sessions due': { actions: 'note stale event' },
        'elections due': { actions: 'note stale event' },
        'balance due': { actions: 'note stale event' },
        'relief due': { actions: 'note stale event' },
        'log ends told': { actions: 'note stale event' },
        resign: { actions: 'note stale event' },
      },
    },
  },
  options: { maxIterations: 100 },
});
