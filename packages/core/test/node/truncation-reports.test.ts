import { memoryLog, type PeerRequest } from '@odradek/model';
import { expect, it } from 'vitest';
import { ControllerChannel, type ControllerReply } from '../../src/node/controller-channel.ts';
import { type ReportingPartition, TruncationReports } from '../../src/node/truncation-reports.ts';
import { TestClock } from '../support/test-clock.ts';

type Reply = ControllerReply<'reportTruncations'>;

const report = { leaderEpoch: 5, fromOffset: 10, toOffset: 20, highWatermark: 15 };

function partition(name: string, hasLed = false): ReportingPartition {
  return { name: { topic: name, topicId: name, partition: 0 }, hasLedUntil: () => hasLed };
}

/** Reports to a controller whose answers the test gives, the oldest question first. */
function reporter() {
  const clock = new TestClock();
  const asked: { body: PeerRequest<'reportTruncations'>['body']; done: (reply: Reply) => void }[] = [];
  const said: string[] = [];
  class Controller extends ControllerChannel {
    override request: ControllerChannel['request'] = (request, _timeoutMs, done) => {
      if (request.api !== 'reportTruncations') throw new Error(`asked for ${request.api}`);
      asked.push({ body: request.body as never, done: done as (reply: Reply) => void });
    };
  }
  const network = {
    request: () => {},
    address: () => {},
    probe: () => {},
    serve: () => {},
  };
  const reports = new TruncationReports(
    new Controller(network, () => 1),
    clock,
    2,
    () => 7,
    1000,
    (line) => said.push(line),
  );
  const answer = (error: string): void =>
    asked.shift()?.done({
      outcome: 'answered',
      response: { error } as Extract<Reply, { outcome: 'answered' }>['response'],
    });
  const inQuestion = (): string[] => (asked[0]?.body.truncations ?? []).map(({ topicId }) => topicId);
  return { clock, reports, asked, said, answer, inQuestion };
}

it('F7 V14 a replica hears that its report is committed once the controller says so, and it is logged with exact offsets', () => {
  const { reports, answer, said } = reporter();
  const heard: string[] = [];
  reports.report(partition('a'), report, () => heard.push('a'));
  expect(heard).toEqual([]);
  answer('NONE');
  expect(heard).toEqual(['a']);
  expect(said).toEqual([
    'a-0: drops offsets 10 to 19, which the leader of epoch 5, elected uncleanly, does not have',
  ]);
});

it('F7 V9 it asks again until a controller takes it; what comes meanwhile goes with it', () => {
  const { clock, reports, asked, answer, inQuestion, said } = reporter();
  const heard: string[] = [];
  reports.report(partition('a'), report, () => heard.push('a'));
  answer('NOT_CONTROLLER');
  reports.report(partition('b'), { ...report, fromOffset: 20 }, () => heard.push('b'));
  expect(asked).toEqual([]);
  clock.advance(100);
  expect(inQuestion()).toEqual(['a', 'b']);
  answer('NONE');
  expect(heard).toEqual(['a', 'b']);
  expect(said).toHaveLength(1);
});

it('F7 a refusal that does not pass is said, once, and nothing is cut', () => {
  const { clock, reports, answer, said } = reporter();
  reports.report(partition('a'), report, () => {
    throw new Error('nobody has committed it');
  });
  answer('INVALID_REQUEST');
  clock.advance(100);
  answer('INVALID_REQUEST');
  expect(said).toEqual([expect.stringMatching(/refuses.*INVALID_REQUEST.*cut nothing/)]);
});

it('F7 the report of a role that is over is not sent again, and its answer concerns nobody', () => {
  const { clock, reports, asked, answer, inQuestion } = reporter();
  const heard: string[] = [];
  const [a, b] = [partition('a'), partition('b')];
  reports.report(a, report, () => heard.push('a'));
  reports.report(b, report, () => heard.push('b'));
  reports.withdraw(a);
  answer('NONE');
  expect([heard, inQuestion()]).toEqual([[], ['b']]);
  reports.withdraw(b);
  answer('timed out');
  clock.advance(1000);
  expect([heard, asked]).toEqual([[], []]);
});

it('F7 only the high watermark of a leader that never stopped is told', () => {
  const { reports, asked, answer } = reporter();
  const told = (): number | undefined => asked[0]?.body.truncations[0]?.highWatermark;
  reports.report(partition('a', true), report, () => {});
  expect(told()).toBe(15);
  answer('NONE');
  reports.report(partition('b', false), report, () => {});
  expect(told()).toBe(-1);
});

it('C4 F7 a leader that was elected uncleanly tells once where its epoch began', () => {
  const { reports, asked } = reporter();
  const log = memoryLog({ later: (callback) => callback() });
  log.truncateFullyAndStartAt(30);
  log.startEpoch(5);
  const election = { leaderEpoch: 5, leader: 2, lastInSyncReplicas: [1], truncations: [], reconciled: [2] };
  reports.reportStart(partition('a'), undefined, log);
  reports.reportStart(partition('a'), { ...election, leader: 3 }, log);
  const told = { brokerId: 2, isLossy: false, fromOffset: 30, toOffset: 30, highWatermark: -1 };
  reports.reportStart(partition('a'), { ...election, truncations: [told] }, log);
  expect(asked).toEqual([]);
  reports.reportStart(partition('a'), election, log);
  expect(asked[0]?.body.truncations).toEqual([
    { topicId: 'a', partition: 0, leaderEpoch: 5, fromOffset: 30, toOffset: 30, highWatermark: -1 },
  ]);
});
