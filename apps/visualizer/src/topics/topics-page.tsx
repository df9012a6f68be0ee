import { NothingYet } from '../app/empty.tsx';

export function TopicsPage() {
  return <NothingYet what="topic" />;
}
