import { describe, expect, test } from 'vitest';
import { consumeCommand, produceCommand } from '../../src/topics/commands.ts';

const read = { topic: 'orders', partition: undefined, from: -50, filter: {}, most: 200, isFollowing: false };
const produced = { topic: 'orders', partition: undefined, key: '', value: 'a', headers: [] };

describe('the commands that do the same', () => {
  test('a reading says its partition, where from, what is sought, and how many or on and on', () => {
    expect(consumeCommand(read)).toBe('odradek consume orders --from -50 --count 200');
    const sought = { key: 'k', value: "it's", header: '' };
    expect(consumeCommand({ ...read, partition: 2, filter: sought, isFollowing: true })).toBe(
      `odradek consume orders --partition 2 --from -50 --key-has k --value-has 'it'\\''s' --follow`,
    );
    expect(consumeCommand({ ...read, from: { timestamp: Date.UTC(2026, 0, 2) } })).toBe(
      'odradek consume orders --from @2026-01-02T00:00:00.000Z --count 200',
    );
  });

  test('a record says its key and its headers, and one of several lines has no command', () => {
    expect(produceCommand(produced)).toBe('echo a | odradek produce orders');
    expect(produceCommand({ ...produced, value: '' })).toBe("echo '' | odradek produce orders");
    const headers = [
      { name: 'shop', value: 'North Sea' },
      { name: 'x', value: '' },
    ];
    expect(produceCommand({ ...produced, partition: 1, key: 'k 1', value: '{"a":1}', headers })).toBe(
      `echo '{"a":1}' | odradek produce orders --partition 1 --key 'k 1' --header 'shop=North Sea' --header x=`,
    );
    expect(produceCommand({ ...produced, value: 'a\nb' })).toBeUndefined();
  });
});
