// Conformance: connectedAccounts.link of the unmodified TypeScript SDK (@composio/core), then what its user does in a
// browser. Environment: COMPOSIO_BASE_URL, COMPOSIO_API_KEY, COMPOSIO_SDK_ROOT; the server has the ghost of the app `demo`.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const need = createRequire(path.join(path.resolve(process.env.COMPOSIO_SDK_ROOT), 'anchor.js'));
const { Composio } = await import(pathToFileURL(need.resolve('@composio/core')).href);
let passed = 0, failed = 0;

function check(name, ok, detail) {
  if (ok) passed++; else failed++;
  console.log((ok ? 'ok   ' : 'FAIL ') + name + (ok ? '' : ' -- ' + String(JSON.stringify(detail)).slice(0, 400)));
}

const open = url => fetch(url).then(r => r.text());
async function submit(url, key) {
  const csrf = /name="csrf" value="([0-9a-f]+)"/.exec(await open(url))[1];
  const body = new URLSearchParams({ csrf, 'f.api_key': key });
  const reply = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  return { status: reply.status, where: reply.headers.get('location'), text: await reply.text() };
}

const sdk = new Composio({ baseURL: process.env.COMPOSIO_BASE_URL, apiKey: process.env.COMPOSIO_API_KEY, allowTracking: false });
const user = 'links-typescript';
const config = await sdk.authConfigs.create('demo', { type: 'use_custom_auth', authScheme: 'API_KEY', credentials: {} });
const request = await sdk.connectedAccounts.link(user, config.id, { callbackUrl: 'https://app.example.com/done' });
check('link gives an address and an account that waits', request.redirectUrl && request.status === 'INITIATED', request);
check('the account is INITIATED', (await sdk.connectedAccounts.get(request.id)).status === 'INITIATED');
const waiting = request.waitForConnection(30000);
const wrong = await submit(request.redirectUrl, 'demo_wrong_0123456789');
check('a wrong key shows the form again', wrong.status === 400 && wrong.text.includes('did not accept this key'), wrong);
const good = await submit(request.redirectUrl, 'demo_0123456789abcdef');
check('a good key leads to the callback', good.status === 303
  && good.where === `https://app.example.com/done?status=success&connected_account_id=${request.id}`, good);
const account = await waiting;
check('waitForConnection ends ACTIVE', account.status === 'ACTIVE' && account.id === request.id, account);
const answer = await sdk.tools.execute('DEMO_ECHO', { userId: user, arguments: { message: 'hello' }, version: 'latest',
  dangerouslySkipVersionCheck: true });
check('the account acts', answer.successful, answer);
check('the used link is dead', (await fetch(request.redirectUrl)).status === 404);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
