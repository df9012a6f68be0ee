import { InvalidArgumentError, Option } from 'commander';
import { integerFrom, path } from '../arguments.ts';
import type { CommandLine } from '../command-line.ts';

/** `odradek simulate` */
export function addSimulate({ program, leaf }: CommandLine): void {
  leaf(
    program,
    'simulate',
    'play bad days of a whole cluster in virtual time, every promise checked after every event',
    async () => (await import('../commands/simulate.ts')).simulate,
  )
    .option('--seed <number>', 'the day of this seed', integerFrom(0))
    .option('--seeds <range>', 'the days of these seeds: 1..1000', seedRange)
    .option('--brokers <count>', 'how many brokers; else the seed decides', integerFrom(1, 9))
    .option('--ops <count>', 'how many records clients write in a day', integerFrom(1, 1_000_000), 400)
    .addOption(
      new Option('--faults <kinds>', 'all, none, or kinds of faults with commas between them')
        .argParser(faultList)
        .default(['all'], 'all'),
    )
    .option(
      '--over-budget',
      'disks may take more than is promised; held to: no loss untold, no damage served or handed on',
    )
    .option('--minutes <count>', 'begin no seed after so long', integerFrom(1, 10_000))
    .option('--workers <count>', 'spread the seeds over so many processes', integerFrom(1, 64), 1)
    .option('--hashes <seeds>', 'print the hash of each of these days: 1,2,3', seedList)
    .option('--trace <file>', 'write every step of every machine of one seed to this file', path)
    .option('--play <file>', 'play a schedule, instead of a seed', path)
    .option('--replay <file>', 'print the state of every actor in a trace', path)
    .option('--until <milliseconds>', 'of the replay: at this virtual time, else at its end', integerFrom(0));
}

function seedRange(text: string): { readonly from: number; readonly to: number } {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || !Number.isSafeInteger(to) || from > to)
    throw new InvalidArgumentError(
      'Two seeds with .. between them are allowed, the lower one first: 1..1000.',
    );
  return { from, to };
}

function seedList(text: string): readonly number[] {
  return text.split(',').map(integerFrom(0));
}

/** The names are checked where the simulator is loaded. */
function faultList(text: string): readonly string[] {
  return text.split(',').map((word) => word.trim());
}
