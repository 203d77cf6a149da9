// A directory into one flat table, as somebody writes it who has an afternoon, Microsoft's client and
// better-sqlite3. `host-harness bench compare` runs it beside the connector.
//
// It reads everybody, 999 a page and no more than it needs of each, and writes each page in one transaction
// with one prepared upsert. It has no links, no journal and no place to go on from.
//
//   node sync.mjs DATABASE
//
// Prints {"people": N}.
//
// Environment:
//   EMULATOR_URL         root of Graph and of the token endpoint, https
//   TENANT_ID, CLIENT_ID, CLIENT_SECRET
//   NODE_EXTRA_CA_CERTS  the emulator's authority, read by Node itself

import { createRequire } from "node:module";
import Database from "better-sqlite3";

// The package's ES modules are meant for bundlers; Node runs its CommonJS build.
const require = createRequire(import.meta.url);
const { Client } = require("@microsoft/microsoft-graph-client");

const [path] = process.argv.slice(2);
const { EMULATOR_URL: root, TENANT_ID, CLIENT_ID, CLIENT_SECRET } = process.env;
if (!path || !root || !TENANT_ID || !CLIENT_ID || !CLIENT_SECRET) {
  console.error("usage: node sync.mjs DATABASE, with EMULATOR_URL, TENANT_ID, CLIENT_ID and CLIENT_SECRET set");
  process.exit(2);
}

async function accessToken() {
  const response = await fetch(`${root}/${TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      grant_type: "client_credentials",
      scope: "https://graph.microsoft.com/.default",
    }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return (await response.json()).access_token;
}

const token = await accessToken();
const client = Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => token },
  baseUrl: `${root}/`,
  defaultVersion: "v1.0",
  // The client sends its token to Microsoft's hosts only, and to those it is told to trust.
  customHosts: new Set([new URL(root).hostname]),
});

const properties = [
  "id",
  "accountEnabled",
  "givenName",
  "surname",
  "mail",
  "userPrincipalName",
  "mobilePhone",
  "companyName",
];

const database = new Database(path);
database.pragma("journal_mode = WAL");
database.exec(`
  CREATE TABLE IF NOT EXISTS contacts (
    object_id TEXT PRIMARY KEY,
    active INTEGER NOT NULL,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    mobile_phone TEXT,
    company TEXT
  );
  CREATE INDEX IF NOT EXISTS contacts_by_email ON contacts (email);
`);
const upsert = database.prepare(`
  INSERT INTO contacts (object_id, active, first_name, last_name, email, mobile_phone, company)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (object_id) DO UPDATE SET
    active = excluded.active,
    first_name = excluded.first_name,
    last_name = excluded.last_name,
    email = excluded.email,
    mobile_phone = excluded.mobile_phone,
    company = excluded.company
`);
const write = database.transaction((users) => {
  for (const user of users) {
    upsert.run(
      user.id,
      user.accountEnabled === false ? 0 : 1,
      user.givenName,
      user.surname,
      user.mail ?? user.userPrincipalName,
      user.mobilePhone,
      user.companyName,
    );
  }
});

let people = 0;
let page = await client.api("/users").select(properties).top(999).get();
for (;;) {
  write(page.value);
  people += page.value.length;
  const next = page["@odata.nextLink"];
  if (!next) break;
  page = await client.api(next).get();
}
database.close();
console.log(JSON.stringify({ people }));
