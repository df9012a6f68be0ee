// The bytes of the Kafka log. Stands on nothing.

export { ByteReader, ByteWriter, textBytes } from './bytes.ts';
export { crc32c } from './crc32c.ts';
export { FormatError, type FormatErrorCode } from './errors.ts';
export { murmur2, partitionOfKey } from './murmur2.ts';
export { decrementSequence, incrementSequence } from './sequence.ts';
export { uuidBytes, uuidText, ZERO_UUID } from './uuid.ts';
