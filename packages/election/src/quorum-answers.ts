// What every answer of a peer is asked first: is it still wanted, and does it tell of a newer epoch or a leader?

export const stale = {
  guard: 'answer is stale',
  actions: 'note stale answer',
  meta: { rule: 'S71' },
} as const;

/** X9: believed once a majority of the voters tells it; until then a timeout tells what the question would have told. */
export const incredible = {
  guard: 'is beyond belief',
  actions: ['note the epoch that is told', 'complain of the epoch'],
  meta: { rule: 'X9' },
} as const;

export const followsNewer = {
  guard: 'answer names the leader of a newer epoch',
  actions: ['adopt the epoch and its leader', 'store vote state', 'tell who leads'],
  target: '#quorum.follower',
} as const;

export const newer = {
  guard: 'answer is of a newer epoch',
  actions: ['adopt the epoch', 'store vote state', 'tell who leads'],
  target: '#quorum.unattached',
} as const;

export const follows = {
  guard: 'answer names the leader',
  actions: ['learn the leader', 'store vote state', 'tell who leads'],
  target: '#quorum.follower',
} as const;
