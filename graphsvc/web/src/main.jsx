import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

/** Questions name people, so nothing that is typed here is kept by the browser. */
function forgetful() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    clear: () => kept.clear(),
    get length() {
      return kept.size;
    },
  };
}

/** What the server opens the explorer with: a list of {query, variables, headers}. */
async function examples() {
  const answer = await fetch('/explorer.json', { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

/** A fetch that tells what each answer says of the numbers that it leaves out. */
function watched(tell) {
  return async (...asked) => {
    const answer = await fetch(...asked);
    answer
      .clone()
      .json()
      .then(({ extensions }) => tell(extensions?.remarks ?? []))
      .catch(() => tell([]));
    return answer;
  };
}

function Explorer({ tabs, note }) {
  const [remarks, setRemarks] = useState([]);
  const [fetcher] = useState(() => {
    const send = createGraphiQLFetcher({ url: '/graphql', fetch: watched(setRemarks) });
    const opening = JSON.parse(tabs[0].headers);
    // The first look at the schema comes before the editor of headers is there.
    return (asked, options) => send(asked, { ...options, headers: options?.headers ?? opening });
  });
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={forgetful()}
      defaultTabs={tabs}
      initialHeaders={tabs[0].headers}
      defaultHeaders={tabs[0].headers}
      defaultEditorToolsVisibility="headers"
      forcedTheme="light"
    >
      <GraphiQL.Logo>
        <span className="mark">graphsvc</span>
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <div role="status">
          {remarks.length > 0 && (
            <p className="remark">
              <strong>Why a number is null:</strong> {remarks.join(' ')} Small numbers could tell of single persons.
            </p>
          )}
        </div>
        {note}
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

async function open() {
  createRoot(document.getElementById('explorer')).render(<Explorer {...await examples()} />);
}

open().catch((error) => {
  document.getElementById('explorer').textContent = `The explorer could not start: ${error.message}`;
});
