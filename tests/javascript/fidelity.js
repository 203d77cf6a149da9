// Microsoft's own Graph client against the emulator, over TLS.
//
// The client knows nothing of the emulator; what works here works because the answers are those of
// the service. Prints a line for each passed check; ends with 1 on the first that fails.
//
// Environment:
//   EMULATOR_URL         root of Graph and of the token endpoint, https
//   TENANT_ID, CLIENT_ID, CLIENT_SECRET
//   NODE_EXTRA_CA_CERTS  the emulator's authority, read by Node itself
//
// The directory must have at least 450 users, so that a list and a delta round take several pages, and
// groups, of which each user is in four.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

// The package's ES modules are meant for bundlers; Node runs its CommonJS build.
const require = createRequire(import.meta.url);
const {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  PageIterator,
  RetryHandlerOptions,
} = require("@microsoft/microsoft-graph-client");

const root = environment("EMULATOR_URL");
const tenant = environment("TENANT_ID");
const clientId = environment("CLIENT_ID");
const clientSecret = environment("CLIENT_SECRET");

function environment(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(2);
  }
  return value;
}

/** Client credentials, kept as long as they are good. */
const authProvider = {
  token: undefined,
  goodUntil: 0,
  async getAccessToken() {
    if (!this.token || Date.now() > this.goodUntil) {
      const response = await fetch(`${root}/${tenant}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          client_id: clientId,
          client_secret: clientSecret,
          grant_type: "client_credentials",
          scope: "https://graph.microsoft.com/.default",
        }),
      });
      const body = await response.json();
      assert.equal(response.status, 200, body.error_description);
      this.token = body.access_token;
      this.goodUntil = Date.now() + (body.expires_in - 60) * 1000;
    }
    return this.token;
  },
};

const client = Client.initWithMiddleware({
  authProvider,
  baseUrl: `${root}/`,
  defaultVersion: "v1.0",
  // The client sends its token to Microsoft's hosts only, and to those it is told to trust.
  customHosts: new Set([new URL(root).hostname]),
});

/** One operation of the control interface. */
async function control(method, path, body) {
  const response = await fetch(`${root}/emulator${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Every element from a page on, and the iterator that ran. */
async function iterate(page) {
  const elements = [];
  const iterator = new PageIterator(client, page, (element) => {
    elements.push(element);
    return true;
  });
  await iterator.iterate();
  return { elements, iterator };
}

/** Lets the application read groups, which takes a new token. */
async function readGroups() {
  await control("PUT", "/roles", ["Directory.Read.All", "Member.Read.Hidden"]);
  authProvider.token = undefined;
}

const checks = {
  async "the page iterator reads every user exactly once"() {
    const count = await client.api("/users").header("ConsistencyLevel", "eventual").count(true).top(1).get();
    const first = await client.api("/users").select(["id", "displayName", "mail"]).top(120).get();
    assert.equal(first.value.length, 120);
    const { elements, iterator } = await iterate(first);
    assert.ok(iterator.isComplete());
    assert.equal(elements.length, count["@odata.count"]);
    assert.equal(new Set(elements.map((user) => user.id)).size, elements.length);
  },

  async "the page iterator reads a delta round to its deltaLink, and the next one from there"() {
    const first = await client.api("/users/delta").select(["id", "displayName", "jobTitle"]).get();
    assert.ok(first["@odata.nextLink"], "a round of several pages");
    const initial = await iterate(first);
    const link = initial.iterator.getDeltaLink();
    assert.ok(link, "a round ends with a deltaLink");
    const { users } = await control("GET", "");
    assert.equal(initial.elements.filter((user) => !user["@removed"]).length, users);

    const [edited, left] = initial.elements.filter((user) => !user["@removed"]);
    const title = `Checked ${Date.now()}`;
    await control("PATCH", `/users/${edited.id}`, { jobTitle: title });
    await control("DELETE", `/users/${left.id}`);
    const incremental = await iterate(await client.api(link).get());
    await control("POST", `/users/${left.id}/restore`);
    assert.deepEqual(
      incremental.elements.map((user) => [user.id, user.jobTitle, user["@removed"]?.reason]),
      [
        [edited.id, title, undefined],
        [left.id, undefined, "changed"],
      ],
    );
    assert.notEqual(incremental.iterator.getDeltaLink(), link);
  },

  async "the page iterator reads a round over groups, and merges what comes in parts"() {
    await readGroups();
    const first = await client.api("/groups/delta").select(["displayName", "members"]).get();
    const initial = await iterate(first);
    const members = new Map();
    const merge = (elements) => {
      for (const { id, "members@delta": told = [] } of elements) {
        const known = members.get(id) ?? new Set();
        for (const member of told.filter((member) => member["@odata.type"] === "#microsoft.graph.user")) {
          member["@removed"] ? known.delete(member.id) : known.add(member.id);
        }
        members.set(id, known);
      }
    };
    merge(initial.elements);
    const { users, groups } = await control("GET", "");
    assert.equal(members.size, groups);
    assert.ok(initial.elements.length > groups, "a large group came in parts");
    assert.equal([...members.values()].reduce((sum, known) => sum + known.size, 0), 4 * users);

    const [[id, known]] = members;
    const leaver = [...known][7];
    await control("POST", `/groups/${id}/members/remove`, { members: [leaver] });
    const next = await iterate(await client.api(initial.iterator.getDeltaLink()).get());
    merge(next.elements);
    assert.equal(next.elements.length, 1);
    assert.ok(!members.get(id).has(leaver));
    await control("POST", `/groups/${id}/members`, { members: [leaver] });
  },

  async "the members of a group are paged, cast, counted and found by their ids"() {
    await readGroups();
    const [all] = (await client.api("/groups").filter("displayName eq 'All Company'").get()).value;
    const members = client.api(`/groups/${all.id}/members`).select(["id"]).top(500);
    const { elements } = await iterate(await members.get());
    const { users } = await control("GET", "");
    assert.equal(new Set(elements.map(({ id }) => id)).size, users);
    const cast = await client
      .api(`/groups/${all.id}/transitiveMembers/microsoft.graph.user`)
      .header("ConsistencyLevel", "eventual")
      .filter("startswith(displayName,'A')")
      .orderby("displayName")
      .count(true)
      .top(3)
      .get();
    assert.ok(cast["@odata.count"] > 3 && cast.value.every(({ displayName }) => displayName.startsWith("A")));
    const wanted = { ids: [all.id, elements[0].id], types: ["group", "user"] };
    const found = await client.api("/directoryObjects/getByIds").post(wanted);
    assert.deepEqual(
      found.value.map(({ "@odata.type": type, id }) => [type, id]),
      [
        ["#microsoft.graph.group", all.id],
        ["#microsoft.graph.user", elements[0].id],
      ],
    );
  },

  async "a batch is built, sent and taken apart"() {
    const [known] = (await client.api("/users").top(1).get()).value;
    const nobody = "00000000-0000-0000-0000-000000000000";
    // The client takes the host away; what is left is relative to the version.
    const get = (id, path) => ({ id, request: new Request(`${root}${path}`) });
    const answers = async (...steps) => {
      const batch = new BatchRequestContent(steps);
      const answer = await client.api("/$batch").post(await batch.getContent());
      return new BatchResponseContent(answer);
    };

    const parallel = await answers(
      get("known", `/users/${known.id}?$select=id`),
      get("unknown", `/users/${nobody}`),
    );
    assert.equal(parallel.getResponses().size, 2);
    const found = parallel.getResponseById("known");
    assert.equal(found.status, 200);
    assert.equal((await found.json()).id, known.id);
    assert.equal(parallel.getResponseById("unknown").status, 404);

    const serial = await answers(
      get("1", `/users/${nobody}`),
      { ...get("2", "/organization"), dependsOn: ["1"] },
    );
    assert.equal(serial.getResponseById("1").status, 404);
    assert.equal(serial.getResponseById("2").status, 424);
  },

  async "the client waits and retries by itself when it is throttled"() {
    await control("POST", "/faults", {
      path: "/v1.0/organization",
      status: 429,
      retryAfter: "1",
      times: 2,
    });
    const before = Date.now();
    const answer = await client.api("/organization").middlewareOptions([new RetryHandlerOptions(1, 3)]).get();
    assert.equal(answer.value.length, 1);
    assert.ok(Date.now() - before >= 2000, "both waits were kept");
    assert.deepEqual(await control("GET", "/faults"), []);
  },

  async "an error is what the client expects an error to be"() {
    const id = "73f6134c-e647-4ab1-8ccb-287be982da02";
    await assert.rejects(client.api(`/users/${id}`).get(), (error) => {
      assert.ok(error instanceof GraphError);
      assert.equal(error.statusCode, 404);
      assert.equal(error.code, "Request_ResourceNotFound");
      assert.match(error.message, new RegExp(id));
      assert.match(error.requestId, /^[0-9a-f-]{36}$/);
      assert.equal(typeof JSON.parse(error.body).innerError["client-request-id"], "string");
      return true;
    });
  },

  async "a plain-text count is read as a number's text"() {
    const count = await client.api("/users/$count").header("ConsistencyLevel", "eventual").get();
    const { users } = await control("GET", "");
    assert.equal(Number(count), users);
  },

  async "an expired delta token reaches the caller with its code"() {
    const latest = await client.api("/users/delta").query({ $deltatoken: "latest" }).select("id").get();
    assert.deepEqual(latest.value, []);
    await control("POST", "/delta/expire");
    await assert.rejects(client.api(latest["@odata.deltaLink"]).get(), { code: "syncStateNotFound" });
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok - ${name}`);
  } catch (error) {
    console.error(`not ok - ${name}`);
    console.error(error);
    process.exit(1);
  }
}
