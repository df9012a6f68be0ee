// A guided scene: a schedule of the simulator with words beside it. It stops at the moments that matter; whoever looks goes on when they
// have read, or leaves the scene and breaks things themselves.

export interface Scene {
  /** Of the address: `#/scenes/offset`. */
  readonly id: string;
  readonly title: string;
  /** What one will have understood. */
  readonly about: string;
  /** The rules of the protocol that are seen at work. */
  readonly rules: readonly string[];
  /** The head of the schedule: the world, its settings. */
  readonly world: string;
  /** The first is there when the scene begins; each other is played when it is asked for. */
  readonly moments: readonly Moment[];
}

export interface Moment {
  /** What leads here, as the button says it; the first moment has none. */
  readonly next?: string;
  /** Statements of the schedule, played before the scene stops here; facts are in it as `expect`. */
  readonly play: string;
  /** How fast: milliseconds of the cluster's time in a millisecond of ours. 0.02 shows single messages. */
  readonly speed?: number;
  readonly title: string;
  /** Paragraphs: what has happened, and why. */
  readonly words: readonly string[];
  /** What it speaks about: pointed at on the map or in a statechart. */
  readonly at: readonly Anchor[];
}

/** A place that a moment speaks about. */
export type Anchor =
  | { readonly broker: number }
  | { readonly partition: string }
  | { readonly replica: { readonly broker: number; readonly partition: string } }
  /** An actor, and a state of it where one is meant. */
  | { readonly actor: string; readonly state?: string };

export function replica(broker: number, partition = 'laser-0'): Anchor {
  return { replica: { broker, partition } };
}

export function actor(path: string, state?: string): Anchor {
  return state === undefined ? { actor: path } : { actor: path, state };
}
