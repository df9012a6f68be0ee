/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  /** Whether a node works so. */
  readonly ok: boolean;
  readonly found: string;
  /** It works so, but somebody should know. */
  readonly isNote?: boolean;
}
