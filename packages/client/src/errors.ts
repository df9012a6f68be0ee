// What can go wrong, as a user of the client sees it.

import { isKafkaErrorName, type KafkaErrorName, kafkaErrors } from '@odradek/model';

/** Kafka's error name; CONNECT: no broker could be reached; TIMEOUT: the time allowed ran out; CLOSED: closed by its owner. */
export type ErrorCode = KafkaErrorName | 'CONNECT' | 'TIMEOUT' | 'CLOSED';

/** `refused`: nothing happened. `unknown`: it may have taken effect, or still take effect. */
export type Outcome = 'refused' | 'unknown';

/** Why something was not done: what was wrong, and what is allowed or to be tried. */
export class OdradekError extends Error {
  override readonly name: string = 'OdradekError';
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { readonly hint?: string | undefined; readonly outcome?: Outcome; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.outcome = more.outcome ?? 'refused';
    this.hint = more.hint;
  }
}

/**
 * Records that this consumer had read are no longer in the log: an unclean election dropped them, and other records may stand
 * under their offsets now. Seek to {@link divergesAt} to read on from where the log is as it was read.
 */
export class LogTruncated extends OdradekError {
  override readonly name = 'LogTruncated';
  readonly topic: string;
  readonly partition: number;
  /** From here on the log is another one than was read. */
  readonly divergesAt: number;
  /** Where this consumer was: it had read up to here, exclusive. */
  readonly position: number;

  constructor(topic: string, partition: number, divergesAt: number, position: number) {
    super(
      'OFFSET_OUT_OF_RANGE',
      `${topic}-${partition}: offsets ${divergesAt} to ${position - 1} were read, but the log has lost them`,
      { hint: `seek to ${divergesAt} to go on; "cluster status" lists the losses` },
    );
    this.topic = topic;
    this.partition = partition;
    this.divergesAt = divergesAt;
    this.position = position;
  }
}

/**
 * The topic was deleted, and one of its name was made: what this consumer had read was another topic's, and the same offset is
 * another record here (KIP-516). A seek goes to the topic that is there now.
 */
export class TopicRecreated extends OdradekError {
  override readonly name = 'TopicRecreated';
  readonly topic: string;
  readonly partition: number;
  /** Where this consumer was in the topic that is gone: the next record to be handed out. */
  readonly position: number;
  /** Of the topic that is gone. */
  readonly topicId: string;
  readonly newTopicId: string;

  constructor(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    position: number,
    topicId: string,
    newTopicId: string,
  ) {
    const text = `topic ${topic} was deleted and made again: offset ${position} was a place in the one with id ${topicId}, now it is ${newTopicId}`;
    super('UNKNOWN_TOPIC_ID', `${topic}-${partition}: ${text}`, {
      hint: 'seek to "earliest" to read the new one, or set offsetReset',
    });
    this.topic = topic;
    this.partition = partition;
    this.position = position;
    this.topicId = topicId;
    this.newTopicId = newTopicId;
  }
}

/** An error that a broker named. A name from a newer broker is kept in the message. */
export function errorNamed(
  name: string,
  message: string | null,
  about: string,
  outcome: Outcome = 'refused',
): OdradekError {
  const said = message === null || message === '' ? name : message;
  if (isKafkaErrorName(name)) return new OdradekError(name, withSubject(about, said), { outcome });
  return new OdradekError('UNKNOWN_SERVER_ERROR', withSubject(about, `${name}: ${said}`), { outcome });
}

/** What is spoken of, before a sentence that does not name it. */
function withSubject(about: string, sentence: string): string {
  const subject = about.replace(/^topic /, '');
  const isName = (character: string | undefined): boolean => /[\w.-]/.test(character ?? ' ');
  if (subject === '') return sentence;
  // One name may begin within another.
  for (let at = sentence.indexOf(subject); at >= 0; at = sentence.indexOf(subject, at + 1))
    if (!isName(sentence[at - 1]) && !isName(sentence[at + subject.length])) return sentence;
  return `${about}: ${sentence}`;
}

/** Whether asking again may help. A broker that does not serve yet, or no more, says BROKER_NOT_AVAILABLE: another will. */
export function isRetriable(error: string): boolean {
  return error === 'BROKER_NOT_AVAILABLE' || (isKafkaErrorName(error) && kafkaErrors[error].isRetriable);
}
