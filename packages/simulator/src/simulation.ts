// One bad day of a cluster, by seed: load, and faults of the kinds that the seed draws; then everything is healed and every promise is
// called in (O1 to O5). What happened is a schedule, which plays the same day again.

import type { NodeId } from '@odradek/model';
import type { ClusterWorld } from './cluster-world.ts';
import type { Coverage } from './coverage.ts';
import { damageKinds, type FaultKind, faultDraws, faultKinds, mending } from './fault-kinds.ts';
import type { Mutant } from './mutant.ts';
import { beginSchedule, worldOf } from './play-schedule.ts';
import { ScheduleError } from './schedule.ts';
import type { ScheduleFile, WorldHeader } from './schedule-file.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TellingOptions } from './telling.ts';
import { uncheckedRules } from './unchecked.ts';
import { SimulationFailure } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** By default three, of which the seed may make four. */
  readonly brokers?: number;
  /** How many records clients want to write before the day ends; by default 400. */
  readonly ops?: number;
  /** Which kinds of faults may come; the seed draws among them. By default all. */
  readonly faults?: readonly FaultKind[];
  /** Disks may take more than the promise covers: what is held to is what must hold even then (D14), see over-budget.ts. */
  readonly isOverBudget?: boolean;
  readonly mutant?: Mutant;
  readonly repeat?: string;
  /** Who is told what happens. */
  readonly telling?: TellingOptions;
  readonly coverage?: Coverage;
}

/** What a run came to. */
export interface SimulationReport {
  readonly seed: number;
  readonly trace: string;
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly read: number;
  /** Committed records that unclean elections took, and said so. */
  readonly lost: number;
  readonly elections: number;
  /** How often each kind of fault came. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly schedule: ScheduleFile;
  /** What nothing looked at, and why. */
  readonly unchecked: Readonly<Record<string, string>>;
}

/** A promise was broken; `schedule` is the day as far as it went. */
export class SimulationViolation extends Error {
  override readonly name = 'SimulationViolation';
  readonly seed: number;
  readonly schedule: ScheduleFile;

  constructor(seed: number, schedule: ScheduleFile, cause: SimulationFailure) {
    super(cause.message, { cause });
    this.seed = seed;
    this.schedule = schedule;
  }
}

/** The longest day: a cluster that can take no writes must not be waited for. */
const MOST_STEPS = 400;
const TOPIC = 't';

/** A cluster whose day can be watched step by step, with other actors beside it. */
export class Simulation {
  readonly world: ClusterWorld;
  readonly #options: SimulationOptions;
  readonly #draw: SeededRandom;
  readonly #plan: Plan;
  readonly #statements: string[] = [];
  readonly #counts = new Map<FaultKind, number>();
  #steps = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#draw = new SeededRandom(options.seed);
    this.#plan = planOf(this.#draw, options);
    const world = worldOf(this.#plan.header, options);
    if (!('clients' in world)) throw new Error('a simulation is of a cluster');
    this.world = world;
  }

  /** What has happened so far, to be played again. */
  get schedule(): ScheduleFile {
    return {
      name: `seed-${this.#options.seed}`,
      title: `seed ${this.#options.seed}`,
      header: this.#plan.header,
      mutants: [],
      story: this.#statements.map((text, index) => ({ text, line: index + 1 })),
    };
  }

