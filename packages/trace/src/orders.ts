// What leaves an actor with a step: the orders that its transition gave, in their order, and what was sent while each was carried out.
// xstate names the actions as it carries them out, and everything happens in one thread: so what is sent between the beginning of an
// action and the report of its step was sent by it. What a host sends later, when a disk has answered, belongs to the order that sends it then.

import { isActor, type WatchedActor } from './actors.ts';
import { type EventValue, eventValues } from './event-values.ts';
import { actionName } from './names.ts';

/** A message that an order sent at once. */
export interface Sent {
  /** The path of an actor, or `node 2`. */
  readonly to: string;
  /** An event's type, or an API and which half of it: `vote`, `fetch answer`. */
  readonly name: string;
  /** What it carries, cut short. */
  readonly values?: readonly EventValue[];
}

/** An action that was carried out outside of the machine. What only changes what the machine itself knows is none. */
export interface Order {
  readonly name: string;
  readonly sent?: readonly Sent[];
  /** So many more messages were sent than are told. */
  readonly more?: number;
}

/** The same, nothing computed yet: most steps of a busy machine are only counted. */
export interface RawOrder {
  readonly type: string;
  readonly sent: RawSent[];
  more: number;
}

interface RawSent {
  readonly to: WatchedActor | string;
  readonly name: string;
  readonly carried: unknown;
}

/** Of an order that wakes a thousand who wait, not all are told. */
const mostSent = 6;
const mostOrders = 20;
const none: readonly RawOrder[] = [];

/** Actions of xstate that stay within the actor: its timers, and the events that it raises for itself. */
const inner = new Set(['xstate.raise', 'xstate.cancel', 'xstate.log', 'xstate.assign']);

/** One for all actors of a thread that send to each other. */
export class OrderWatch {
  readonly #given = new Map<WatchedActor, RawOrder[]>();
  /** Whose orders are being carried out: one that was made to step by another's order stands after it. */
  readonly #acting: WatchedActor[] = [];
  readonly #isWanted: (actor: WatchedActor) => boolean;

  /** `isWanted`: whether an actor's step is going to be told; of others nothing is kept. */
  constructor(isWanted: (actor: WatchedActor) => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  /** An action begins to be carried out. */
  begin(actor: WatchedActor, { type, params }: { readonly type: string; readonly params: unknown }): void {
    this.#dropBroken();
    if (this.#acting.at(-1) !== actor) this.#acting.push(actor);
    if (inner.has(type) || !this.#isWanted(actor)) return;
    const orders = this.#given.get(actor) ?? [];
    this.#given.set(actor, orders);
    if (orders.length === mostOrders) return;
    orders.push({ type, sent: type.startsWith('xstate.') ? sentByXstate(type, params) : [], more: 0 });
  }

  /** Something leaves now: to an actor, or over the network. Outside of any order it is nobody's. */
  sent(to: WatchedActor | string, name: string, carried: unknown): void {
    this.#dropBroken();
    const actor = this.#acting.at(-1);
    const order = actor === undefined ? undefined : this.#given.get(actor)?.at(-1);
    // A message may be told again when it turns out that it is lost.
    if (
      order === undefined ||
      to === actor ||
      order.sent.some((one) => one.carried === carried && one.to === to)
    )
      return;
    if (order.sent.length < mostSent) order.sent.push({ to, name, carried });
    else order.more += 1;
  }

  /** A step is reported: what it gave. What the actor still does until it has settled was sent by no order of anybody. */
  reported(actor: WatchedActor): readonly RawOrder[] {
    const at = this.#acting.lastIndexOf(actor);
    if (at >= 0) this.#acting.length = at;
    this.#acting.push(actor);
    return this.#take(actor);
  }

  /** All is done that its event led to. What was ordered since its last step, as in a start, comes back. */
  settled(actor: WatchedActor): readonly RawOrder[] {
    const at = this.#acting.lastIndexOf(actor);
    if (at >= 0) this.#acting.length = at;
    return this.#take(actor);
  }

  #take(actor: WatchedActor): readonly RawOrder[] {
    const orders = this.#given.get(actor);
    if (orders === undefined) return none;
    this.#given.delete(actor);
    return orders;
  }

  /** Of an actor whose action has thrown no step is reported. */
  #dropBroken(): void {
    for (
      let actor = this.#acting.at(-1);
      actor !== undefined && hasFailed(actor);
      actor = this.#acting.at(-1)
    )
      this.settled(actor);
  }
}

function hasFailed(actor: WatchedActor): boolean {
  const snapshot = actor.getSnapshot();
  return typeof snapshot === 'object' && snapshot !== null && Reflect.get(snapshot, 'status') === 'error';
}

/** xstate's own sending is put off until the step is over, but what it will be is known. */
function sentByXstate(type: string, params: unknown): RawSent[] {
  if (typeof params !== 'object' || params === null) return [];
  const { to, event, delay }: Partial<Record<string, unknown>> = { ...params };
  const name = typeof event === 'object' && event !== null ? Reflect.get(event, 'type') : undefined;
  if (typeof name !== 'string' || delay !== undefined) return [];
  if (type === 'xstate.emit') return [{ to: 'who listens', name, carried: event }];
  if (type !== 'xstate.sendTo') return [];
  return typeof to === 'string' || isActor(to) ? [{ to, name, carried: event }] : [];
}

/** The orders as they are told; undefined: none. `pathOf`: how actors are called. */
export function ordersTold(
  orders: readonly RawOrder[],
  pathOf: (actor: WatchedActor) => string,
): readonly Order[] | undefined {
  if (orders.length === 0) return undefined;
  return orders.map(({ type, sent, more }) => ({
    name: actionName({ type }),
    ...(sent.length === 0 ? {} : { sent: sent.map((one) => sentTold(one, pathOf)) }),
    ...(more === 0 ? {} : { more }),
  }));
}

function sentTold({ to, name, carried }: RawSent, pathOf: (actor: WatchedActor) => string): Sent {
  const values = eventValues(carried);
  return {
    to: typeof to === 'string' ? to : pathOf(to),
    name,
    ...(values.length === 0 ? {} : { values }),
  };
}
