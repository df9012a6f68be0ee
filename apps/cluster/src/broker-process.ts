// The process of a node that `up` starts: `odradek broker --supervised` without the command line, whose words nobody types here.

import { runBroker } from './commands/broker.ts';
import { failureOf } from './failure.ts';
import { printFailure } from './output.ts';
import { endProcess, processSession } from './process-session.ts';
import { readBrokerWords } from './up/broker-words.ts';

/** What the file of this program exports. */
export interface BrokerProcess {
  runBrokerProcess(keepCompiled: () => void): Promise<void>;
}

/** `keepCompiled`: for the next start, once this one is over. */
export async function runBrokerProcess(keepCompiled: () => void): Promise<void> {
  const session = processSession(false);
  try {
    const words = readBrokerWords(process.argv.slice(2));
    await runBroker(session, { ...words, supervised: true, keepCompiled });
    endProcess(0);
  } catch (error) {
    const failure = failureOf(error);
    printFailure(session.terminal, failure);
    endProcess(failure.exitCode);
  }
}
