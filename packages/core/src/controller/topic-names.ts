// What a topic may be called (X6): a name becomes the name of a directory.

import type { MetadataImage, Refusal } from '@odradek/model';
import { refusal } from './plan.ts';

const MAX_LENGTH = 249;
/** Its partition would share the directory of the metadata log, and be deleted with it. */
const METADATA_TOPIC = '__cluster_metadata';

/** Why a new topic cannot have this name; undefined when it can. */
export function topicNameProblem(image: MetadataImage, name: string): Refusal | undefined {
  const invalid = (why: string): Refusal => refusal('INVALID_TOPIC_EXCEPTION', why);
  if (name === '') return invalid('a topic needs a name');
  if (name === METADATA_TOPIC) return invalid(`${name} is the log of the metadata itself`);
  if (name === '.' || name === '..') return invalid(`a topic cannot be called "${name}"`);
  if (name.length > MAX_LENGTH)
    return invalid(`the name has ${name.length} characters: allowed are up to ${MAX_LENGTH}`);
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    return invalid(`${JSON.stringify(name)}: allowed are ASCII letters, digits, ".", "_" and "-"`);
  if (image.topicIds.has(name)) return refusal('TOPIC_ALREADY_EXISTS', `topic ${name} exists`);
  // In metric names "." becomes "_", so that Kafka's tools could not tell the two topics apart.
  const plain = name.replaceAll('.', '_');
  for (const other of image.topicIds.keys())
    if (other.replaceAll('.', '_') === plain)
      return invalid(`${name} and topic ${other} differ only in "." and "_"`);
  return undefined;
}
