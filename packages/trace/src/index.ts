export {
  type ActorView,
  actorAt,
  actorPath,
  actorTree,
  isMachine,
  type Machine,
  machinesOf,
  type WatchedActor,
} from './actors.ts';
export { type Asked, askedOf, edgesFrom, isAtOnce } from './asked.ts';
export {
  type Chart,
  type ChartEdge,
  type ChartInvoke,
  type ChartState,
  type ChartStateType,
  chartOf,
  edgesOfTransition,
} from './chart.ts';
export { bestDrawing, costOf, mannersOf } from './drawing/choice.ts';
export {
  type Box,
  DRAWING_VERSION,
  type Drawing,
  type DrawnArrow,
  type DrawnLabel,
  type DrawnState,
  type Point,
  type TextBlock,
  type TextRun,
  type TextStyle,
} from './drawing/drawing.ts';
export { drawingsJson, type MachineDrawings, readDrawings, show } from './drawing/file.ts';
export type { LayoutEdge, LayoutNode, LayoutPoint, LayoutSection } from './drawing/layout-graph.ts';
export { type Detail, isInside, type Manner } from './drawing/plan.ts';
export { againPath, anywherePath, headPath, linePath } from './drawing/shapes.ts';
export { type SvgTheme, svgOf } from './drawing/svg.ts';
export { type Font, fonts, rulePaddingPx, widthOf } from './drawing/text.ts';
export { darkPalette, fontFamily, lightPalette, type Palette } from './drawing/theme.ts';
export type { EventValue } from './event-values.ts';
export { CHART_VERSION, chartJson } from './json.ts';
export type { ActorSeen, Held, HeldValue, LastStep } from './live/actor-seen.ts';
export { LiveDecoder, LiveEncoder, type LiveFrame, type Streamed } from './live/codec.ts';
export { type ClusterFacts, type FactSources, topicsChange } from './live/facts.ts';
export { LiveStreamError } from './live/field-codec.ts';
export { LiveReader, type ReadMessages } from './live/live-reader.ts';
export {
  LiveStream,
  type LiveStreamOptions,
  readOpening,
  readRequest,
  type StreamOpening,
} from './live/live-stream.ts';
export { lookAt } from './live/look.ts';
export * from './live/messages.ts';
export {
  ClusterFactsMaker,
  type ClusterKnowledge,
  type HostedReplica,
  lossFacts,
  ReplicaFactsMaker,
  TopicFactsMaker,
} from './live/node-facts.ts';
export { partsOf } from './live/parts.ts';
export { plainData } from './live/plain-data.ts';
export { type Heard, Recording, type RecordingOptions } from './live/recording.ts';
export { messagesOfStately, StatelyEvents } from './live/stately-events.ts';
export { Teller, type TellerOptions } from './live/teller.ts';
export type { Listener, Viewer } from './live/viewer.ts';
export { type Retold, World } from './live/world.ts';
export { edgeText, mermaidOf } from './mermaid.ts';
export { eventWords, eventWordsOf } from './names.ts';
export { numberText } from './number-text.ts';
export { type Order, OrderWatch, type Sent } from './orders.ts';
export { type StateCounts, stateCounts, stateCountsInSteps } from './state-counts.ts';
export { pathsOfState, stateText } from './state-text.ts';
export { type News, NewsTeller, newsOf } from './story/news.ts';
export type { Level, Sentence } from './story/sentence.ts';
export { sentenceOf } from './story/steps.ts';
export { type ToldStep, type ToldStepsOptions, toldSteps } from './told-steps.ts';
export {
  readTrace,
  recordingOf,
  TRACE_VERSION,
  type TraceFile,
  TraceFileError,
  type TraceHeader,
  type TraceWriter,
  traceWriter,
} from './trace-file.ts';
export {
  type Frame,
  type FrameEdge,
  transitionObserver,
  type Watch,
  type WatchedRoot,
  type WatchOptions,
  watch,
} from './transitions.ts';
