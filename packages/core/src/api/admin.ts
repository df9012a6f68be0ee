// Commands that change the cluster: any broker takes them and hands them to the active controller (C1). A command is refused
// before it has an effect, or its answer says that the outcome is not known.

import type { AdminApi, ClientAnswer, ClientRequest, MetadataImage, PeerRequest } from '@odradek/model';
import type { ControllerChannel } from '../node/controller-channel.ts';
import type { Deadlines } from '../waiting/deadlines.ts';
import type { Wakers } from '../waiting/wakers.ts';
import { type AnsweredCommand, isInImage } from './own-writes.ts';

/**
 * How long an answer waits for this broker's image at most: the command is done whether or not this broker hears of it, and
 * somebody else may have changed it again before.
 */
const OWN_IMAGE_WAIT_MS = 1000;

/** What handing over needs. */
export interface AdminNeeds {
  readonly controller: ControllerChannel;
  /** Whether the last sign of the controller was that it is gone. */
  isControllerGone(): boolean;
  /** Says which voters are missing, while there is no controller. */
  missingQuorum(): string;
  /** Added to the client's own time-out, so that the controller's answer comes before ours. */
  readonly graceMs: number;
  readonly deadlines: Deadlines;
  image(): MetadataImage;
  /** Woken after each replay. */
  readonly imageChanges: Wakers;
}

/** Nobody waits longer for a controller: every command that waits takes a place on the one link to it (W2). */
const LONGEST_MS = 300_000;

/** Hands one command over; `answer` is called once. */
export function administer(
  needs: AdminNeeds,
  request: ClientRequest<AdminApi>,
  answer: (response: ClientAnswer) => void,
): void {
  if (needs.isControllerGone()) {
    answer(refusal(request.api, 'NOT_CONTROLLER', needs.missingQuorum()));
    return;
  }
  const wantedMs = request.body.timeoutMs > 0 ? request.body.timeoutMs : 0;
  const timeoutMs = Math.min(wantedMs, LONGEST_MS) + needs.graceMs;
  const asked: PeerRequest<AdminApi> = request;
  needs.controller.request(asked, timeoutMs, (reply) => {
    if (reply.outcome === 'answered') {
      const answered = { api: request.api, body: reply.response } as ClientAnswer;
      const command = { api: request.api, asked: request.body, answered: reply.response } as AnsweredCommand;
      onceInImage(needs, command, () => answer(answered));
      return;
    }
    if (reply.reason === 'no controller' || reply.reason === 'refused' || reply.reason === 'unknown address')
      answer(refusal(request.api, 'NOT_CONTROLLER', needs.missingQuorum()));
    else
      answer(
        refusal(
          request.api,
          'REQUEST_TIMED_OUT',
          `the controller ${reply.reason === 'controller changed' ? 'has changed meanwhile' : 'did not answer'}: whether it was done is not known`,
        ),
      );
  });
}

/** Calls `done` once this broker's own image shows the command, so that a client reads here what it wrote here. */
function onceInImage(needs: AdminNeeds, command: AnsweredCommand, done: () => void): void {
  if (isInImage(needs.image(), command)) {
    done();
    return;
  }
  const look = (): void => {
    if (!isInImage(needs.image(), command)) {
      giveUp = needs.imageChanges.add(look);
      return;
    }
    deadline.cancel();
    done();
  };
  let giveUp = needs.imageChanges.add(look);
  const deadline = needs.deadlines.after(OWN_IMAGE_WAIT_MS, () => {
    giveUp();
    done();
  });
}

/** An answer that refuses a command as a whole. */
export function refusal(api: AdminApi, error: string, errorMessage: string): ClientAnswer {
  const whole = { error, errorMessage };
  switch (api) {
    case 'createTopics':
      return { api, body: { ...whole, topics: [] } };
    case 'deleteTopics':
      return { api, body: { ...whole, topics: [] } };
    case 'createPartitions':
      return { api, body: { ...whole, topics: [] } };
    case 'alterConfigs':
      return { api, body: whole };
    case 'electLeaders':
      return { api, body: { ...whole, partitions: [] } };
  }
}
