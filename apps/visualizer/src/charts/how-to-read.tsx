// What the signs of a drawing mean.

const signs = [
  ['a box', 'a state; a box in a box is one of its own states, and the dot leads to the one it begins in'],
  ['dashed boxes', 'regions: an actor is in a state of each at the same time'],
  ['a double border', 'an end'],
  ['a number on a border', 'so many actors are there now; boxes with a thick border have some'],
  [
    'event [guard] / actions',
    'what happens, what must hold for it, and what is done then; the framed id is the rule of the protocol',
  ],
  ['1 2 3 [else]', 'the order in which guards are asked; the first that holds is taken'],
  [
    'lines in a box',
    'events that leave the actor where it is: taken, refused or ignored; with ↻ it enters the state anew',
  ],
  ['a corner at a label', 'it begins anywhere in the box around it'],
  ['✕ at a line', 'its guard has said no to the last event of the actor that is picked'],
  ['a thick arrow', 'taken often; in colour, just now'],
] as const;

export function HowToRead() {
  return (
    <details class="how-to-read small">
      <summary>How to read it</summary>
      <dl>
        {signs.map(([sign, meaning]) => (
          <div key={sign}>
            <dt>{sign}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