  /** Starts the cluster, makes its topic and its clients. */
  begin(): void {
    this.#guarded(() => beginSchedule(this.world));
    this.#say(`topic ${TOPIC} ${this.#plan.partitions} 3 ${this.#plan.topicSettings.join(' ')}`);
    this.#say(`until led ${TOPIC}-0`);
    for (const log of this.#plan.logs) {
      this.#say(`write ${log}`);
      this.#say(`read ${log}`);
    }
    const [log = ''] = this.#plan.logs;
    if (this.#draw.chance(40)) this.#say(`read ${log} from=${this.#draw.below(60)}`);
    // S57: what one replica alone has taken must not lift what readers see.
    if (this.#draw.chance(25)) this.#say(`write ${log} acks=1`);
  }

  /** Some time passes, and perhaps something breaks or mends. False once the day is over. */
  step(): boolean {
    const { ops = 400 } = this.#options;
    if (this.#steps >= MOST_STEPS || this.world.history.sent.length >= ops) return false;
    this.#steps++;
    this.#say(`tick ${this.#draw.pick([1, 5, 20, 100, 400, 1500])} ms`);
    this.#say(this.#nextFault());
    return true;
  }

  /** Heals everything, and holds the cluster to all that it promised. */
  conclude(): SimulationReport {
    if (this.#plan.kinds.length === 0) this.#guarded(() => this.#checkQuietDay());
    this.#guarded(() => this.world.conclude());
    const { sent, given } = this.world.history;
    this.#options.coverage?.noteFaults(Object.fromEntries(this.#counts));
    const count = (outcome: string): number => sent.filter((one) => one.outcome === outcome).length;
    return {
      seed: this.#options.seed,
      trace: this.world.trace.value,
      virtualMs: this.world.time.nowMs,
      acknowledged: count('acknowledged'),
      refused: count('refused'),
      unknown: count('unknown'),
      read: given.length,
      lost: this.world.lostRecords,
      elections: this.world.elections,
      faults: Object.fromEntries(this.#counts),
      schedule: this.schedule,
      unchecked: uncheckedRules,
    };
  }

  /** The whole day. Throws a {@link SimulationViolation} when a promise is broken. */
  run(): SimulationReport {
    this.begin();
    while (this.step());
    return this.conclude();
  }

  /** W4: where nothing is wrong nobody is elected anew, and nobody leaves. */
  #checkQuietDay(): void {
    const { partitions, logs } = this.#plan;
    if (this.world.elections > partitions)
      this.world.fail(
        `W4: ${this.world.elections} elections of ${partitions} partitions on a day without faults`,
      );
    for (const log of logs) {
      const inSync = this.world.find(log)?.state.inSyncReplicas ?? [];
      if (inSync.length < 3)
        this.world.fail(`W4: only [${inSync}] are in sync in ${log} on a day without faults`);
    }
  }

  #nextFault(): string {
    const { kinds, losesPower, damageable, restorable, refusing, mayElectUncleanly, logs } = this.#plan;
    const view = {
      random: this.#draw,
      nodes: this.world.nodeStates,
      brokers: this.world.doors.nodeIds,
      logs,
      topic: TOPIC,
      losesPower,
      damageable,
      restorable,
      refusing,
      mayElectUncleanly,
      isOverBudget: this.#options.isOverBudget === true,
    };
    if (kinds.length === 0 || this.#draw.chance(35)) return '';
    if (this.#draw.chance(55)) return this.#draw.pick(mending)(view);
    const kind = this.#draw.pick(kinds);
    const statements = faultDraws[kind](view);
    if (statements !== '') this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return statements;
  }

  #say(statements: string): void {
    for (const statement of statements.split('; ')) {
      if (statement === '') continue;
      this.#statements.push(statement);
      try {
        this.#guarded(() => this.world.play(statement));
      } catch (error) {
        // Within one fault a node may have ended by itself, because its disk refused: then the rest is not for it.
        if (!(error instanceof ScheduleError)) throw error;
        this.#statements.pop();
      }
    }
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (error instanceof SimulationFailure)
        throw new SimulationViolation(this.#options.seed, this.schedule, error);
      throw error;
    }
  }
}

/** A cluster by seed, with its load, its faults and its oracles. */
export function createSimulation(options: SimulationOptions): Simulation {
  return new Simulation(options);
}

/** Plays a seed's whole day. Throws a {@link SimulationViolation} when a promise is broken. */
export function simulate(options: SimulationOptions): SimulationReport {
  return new Simulation(options).run();
}

interface Plan {
  readonly header: WorldHeader;
  readonly partitions: number;
  readonly logs: readonly string[];
  readonly topicSettings: readonly string[];
  readonly kinds: readonly FaultKind[];
  readonly losesPower: boolean;
  readonly damageable: readonly NodeId[];
  readonly restorable: readonly NodeId[];
  readonly refusing: readonly NodeId[];
  readonly mayElectUncleanly: boolean;
}

/** What the seed decides before anything happens: sizes, settings, and which kinds of faults there are today (S55: sometimes none). */
function planOf(draw: SeededRandom, options: SimulationOptions): Plan {
  const isOverBudget = options.isOverBudget === true;
  const losesPower = isOverBudget || draw.chance(75);
  const isUnclean = draw.chance(30);
  const brokers = options.brokers ?? draw.pick([3, 3, 4]);
  // All replicas die, and the quorum lives: else there is hardly ever an unclean election. Over budget no voter's disk is among those.
  const controllers = draw.pick(isUnclean || isOverBudget ? [1, 3] : [0, 0, 1, 3]);
  const minInSync = draw.pick(isUnclean ? [1, 1, 2] : [1, 2, 2]);
  const partitions = draw.pick([1, 2]);
  const damaged = draw.between(1, brokers);
  const flushPolicy = isOverBudget ? draw.pick(['commit', 'os']) : losesPower ? 'commit' : 'os';
  return {
    header: {
      kind: 'cluster',
      options: {
        ...{ seed: options.seed, shuffle: 1, brokers, controllers, maxDiskMs: draw.pick([1, 5, 30]) },
        ...(isOverBudget ? { overBudget: 1 } : {}),
      },
      settings: {
        'odradek.flush.policy': flushPolicy,
        // For hardly as many logs as a journal is made for.
        'odradek.commit.journal.min.logs': draw.pick(['1', '1', '2', '16']),
        'metadata.log.max.record.bytes.between.snapshots': draw.pick(['20000000', '2000', '300']),
        'log.retention.check.interval.ms': '400',
        'replica.high.watermark.checkpoint.interval.ms': draw.pick(['5000', '300']),
      },
      network: { maxDelayMs: draw.pick([2, 5, 20]), breakPercent: draw.pick([0, 0, 0.5, 2]) },
    },
    partitions,
    logs: Array.from({ length: partitions }, (_, index) => `${TOPIC}-${index}`),
    topicSettings: [
      `min.insync.replicas=${minInSync}`,
      `unclean.leader.election.enable=${isUnclean}`,
      ...(draw.chance(50) ? [`segment.bytes=${draw.pick([1024, 4096])}`] : []),
      ...(draw.chance(30) ? [`retention.bytes=${draw.pick([2000, 8000])}`] : []),
      ...(draw.chance(15) ? [`retention.ms=${draw.pick([500, 3000])}`] : []),
    ],
    kinds: kindsOfToday(draw, options),
    losesPower,
    mayElectUncleanly: isUnclean,
    ...(isOverBudget
      ? everyDisk(brokers)
      : withinBudget({ damaged, losesPower, controllers, isCovered: minInSync >= 2 && !isUnclean })),
  };
}

type Damage = Pick<Plan, 'damageable' | 'restorable' | 'refusing'>;

function everyDisk(brokers: number): Damage {
  const all = Array.from({ length: brokers }, (_, index) => index + 1);
  return { damageable: all, restorable: all, refusing: all };
}

/** D14: one broker's disk, where a second replica must have what is committed. */
function withinBudget({
  damaged,
  losesPower,
  controllers,
  isCovered,
}: {
  readonly damaged: NodeId;
  readonly losesPower: boolean;
  readonly controllers: number;
  readonly isCovered: boolean;
}): Damage {
  return {
    damageable: isCovered && losesPower ? [damaged] : [],
    restorable: isCovered && losesPower && controllers > 0 ? [damaged] : [],
    refusing: isCovered ? [damaged] : [],
  };
}

/** Swarm-wise: some days many kinds, some one, some none. Over budget is what disks do, so most of that comes on any day. */
function kindsOfToday(
  draw: SeededRandom,
  { faults = faultKinds, isOverBudget = false }: SimulationOptions,
): readonly FaultKind[] {
  const drawn = drawnKinds(draw, faults);
  if (!isOverBudget) return drawn;
  const damage = damageKinds.filter((kind) => faults.includes(kind) && draw.chance(70));
  return [...new Set([...drawn, ...damage])];
}

function drawnKinds(draw: SeededRandom, allowed: readonly FaultKind[]): readonly FaultKind[] {
  if (allowed.length === 0) return [];
  const day = draw.below(10);
  if (day === 0) return [];
  if (day <= 2) return [draw.pick(allowed)];
  const percent = day <= 5 ? 20 : 60;
  return allowed.filter(() => draw.chance(percent));
}
