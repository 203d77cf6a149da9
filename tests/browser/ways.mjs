// Ways through the pages that several scenarios go.
import { fixture } from "./fixture.mjs";
import * as words from "./words.mjs";

export const root = (workspace) => `${fixture.server}/w/${workspace}`;

export async function signIn(page, workspace, person) {
  await page.goto(fixture.links[workspace][person]);
  await words.signInButton(page).click();
  await page.waitForURL(root(workspace));
}

export async function fillConnection(page, secret = fixture.secret) {
  await words.tenant(page).fill(fixture.tenant);
  await words.client(page).fill(fixture.client);
  await words.secret(page).fill(secret);
}

// Through Microsoft's page and back; asking is possible once the application is known.
export async function consent(page) {
  await words.askForConsent(page).click();
  await words.accept(page).click();
  await words.told(page, "Consent was given").waitFor();
}

// From the first step to the end of the first sync.
export async function setUp(page, workspace) {
  await page.goto(`${root(workspace)}/setup/connect`);
  await fillConnection(page);
  await words.test(page).click();
  await consent(page);
  await words.test(page).click();
  await words.toMapping(page).click();
  await words.saveAndContinue(page).click();
  await words.runSync(page).click();
  await synced(page);
}

// Nothing goes on, and the last sync was well.
export async function synced(page) {
  await words.pill(page, "Synced successfully").or(words.pill(page, "Synced with warnings")).waitFor();
}

// Who did what, by the audit log: the names of all who did it, newest first.
export async function whoDid(page, workspace, what) {
  const answer = await page.request.get(`${root(workspace)}/activity.json`);
  const entries = await answer.json();
  return entries.filter((entry) => entry.action === what).map((entry) => entry.who);
}
