import { NothingYet } from '../app/empty.tsx';

export function ScenesPage() {
  return <NothingYet what="scene" />;
}
