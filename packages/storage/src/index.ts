// The log on a disk: segments, indexes, recovery, retention, producer state; and a disk in memory that can lose power.

export { type CheckOrder, checkLog, type LogCheck, type LogProblem } from './check-log.ts';
export { CommitJournal, type CommitJournalOptions } from './commit-journal.ts';
export { DiscardedLogs, type DiscardedLogsOptions } from './discarded-logs.ts';
export { type BatchDump, type DumpedFile, type DumpOrder, dumpLog, type RecordDump } from './dump-log.ts';
export { logDirectoryName } from './file-names.ts';
export {
  type FoundLog,
  findLog,
  findLogs,
  type LogPlace,
  logDirectories,
  missingLogs,
} from './find-logs.ts';
export { FlushGroup, type FlushGroupOptions } from './flush-group.ts';
export { FreeSpace, type FreeSpaceOptions } from './free-space.ts';
export { JOURNAL_FILES } from './journal-replay.ts';
export { type LogEvent, type LogMachineContext, type LogMachineHost, logMachine } from './log.machine.ts';
export { defaultLogConfiguration, type LogConfiguration } from './log-configuration.ts';
export { LogDirectory, type LogDirectoryOptions } from './log-directory.ts';
export {
  type DiskCopy,
  type DiskFault,
  type DiskOperation,
  MemoryDisk,
  type MemoryDiskOptions,
} from './memory-disk.ts';
export {
  type LogOwner,
  type OpenedLog,
  type OpenLogOptions,
  openLog,
  startLog,
  startNewLog,
} from './open-log.ts';
export { PartitionLog } from './partition-log.ts';
export type { ProducerBatch, ProducerEntry } from './producer-state.ts';
export type { Recovery, RecoveryReport } from './recovery.ts';
export { classifyRestart, isSameBoot, type PreviousRun } from './restart-class.ts';
export { emptyLog, liesAsItWasLeft, mayExpire, type RestingLog, type RestingLogs } from './resting-logs.ts';
export { byChance, everyOther, everythingSurvives, nothingSurvives, type Survival } from './survival.ts';
export { TailBudget } from './tail-budget.ts';
export type { FoundTimestamp } from './timestamp-search.ts';
