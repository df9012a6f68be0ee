// For how long a disk may keep a flush before others are to lead what is led here (D11).

export class DiskPatience {
  private lookedMs = Number.NEGATIVE_INFINITY;

  /**
   * Whether the disk is too slow, at a heartbeat. E6: a process that was paused, or had no processor, looks at its timers before it is told
   * that the disk was done long ago; so what it finds after such a gap does not count before it has looked again.
   */
  isOver(nowMs: number, underWayMs: number, limitMs: number): boolean {
    const wasAway = nowMs - this.lookedMs > limitMs;
    this.lookedMs = nowMs;
    return !wasAway && underWayMs > limitMs;
  }
}
