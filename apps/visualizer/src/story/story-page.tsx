import { NothingYet } from '../app/empty.tsx';

export function StoryPage() {
  return <NothingYet what="sentence" />;
}
