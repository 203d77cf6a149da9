// Settings: read-only until they are edited; two people at once; back and sent again.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { root, setUp, signIn, synced, whoDid } from "./ways.mjs";
import * as words from "./words.mjs";

await inChromium(async (browser) => {
  const ada = await open(browser);
  await signIn(ada, "demo", "ada");
  await setUp(ada, "demo");
  assert.equal(await ada.locator("#mappings").getByRole("textbox").count(), 0);
  assert.equal(await ada.locator("#mappings").getByRole("combobox").count(), 0);

  // Cancelling changes nothing.
  await words.editMappings(ada).click();
  await words.removeMapping(ada, "Company").click();
  await words.cancel(ada).click();
  await ada.locator("#mappings").getByText("companyName").waitFor();

  // Two at once: the second hears of it, keeps what was entered, and decides.
  const eve = await open(browser);
  await signIn(eve, "demo", "eve");
  await words.editMappings(eve).click();
  await words.editMappings(ada).click();
  await words.schedule(ada).fill("every 6 h");
  await words.save(ada).click();
  await words.told(ada, "Saved").waitFor();
  await words.schedule(eve).fill("0 6 * * *");
  await words.save(eve).click();
  await words.told(eve, "Ada changed these settings").waitFor();
  assert.equal(await words.schedule(eve).inputValue(), "0 6 * * *");
  await look(eve, "map-conflict");
  await eve.goto(`${root("demo")}/setup/map`);
  assert.equal(await words.schedule(eve).inputValue(), "every 6 h", "nothing of it was saved");

  // A row changed and one removed; the next sync goes by it.
  await words.editMappings(ada).click();
  await words.attribute(ada, "Company").selectOption({ label: "Department" });
  await words.removeMapping(ada, "Mobile phone").click();
  await words.row(ada, "Mobile phone").waitFor({ state: "detached" });
  await look(ada, "settings");
  await words.save(ada).click();
  // It changes what is written: it is shown first, and in force only when it was approved.
  await words.told(ada, "Saved, and not in force yet").waitFor();
  await words.confirmAndRun(ada).waitFor();
  await look(ada, "review-proposed");
  await eve.goto(root("demo"));
  await eve.locator("#mappings").getByText("companyName").waitFor();
  await words.told(eve, "are not in force yet").waitFor();
  await words.confirmAndRun(ada).click();
  await words.bars(ada).nth(1).waitFor();
  await synced(ada);
  await ada.locator("#mappings").getByText("department").waitFor();

  // Another preset is applied as a whole, without filling it in first; then it is given up again.
  await words.editMappings(ada).click();
  await words.inForce(ada).getByText("Custom, from Mirror").waitFor();
  await look(ada, "settings-custom");
  await words.choice(ada, "Add only").check();
  await words.save(ada).click();
  await words.told(ada, "Saved, and not in force yet").waitFor();
  await words.confirmAndRun(ada).waitFor();
  await ada.goto(`${root("demo")}/setup/map`);
  await words.inForce(ada).getByText("These settings are Add only.").waitFor();
  await words.row(ada, "Company").waitFor({ state: "detached" });
  await ada.goto(`${root("demo")}/setup/review`);
  await words.giveUp(ada).click();
  await words.inForce(ada).getByText("Custom, from Mirror").waitFor();
  await ada.goto(root("demo"));

  // A second press does nothing more; who goes back sees what was saved, not what once was.
  const before = (await whoDid(ada, "demo", "sync-started")).length;
  await words.syncNow(ada).dblclick();
  await words.bars(ada).nth(2).waitFor();
  await synced(ada);
  assert.equal((await whoDid(ada, "demo", "sync-started")).length, before + 1, "pressed twice, done once");
  await words.editMappings(ada).click();
  await words.schedule(ada).fill("every 12 h");
  await words.save(ada).click();
  await words.told(ada, "Saved").waitFor();
  await ada.goBack();
  assert.equal(await words.schedule(ada).inputValue(), "every 12 h");
  await words.save(ada).click();
  await words.told(ada, "Saved").waitFor();

  // Groups are chosen, told beside their input where one is wrong, and shown again as they were written.
  await words.editMappings(ada).click();
  await words.choice(ada, "Users and groups").check();
  await words.groups(ada).fill("Sales\nSALES");
  await words.kindOfGroups(ada, "Security groups").check();
  await words.choice(ada, "With groups inside it").check();
  await words.save(ada).click();
  await words.told(ada, "SALES: This stands earlier in the list").waitFor();
  assert.ok(await words.kindOfGroups(ada, "Security groups").isChecked(), "nothing that was entered is lost");
  await look(ada, "settings-groups-refused");
  await words.groups(ada).fill("Sales\nRegion *");
  await words.save(ada).click();
  await words.told(ada, "Saved, and not in force yet").waitFor();
  await ada.goto(`${root("demo")}/setup/map`);
  assert.equal(await words.groups(ada).inputValue(), "Sales\nRegion *");
  for (const chosen of ["Users and groups", "With groups inside it", "Everybody"]) {
    assert.ok(await words.choice(ada, chosen).isChecked(), chosen);
  }
  await look(ada, "settings-groups");
});
