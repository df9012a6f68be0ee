import { type Configuration, flagSource, resolveConfiguration } from '@odradek/model';

/** A node's configuration with these settings. */
export function configuration(settings: Readonly<Record<string, string>> = {}): Configuration {
  return resolveConfiguration([flagSource({ 'node.id': '1', ...settings })]);
}
