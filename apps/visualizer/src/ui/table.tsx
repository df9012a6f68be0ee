// A table that may be wider than its place.

import type { ComponentChildren } from 'preact';
import { Scroll } from './scroll.tsx';

export interface Heading {
  readonly title: string;
  /** Numbers stand at the right, so that they can be compared. */
  readonly isNumber?: boolean;
}

export interface TableProps {
  /** What it has, in words: `Brokers`. */
  readonly label: string;
  readonly headings: readonly Heading[];
  /** Its rows. */
  readonly children: ComponentChildren;
}

export function Table({ label, headings, children }: TableProps) {
  return (
    <Scroll label={`${label}, as a table`}>
      <table>
        <thead>
          <tr>
            {headings.map(({ title, isNumber }) => (
              <th key={title} scope="col" class={isNumber === true ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}
