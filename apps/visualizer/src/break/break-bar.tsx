// What can be done to the cluster as a whole: let all heal, and choose the answer to "all replicas died".

import { useEffect, useState } from 'preact/hooks';
import { useConsole } from '../app/the-console.ts';
import { Term } from '../glossary/term.tsx';
import { useClient } from '../topics/use-client.ts';
import { sayHow } from '../ui/outcome.tsx';
import { carryOut } from './carry-out.ts';
import { whyNotBreak, whyNotChange } from './permission.ts';

export function BreakBar() {
  const console = useConsole();
  const view = console.view.value;
  const reason = whyNotBreak(console.source, view);
  if (reason !== undefined)
    return (
      <span class="tag" title={reason} data-fact="permission">
        {view.isNow ? 'read-only' : 'a moment that has been'}
        <span class="unseen">: {reason}</span>
      </span>
    );
  return (
    <div class="row break-bar" data-fact="permission">
      {whyNotChange(console.source, view) === undefined && <UncleanElection />}
      <button type="button" onClick={() => void carryOut(console, { do: 'heal' })} title="odradek chaos heal">
        Heal everything <kbd>h</kbd>
      </button>
    </div>
  );
}

const setting = 'unclean.leader.election.enable';

function UncleanElection() {
  const client = useClient();
  // Who could not be asked before may be there again.
  const { source } = useConsole().state.value.value;
  const [isOn, setIsOn] = useState<boolean>();
  const ask = async (): Promise<void> => {
    const entries = (await client?.admin().describeConfigs(null)) ?? [];
    setIsOn(entries.find(({ name }) => name === setting)?.value === 'true');
  };
  useEffect(() => {
    // Whoever cannot be asked now leaves the switch as it is: unknown.
    ask().catch(() => setIsOn(undefined));
  }, [client, source]);
  if (client === undefined) return null;
  const flip = async (): Promise<void> => {
    const wanted = isOn !== true;
    await sayHow(client.admin().alterConfig(null, { [setting]: String(wanted) }), () =>
      wanted
        ? 'Unclean election is on: a replica that is alive leads, and what it lacks is lost and counted.'
        : 'Unclean election is off: a partition waits for a replica that has every committed record.',
    );
    await ask();
  };
  return (
    <span class="row">
      <Term word="unclean election" />
      <button
        type="button"
        role="switch"
        aria-checked={isOn === true}
        aria-label="Unclean election"
        disabled={isOn === undefined}
        onClick={() => void flip()}
        title={`odradek cluster alter --set ${setting}=${isOn !== true}`}
      >
        {isOn === undefined ? 'not known' : isOn ? 'on' : 'off'}
      </button>
    </span>
  );
}
