// An attacker at one door of one node: it says a true hello, proves itself where the door asks for it, then sends frames that are
// near the truth; or it plays the hello itself out of order, twice, or with another conversation's proof.

import type { Channel, Compute } from '@odradek/model';
import {
  type Address,
  bodyOf,
  type Dial,
  decodeFrame,
  defaultLimits,
  emptyBody,
  encodeFrame,
  type Frame,
  greetingBody,
  helloBody,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  proofBody,
  proofOf,
  type Socket,
  WireError,
} from '@odradek/wire';
import { SeededRandom } from '../seeded-random.ts';
import { mutated } from './mutate-frame.ts';
import { type HostileDoor, isRefusedAtSight, type Known, oneBuffer, trueFrames } from './true-frames.ts';

export interface AttackerOptions {
  readonly dial: Dial;
  readonly address: Address;
  readonly door: HostileDoor;
  /** A node has one link of each kind: another attacker on the same one would only replace this one. */
  readonly channel: Channel;
  readonly hmac: Compute['hmacSha256'];
  /** Of the cluster: the attacker is one of its nodes, or knows the secret of one. */
  readonly secret: Uint8Array;
  readonly known: () => Known;
  /**
   * Of the blows that cost a connection at sight so many are struck, in percent; by default all. A connection, a hello and a proof
   * take some ten times as long as a frame does.
   */
  readonly refusedPercent?: number;
}

/** One blow: all that is drawn for it comes from this seed. */
export interface Blow {
  readonly seed: number;
  /** What was sent, the last frame last. */
  readonly frames: readonly Uint8Array[];
}

type Phase = 'dialling' | 'greeting' | 'proving' | 'up' | 'over';

/** A frame that was sent, and how many answers to pings must come until it was surely read. */
interface Unread {
  readonly frame: Uint8Array;
  pongs: number;
}

interface Talk {
  readonly socket: Socket;
  phase: Phase;
  /** In the order in which they were sent. A session that ends has read the first of them, and none after it. */
  readonly unread: Unread[];
}

export class Attacker {
  readonly #options: AttackerOptions;
  /** The last proofs, to be replayed. */
  readonly #oldProofs: Uint8Array[] = [];
  #talk: Talk | undefined;
  #frames: readonly Uint8Array[] = [];
  #strikes = 0;
  /** Sent as soon as a session serves. */
  #waiting: Uint8Array[] = [];
  #told: (() => void) | undefined;
  /** Frames that a session that serves has read: it has answered what came after them, or they have ended it. */
  framesRead = 0;
  connections = 0;

  constructor(options: AttackerOptions) {
    this.#options = options;
  }

  /** Whether a session serves it now. */
  get isUp(): boolean {
    return this.#talk?.phase === 'up';
  }

  /** Opens a session if there is none. */
  open(): void {
    if (this.#talk === undefined || this.#talk.phase === 'over') this.#talk = this.#converse();
  }

  /** What is true changes more slowly than it is encoded. */
  #trueFrames(): readonly Uint8Array[] {
    if (this.#strikes % 64 === 0) this.#frames = trueFrames(this.#options.door, this.#options.known());
    this.#strikes += 1;
    return this.#frames;
  }

  /** Strikes once: mostly a hostile frame in the session, now and then a hostile conversation of its own. */
  strike(seed: number): Blow {
    const random = new SeededRandom(seed);
    const frames = this.#trueFrames();
    const { refusedPercent = 100 } = this.#options;
    if (random.chance(96) || !random.chance(refusedPercent)) {
      const frame = this.#hostileFrame(frames, random);
      this.#waiting.push(frame);
      this.open();
      this.#flush();
      return { seed, frames: [frame] };
    }
    const hello = this.#hello(random.bytes(NONCE_BYTES));
    const proofs = [
      ...this.#oldProofs,
      oneBuffer(encodeFrame('proof', 0, 0, proofBody, { proof: random.bytes(32) })),
    ];
    const script = Array.from({ length: random.between(1, 4) }, () => {
      const frame = random.pick([hello, random.pick(proofs), random.pick(frames)]);
      return random.chance(50) ? frame : mutated(frame, frames, random);
    });
    this.#play(script);
    return { seed, frames: script };
  }

  #hostileFrame(frames: readonly Uint8Array[], random: SeededRandom): Uint8Array {
    const { door, refusedPercent = 100 } = this.#options;
    for (;;) {
      const frame = mutated(random.pick(frames), frames, random);
      if (random.chance(refusedPercent) || !isRefusedAtSight(door, frame)) return frame;
    }
  }

