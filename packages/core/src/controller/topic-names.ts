// What a topic may be called (X6): a name becomes the name of a directory.

import type { MetadataImage, Refusal } from '@odradek/model';
import { refusal } from './plan.ts';

const MAX_LENGTH = 249;
/** Its partition would share the directory of the metadata log, and be deleted with it. */
const METADATA_TOPIC = '__cluster_metadata';

/** In metric names "." becomes "_", so that Kafka's tools could not tell two such topics apart. */
function plain(name: string): string {
  return name.replaceAll('.', '_');
}

/** The names that there are, by what is left of them without the difference between "." and "_". */
export function plainNames(image: MetadataImage): Map<string, string> {
  return new Map([...image.topicIds.keys()].map((name) => [plain(name), name]));
}

/** Enters a name that is about to be taken. */
export function takeName(taken: Map<string, string>, name: string): void {
  taken.set(plain(name), name);
}

/** Why a new topic cannot have this name; undefined when it can. `taken`: see {@link plainNames}. */
export function topicNameProblem(taken: ReadonlyMap<string, string>, name: string): Refusal | undefined {
  const invalid = (why: string): Refusal => refusal('INVALID_TOPIC_EXCEPTION', why);
  if (name === '') return invalid('a topic needs a name');
  if (name === METADATA_TOPIC) return invalid(`${name} is the log of the metadata itself`);
  if (name === '.' || name === '..') return invalid(`a topic cannot be called "${name}"`);
  if (name.length > MAX_LENGTH)
    return invalid(`the name has ${name.length} characters: allowed are up to ${MAX_LENGTH}`);
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    return invalid(`${JSON.stringify(name)}: allowed are ASCII letters, digits, ".", "_" and "-"`);
  const other = taken.get(plain(name));
  if (other === name) return refusal('TOPIC_ALREADY_EXISTS', `topic ${name} exists`);
  return other === undefined ? undefined : invalid(`${name} and topic ${other} differ only in "." and "_"`);
}
