import { NothingYet } from '../app/empty.tsx';

export function MapPage() {
  return <NothingYet what="brokers" />;
}