  /** Calls once everything it struck with was read; what a session did not read before it ended is sent to the next one. */
  whenRead(done: () => void): void {
    this.#told = done;
    this.#tell();
  }

  close(): void {
    this.#talk?.socket.close('enough');
    this.#talk = undefined;
  }

  #flush(): void {
    const talk = this.#talk;
    if (talk === undefined || talk.phase !== 'up') return;
    for (const frame of this.#waiting.splice(0)) {
      talk.socket.send([frame]);
      talk.socket.send([ping]);
      talk.unread.push({ frame, pongs: isPing(frame) ? 2 : 1 });
    }
  }

  #ponged({ unread }: Talk): void {
    const [first] = unread;
    if (first === undefined) return;
    first.pongs -= 1;
    if (first.pongs > 0) return;
    unread.shift();
    this.framesRead += 1;
    this.#tell();
  }

  /** The first frame without an answer has ended the session. */
  #ended(talk: Talk): void {
    talk.phase = 'over';
    if (this.#talk !== talk) return;
    const [killer, ...others] = talk.unread.splice(0);
    // It did not serve: whoever strikes knocks again, but not at once and for ever.
    if (killer === undefined) return;
    this.framesRead += 1;
    this.#waiting = [...others.map(({ frame }) => frame), ...this.#waiting];
    if (this.#waiting.length > 0) this.open();
    else this.#tell();
  }

  #tell(): void {
    if (this.#waiting.length > 0 || (this.#talk?.unread.length ?? 0) > 0) return;
    const told = this.#told;
    this.#told = undefined;
    told?.();
  }

  /** Sends these frames on a connection of their own, and leaves. */
  #play(script: readonly Uint8Array[]): void {
    this.connections += 1;
    const socket = this.#options.dial(this.#options.address, {
      opened: () => {
        for (const frame of script) socket.send([frame]);
        // More of them may be read, but nobody says so.
        this.framesRead += 1;
        socket.close('enough');
      },
      message: () => undefined,
      drained: () => undefined,
      closed: () => undefined,
    });
  }

  #converse(): Talk {
    this.connections += 1;
    const nonce = new SeededRandom(this.connections).bytes(NONCE_BYTES);
    const socket = this.#options.dial(this.#options.address, {
      opened: () => {
        talk.phase = 'greeting';
        socket.send([this.#hello(nonce)]);
      },
      message: (bytes) => this.#hear(talk, decodeFrame(bytes, defaultLimits), nonce),
      drained: () => undefined,
      closed: () => this.#ended(talk),
    });
    const talk: Talk = { socket, phase: 'dialling', unread: [] };
    return talk;
  }

  #hear(talk: Talk, frame: Frame, nonce: Uint8Array): void {
    if (frame.kind === 'greeting' && this.#options.door === 'peer') {
      const { secret, hmac } = this.#options;
      const greeting = bodyOf(frame, greetingBody);
      const said = { hello: this.#helloOf(nonce), greeting };
      const proof = oneBuffer(
        encodeFrame('proof', 0, 0, proofBody, {
          proof: proofOf({ hmacSha256: hmac }, secret, 'dialler', said),
        }),
      );
      this.#oldProofs.push(proof);
      if (this.#oldProofs.length > 3) this.#oldProofs.shift();
      talk.socket.send([proof]);
      talk.phase = 'proving';
    }
    if (frame.kind === 'pong') this.#ponged(talk);
    if (frame.kind === 'welcome') {
      talk.phase = 'up';
      this.#flush();
    }
  }

  #hello(nonce: Uint8Array): Uint8Array {
    return oneBuffer(encodeFrame('hello', 0, 0, helloBody, this.#helloOf(nonce)));
  }

  #helloOf(nonce: Uint8Array) {
    const { clusterId, self } = this.#options.known();
    const isNode = this.#options.door === 'peer';
    return {
      protocolVersion: PROTOCOL_VERSION,
      role: isNode ? ('node' as const) : ('client' as const),
      channel: this.#options.channel,
      clusterId,
      nodeId: isNode ? self.id : -1,
      directoryId: self.directoryId,
      incarnation: self.incarnation,
      nonce,
    };
  }
}

const ping = oneBuffer(encodeFrame('ping', 0, 0, emptyBody, {}));

/** A frame may have become a true ping, and is answered as one. */
function isPing(bytes: Uint8Array): boolean {
  try {
    return decodeFrame(bytes, defaultLimits).kind === 'ping';
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}
