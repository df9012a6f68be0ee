// Configuration: one table of settings, and what sources make of it.

export * from './configuration.ts';
export * from './live-configuration.ts';
export * from './presets.ts';
export { parseProperties } from './properties.ts';
export { type Listener, listenerOf, type Setting, type SettingValue } from './setting.ts';
export * from './topic-configuration.ts';
export {
  isTopicSetting,
  nodeNameOf,
  type TopicSettingName,
  topicSettingNames,
  topicSettings,
} from './topic-settings.ts';
