import { NothingYet } from '../app/empty.tsx';

export function MachinesPage() {
  return <NothingYet what="machine" />;
}
