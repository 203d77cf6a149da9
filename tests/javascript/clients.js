// The clients that people sign in and read with from Node, against the emulator, over TLS:
// @azure/identity, @azure/msal-node and PnPjs.
//
// They know nothing of the emulator; what works here works because the answers are those of the
// service. Prints a line for each passed check; ends with 1 on the first that fails.
//
// Environment: as for fidelity.js, and
//   CERTIFICATE          a PEM file with a certificate that the application has, and its private key

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ClientCertificateCredential, ClientSecretCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { ConsistencyLevel, graphfi, Paged } from "@pnp/graph";
import "@pnp/graph/batching.js";
import "@pnp/graph/groups/index.js";
import "@pnp/graph/members/index.js";
import "@pnp/graph/users/index.js";
import { GraphDefault } from "@pnp/nodejs";

const environment = (name) => {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(2);
  }
  return value;
};

const root = environment("EMULATOR_URL");
const tenant = environment("TENANT_ID");
const clientId = environment("CLIENT_ID");
const clientSecret = environment("CLIENT_SECRET");
const certificatePath = environment("CERTIFICATE");
const scopes = ["https://graph.microsoft.com/.default"];
const nobody = "00000000-0000-0000-0000-000000000000";

const pem = readFileSync(certificatePath, "utf8");
const certificate = new X509Certificate(pem);
const hexadecimal = (fingerprint) => fingerprint.replaceAll(":", "");
const privateKey = pem.slice(pem.indexOf("-----BEGIN PRIVATE KEY"));

/** What @azure/identity has to be told of a sign-in service that is not Microsoft's. */
const elsewhere = { authorityHost: root, disableInstanceDiscovery: true };

/** The same for msal-node. */
const authority = {
  clientId,
  authority: `${root}/${tenant}`,
  knownAuthorities: [new URL(root).host],
};

const acquire = (auth) =>
  new ConfidentialClientApplication({ auth }).acquireTokenByClientCredential({ scopes });

/** PnPjs, signed in with the certificate. */
const graph = () => {
  const clientCertificate = { thumbprintSha256: hexadecimal(certificate.fingerprint256), privateKey };
  const config = { auth: { ...authority, clientCertificate } };
  return graphfi().using(GraphDefault({ baseUrl: `${root}/v1.0`, msal: { config, scopes } }));
};

async function control(method, path, body) {
  const response = await fetch(`${root}/emulator${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

const checks = {
  async "@azure/identity signs in with a secret"() {
    const credential = new ClientSecretCredential(tenant, clientId, clientSecret, elsewhere);
    const { token, expiresOnTimestamp } = await credential.getToken(scopes[0]);
    assert.ok(token && expiresOnTimestamp > Date.now());
  },

  async "@azure/identity signs in with a certificate, with and without its chain"() {
    for (const sendCertificateChain of [false, true]) {
      const options = { ...elsewhere, sendCertificateChain };
      const credential = new ClientCertificateCredential(tenant, clientId, certificatePath, options);
      assert.ok((await credential.getToken(scopes[0])).token);
    }
  },

  async "@azure/identity tells what was wrong"() {
    const credential = new ClientSecretCredential(tenant, clientId, "wrong", elsewhere);
    await assert.rejects(credential.getToken(scopes[0]), /invalid_client.*AADSTS7000215/s);
  },

  async "msal-node asks the emulator whether it is known, and signs in"() {
    const { accessToken } = await acquire({ ...authority, clientSecret });
    assert.ok(accessToken);
    const discovered = await fetch(
      `${root}/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(
        `${root}/${tenant}/oauth2/v2.0/authorize`,
      )}`,
    );
    const cloudDiscoveryMetadata = await discovered.text();
    const told = { clientId, authority: `${root}/${tenant}`, cloudDiscoveryMetadata, clientSecret };
    assert.ok((await acquire(told)).accessToken);
  },

  async "msal-node signs in with either thumbprint"() {
    const thumbprints = {
      thumbprint: hexadecimal(certificate.fingerprint),
      thumbprintSha256: hexadecimal(certificate.fingerprint256),
    };
    for (const [name, value] of Object.entries(thumbprints)) {
      const x5c = certificate.toString();
      const clientCertificate = { [name]: value, privateKey, x5c };
      assert.ok((await acquire({ ...authority, clientCertificate })).accessToken, name);
    }
  },

  async "msal-node tells what was wrong"() {
    const clientCertificate = { thumbprintSha256: "00".repeat(32), privateKey };
    await assert.rejects(acquire({ ...authority, clientCertificate }), (error) => {
      assert.equal(error.errorCode, "invalid_client");
      assert.match(error.message, /AADSTS700027/);
      return true;
    });
  },

  async "PnPjs pages through everybody"() {
    const { users } = await control("GET", "");
    const ids = new Set();
    let pages = 0;
    for await (const page of graph().users.select("id", "displayName").top(120)) {
      pages += 1;
      page.forEach(({ id }) => ids.add(id));
    }
    assert.equal(ids.size, users);
    assert.equal(pages, Math.ceil(users / 120));
  },

  async "PnPjs filters, counts, and follows a manager"() {
    const people = await graph().users.filter("startswith(displayName,'A')").select("displayName").top(5)();
    assert.equal(people.length, 5);
    assert.ok(people.every(({ displayName }) => displayName.startsWith("A")));
    // `count()` is always 0 in this release, which leaves out what this says.
    const counted = graph().users.using(Paged(true), ConsistencyLevel()).top(1);
    counted.query.set("$count", "true");
    assert.equal((await counted()).count, (await control("GET", "")).users);
    const managed = await graph().users.expand("manager($select=id,displayName)").select("id").top(20)();
    const { id, manager } = managed.find((person) => person.manager);
    assert.equal((await graph().users.getById(id).manager()).id, manager.id);
  },

  async "PnPjs lists groups and who is in them"() {
    await control("PUT", "/roles", ["Directory.Read.All", "Member.Read.Hidden"]);
    const groups = await graph().groups.filter("groupTypes/any(c:c eq 'Unified')").select("id", "displayName")();
    assert.ok(groups.length > 1);
    const [all] = groups;
    assert.equal(all.displayName, "All Company");
    const ids = new Set();
    for await (const page of graph().groups.getById(all.id).members.select("id").top(400)) {
      page.forEach(({ id }) => ids.add(id));
    }
    assert.equal(ids.size, (await control("GET", "")).users);
  },

  async "PnPjs sends a batch and keeps its answers apart"() {
    const [known] = await graph().users.select("id").top(1)();
    const [batched, execute] = graph().batched();
    const found = batched.users.getById(known.id).select("id")();
    const missing = batched.users.getById(nobody)().catch((error) => error);
    await execute();
    assert.equal((await found).id, known.id);
    assert.equal((await missing).status, 404);
    assert.match((await missing).message, /Request_ResourceNotFound/);
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
