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
} from '@odradek/wire';
import { SeededRandom } from '../seeded-random.ts';
import { mutated } from './mutate-frame.ts';
import { type HostileDoor, type Known, oneBuffer, trueFrames } from './true-frames.ts';

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
}

/** One blow: all that is drawn for it comes from this seed. */
export interface Blow {
  readonly seed: number;
  /** What was sent, the last frame last. */
  readonly frames: readonly Uint8Array[];
}

type Phase = 'dialling' | 'greeting' | 'proving' | 'up' | 'over';

interface Talk {
  readonly socket: Socket;
  phase: Phase;
  /** Sent as soon as the session serves. */
  readonly waiting: Uint8Array[];
}

export class Attacker {
  readonly #options: AttackerOptions;
  /** The last proofs, to be replayed. */
  readonly #oldProofs: Uint8Array[] = [];
  #talk: Talk | undefined;
  #frames: readonly Uint8Array[] = [];
  #strikes = 0;
  /** Frames that were sent to a session that served. */
  framesSent = 0;
  connections = 0;
  /** How often the node has answered a {@link Attacker.ping}. */
  pongs = 0;

  constructor(options: AttackerOptions) {
    this.#options = options;
  }

  /** Whether a session serves it now. */
  get isUp(): boolean {
    return this.#talk?.phase === 'up';
  }

  /** Whether a session is there, or on its way. */
  get isTalking(): boolean {
    return this.#talk !== undefined && this.#talk.phase !== 'over';
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
    if (random.chance(96)) {
      const frame = mutated(random.pick(frames), frames, random);
      this.open();
      this.#talk?.waiting.push(frame);
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

  /** Asks something true on the session, so that whoever waits for an answer knows that all before it was read. */
  ping(): void {
    this.#talk?.waiting.push(oneBuffer(encodeFrame('ping', 0, 0, emptyBody, {})));
    this.#flush();
  }

  close(): void {
    this.#talk?.socket.close('enough');
    this.#talk = undefined;
  }

  #flush(): void {
    const talk = this.#talk;
    if (talk === undefined || talk.phase !== 'up') return;
    for (const frame of talk.waiting.splice(0)) {
      talk.socket.send([frame]);
      this.framesSent += 1;
    }
  }

  /** Sends these frames on a connection of their own, and leaves. */
  #play(script: readonly Uint8Array[]): void {
    this.connections += 1;
    const socket = this.#options.dial(this.#options.address, {
      opened: () => {
        for (const frame of script) socket.send([frame]);
        this.framesSent += script.length;
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
      closed: () => {
        talk.phase = 'over';
      },
    });
    const talk: Talk = { socket, phase: 'dialling', waiting: [] };
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
    if (frame.kind === 'pong') this.pongs += 1;
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
