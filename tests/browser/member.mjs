// A member: contacts and status, and nobody's settings.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { root, setUp, signIn } from "./ways.mjs";
import * as words from "./words.mjs";

await inChromium(async (browser) => {
  const max = await open(browser);
  await signIn(max, "demo", "max");
  await words.told(max, "Ask your admin to configure it").waitFor();
  assert.equal(await words.begin(max).count(), 0);
  await look(max, "member-first-run");

  const ada = await open(browser);
  await signIn(ada, "demo", "ada");
  await setUp(ada, "demo");

  // The page has followed by itself; what a member may not see is left out.
  await words.card(max, "Active records").waitFor();
  await words.told(max, "Last successful sync").waitFor();
  for (const untrue of ["Ask your admin", "No run yet", "Nothing is missing", "Schedule", "Mapped attributes"]) {
    assert.equal(await max.getByText(untrue).count(), 0, untrue);
  }
  await look(max, "member");
  for (const button of [words.syncNow, words.fullResync, words.disconnectLink, words.editMappings]) {
    assert.equal(await button(max).count(), 0);
  }
  for (const name of ["Settings", "Activity"]) assert.equal(await words.part(max, name).count(), 0);
  await words.part(max, "Contacts").click();
  await words.told(max, "Adele Vance").waitFor();

  // What no link leads to is closed all the same.
  for (const path of ["setup/connect", "setup/map", "activity", "activity.csv", "api/settings", "blocked"]) {
    const answer = await max.request.get(`${root("demo")}/${path}`);
    assert.equal(answer.status(), 403, path);
  }
  await max.goto(`${root("demo")}/setup/map`);
  await look(max, "member-refused");
});
