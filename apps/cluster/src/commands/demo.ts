// The whole story, unattended. It succeeds only if everything that it tells has held.

import { tellAnswers } from '../demo/answers.ts';
import { tellFailover } from '../demo/failover.ts';
import { localFailure } from '../failure.ts';
import type { Outcome } from '../output.ts';
import type { Session } from '../session.ts';

/** `demo [story]` */
export async function demo({ terminal }: Session, story: 'failover' | 'answers'): Promise<Outcome> {
  if (story === 'answers') {
    const answers = await tellAnswers(terminal);
    const wrong = answers.find((answer) =>
      answer.uncleanElections ? answer.missing > answer.reported || answer.missing === 0 : answer.missing > 0,
    );
    if (wrong !== undefined)
      throw localFailure(
        'UNKNOWN_SERVER_ERROR',
        `topic ${wrong.topic}: ${wrong.missing} acknowledged records are missing, ${wrong.reported} were reported as lost`,
      );
    return { data: { answers }, text: 'Downtime against loss: the choice is one setting of a topic.' };
  }
  const report = await tellFailover(terminal);
  if (!report.inOrderEachOnce || report.checksumIn !== report.checksumOut)
    throw localFailure(
      'UNKNOWN_SERVER_ERROR',
      `${report.checksumIn} went in, ${report.checksumOut} came out`,
    );
  return { data: report, text: 'Nothing was lost, nothing came twice.' };
}
