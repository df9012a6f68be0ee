import type { DirectoryId, Incarnation, NodeId } from '@odradek/model';

/** Who a node is, for the life of its process. */
export interface NodeIdentity {
  readonly clusterId: string;
  readonly nodeId: NodeId;
  readonly directoryId: DirectoryId;
  readonly incarnation: Incarnation;
  /** Where others reach it; what it registers. */
  readonly host: string;
  readonly port: number;
  readonly processId: number;
}
