// The level of the metadata: which record types and versions may stand in the log. It rises by command, once every node can
// work with the new one; a node that meets what it does not know stops, rather than guess.

/** The feature whose level this is. */
export const METADATA_VERSION = 'metadata.version';

/** The levels that this version of the software can work with. */
export const SUPPORTED_METADATA_VERSION = { min: 1, max: 1 } as const;

/** Something in the metadata log is of a level that this node does not know: it must stop and be upgraded. */
export class MetadataVersionError extends Error {
  override readonly name = 'MetadataVersionError';
}

/** Refuses a level outside what this node supports, naming the level. */
export function checkMetadataVersion(level: number): void {
  const { min, max } = SUPPORTED_METADATA_VERSION;
  if (level < min || level > max)
    throw new MetadataVersionError(
      `the cluster's metadata.version is ${level}, this node supports ${min} to ${max}: install a version that supports ${level}`,
    );
}
