// One siege again, by its seed: node test/siege-run.ts client|peer SEED [BLOWS]

import { Siege } from './siege.ts';

const [door, seed, blows = door === 'peer' ? '10000' : '17500'] = process.argv.slice(2);
if ((door !== 'client' && door !== 'peer') || seed === undefined)
  throw new Error('client or peer, then a seed');
const siege = new Siege();
siege.run(door, Number(seed), Number(blows));
console.log(`${siege.framesRead} frames, nothing lost`);
