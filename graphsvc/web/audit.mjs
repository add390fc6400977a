// Audits a running service against the GraphQL over HTTP specification.
// Usage: node audit.mjs http://127.0.0.1:8080/graphql TOKEN
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const headers = {
  authorization: `Bearer ${token}`,
  'graphsvc-purpose': 'TRENDS',
};
const known = (address, init = {}) => fetch(address, { ...init, headers: { ...init.headers, ...headers } });

let failed = 0;
for (const audit of serverAudits({ url, fetchFn: known })) {
  const result = await audit.fn();
  if (result.status === 'ok') continue;
  if (audit.name.startsWith('MUST') || audit.name.startsWith('SHOULD')) failed += 1;
  console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
}
console.log(`${failed} of what must or should be is not`);
process.exit(failed ? 1 : 0);
