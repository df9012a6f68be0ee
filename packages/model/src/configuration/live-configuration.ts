// A node's configuration while it runs: what its file, its environment and its flags say, and over that what was set in the metadata,
// for all brokers or for this one. Who reads a value when it uses it has the one in force; who read it at the start has that one,
// so only what is read at its use is marked as dynamic.

import { brokerConfig, clusterConfig, type MetadataImage } from '../metadata/image.ts';
import type { NodeId } from '../nouns.ts';
import {
  type Configuration,
  type ConfigurationValues,
  isSettingName,
  type SettingName,
  settings,
} from './configuration.ts';

/** Where a value that was set in the metadata comes from, as `DescribeConfigs` says it. */
export type DynamicOrigin = 'DYNAMIC_BROKER_CONFIG' | 'DYNAMIC_DEFAULT_BROKER_CONFIG';

export class LiveConfiguration implements Configuration {
  readonly warnings: readonly string[];
  private readonly base: Configuration;
  private readonly nodeId: NodeId;
  private current: Pick<Configuration, 'values' | 'origins'>;
  private ofCluster: ReadonlyMap<string, string> = new Map();
  private ofNode: ReadonlyMap<string, string> = new Map();

  constructor(base: Configuration, nodeId: NodeId) {
    this.base = base;
    this.nodeId = nodeId;
    this.warnings = base.warnings;
    this.current = base;
  }

  get values(): ConfigurationValues {
    return this.current.values;
  }

  get origins(): Configuration['origins'] {
    return this.current.origins;
  }

  /** The metadata has changed. */
  follow(image: MetadataImage): void {
    const [ofCluster, ofNode] = [clusterConfig(image), brokerConfig(image, this.nodeId)];
    if (ofCluster === this.ofCluster && ofNode === this.ofNode) return;
    this.ofCluster = ofCluster;
    this.ofNode = ofNode;
    const values = new Map<string, unknown>(Object.entries(this.base.values));
    const origins = new Map(this.base.origins);
    this.overlay(values, origins, ofCluster, 'DYNAMIC_DEFAULT_BROKER_CONFIG');
    this.overlay(values, origins, ofNode, 'DYNAMIC_BROKER_CONFIG');
    this.current = { values: Object.fromEntries(values) as ConfigurationValues, origins };
  }

  /** What cannot be read, or cannot change, was not written by a controller of this version: it is left as it was. */
  private overlay(
    values: Map<string, unknown>,
    origins: Map<SettingName, { readonly text: string; readonly origin: string }>,
    set: ReadonlyMap<string, string>,
    origin: DynamicOrigin,
  ): void {
    for (const [name, text] of set) {
      if (!isSettingName(name) || !settings[name].isDynamic) continue;
      const value = settings[name].read(text);
      if (value === undefined) continue;
      values.set(name, value);
      origins.set(name, { text, origin });
    }
  }
}
