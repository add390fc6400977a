import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
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

async function open() {
  const { tabs, note } = await examples();
  const send = createGraphiQLFetcher({ url: '/graphql' });
  const opening = JSON.parse(tabs[0].headers);
  // The first look at the schema comes before the editor of headers is there.
  const fetcher = (asked, options) => send(asked, { ...options, headers: options?.headers ?? opening });
  createRoot(document.getElementById('explorer')).render(
    <GraphiQL
      fetcher={fetcher}
      storage={forgetful()}
      defaultTabs={tabs}
      defaultEditorToolsVisibility="headers"
      forcedTheme="light"
    >
      <GraphiQL.Logo>
        <span className="mark">graphsvc</span>
      </GraphiQL.Logo>
      <GraphiQL.Footer>{note}</GraphiQL.Footer>
    </GraphiQL>,
  );
}

open().catch((error) => {
  document.getElementById('explorer').textContent = `The explorer could not start: ${error.message}`;
});
