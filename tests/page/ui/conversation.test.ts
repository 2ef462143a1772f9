/** A person in front of the page: choosing, writing, calling, quoting, taking back. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openBrowser, visit } from "../browser.ts";
import { answered, message, stateOf } from "../cast.ts";
import { isGone, shows } from "../expect.ts";
import { fakeServer, type Answer } from "../fake.ts";

const browser = await openBrowser();
after(() => browser.close());

const said: Answer = () => ({ messageId: "1" });

test("a person is chosen, and writes in a room of that person", async () => {
  await using fake = await fakeServer(stateOf(), said);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("radio", { name: "Bob" }).click();
  await isGone(page.getByRole("button", { name: /^Reviewer/ }));
  await page.getByRole("button", { name: /release crew/ }).click();
  const box = page.getByRole("textbox", { name: "Write as Bob in release crew" });
  await box.fill("Can I merge 42?\nIt is green.");
  await box.press("Enter");
  const { body } = await fake.heard("POST api/say");
  assert.deepEqual(body, { room: "crew", from: "bob", text: "Can I merge 42?\nIt is green." });
  assert.equal(await box.inputValue(), "");
});

test("what the server refuses comes back into the box, with its sentence", async () => {
  await using fake = await fakeServer(stateOf(), () => undefined);
  await using visited = await visit(browser, fake.url, { expectErrors: /400/ });
  const { page } = visited;
  const box = page.getByRole("textbox", { name: /Write as/ });
  await box.fill("hello");
  await page.getByRole("button", { name: "Send" }).click();
  await shows(page.getByRole("alert"), "`text` is empty: write something");
  assert.equal(await box.inputValue(), "hello");
});

test("a text with markup is shown as it was typed", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const text = `<img src=x onerror="document.title='taken'"><b>bold</b> & <script>document.title='taken'</script>`;
  const file = { name: `<b>.txt`, type: "text/plain", size: 3, url: "api/files/1" };
  fake.tell({ type: "message", message: message("crew", "bob", text, { file }) });
  await shows(page.locator(".message-text"), text);
  assert.equal(await page.title(), "Playground");
  assert.equal(await page.locator(".log img, .log b, .log script").count(), 0);
});

test("a name after an at sign is completed, and its bot is mentioned", async () => {
  await using fake = await fakeServer(stateOf(), said);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const box = page.getByRole("textbox", { name: /Write as/ });
  await box.pressSequentially("@re");
  await page.getByRole("option", { name: "Reviewer" }).waitFor();
  await box.press("Enter");
  await box.pressSequentially("and @");
  await box.press("ArrowDown");
  await box.press("Tab");
  assert.equal(await box.inputValue(), "@Reviewer and @Helper ");
  await box.press("Enter");
  const { body } = await fake.heard("POST api/say");
  assert.deepEqual(body["mentions"], ["reviewer", "helper"]);
});

test("everybody can be called where the room can do that", async () => {
  await using fake = await fakeServer(stateOf(), said);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  await page.getByRole("button", { name: "Mention somebody" }).click();
  await page.getByRole("option", { name: "everybody" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  const { body } = await fake.heard("POST api/say");
  assert.deepEqual([body["text"], body["mentions"]], ["@all", ["all"]]);
});

test("a message is quoted, and Escape leaves the quote", async () => {
  const asked = message("crew", "bob", "Is the migration done?");
  await using fake = await fakeServer(stateOf({ messages: [asked] }), said);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const row = page.getByRole("article", { name: /Is the migration done/ });
  await row.hover();
  await row.getByRole("button", { name: "Quote" }).click();
  const banner = page.getByText("Quoting Bob: Is the migration done?");
  await banner.waitFor();
  await page.keyboard.press("Escape");
  await isGone(banner);
  await row.hover();
  await row.getByRole("button", { name: "Quote" }).click();
  await page.keyboard.type("Since noon.");
  await page.keyboard.press("Enter");
  const { body } = await fake.heard("POST api/say");
  assert.equal(body["quote"], asked.id);
  await isGone(banner);
});

test("a person takes back what this person wrote, and nothing else", async () => {
  const [mine, theirs] = [message("crew", "ann", "my mistake"), message("crew", "bob", "not mine")];
  await using fake = await fakeServer(stateOf({ messages: [mine, theirs] }));
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const row = page.getByRole("article", { name: /my mistake/ });
  await row.hover();
  await row.getByRole("button", { name: "Take back" }).click();
  const { body } = await fake.heard("POST api/recall");
  assert.deepEqual(body, { room: "crew", messageId: mine.id, by: "ann" });
  fake.tell({ type: "message", message: { ...mine, text: "", isRecalled: true } });
  await shows(page.locator(".message"), "This message was taken back.");
  await page.getByRole("article", { name: /not mine/ }).hover();
  assert.equal(await page.getByRole("button", { name: "Take back" }).count(), 0);
});

test("a file is attached and sent with its bytes, and one that is too large is not taken", async () => {
  await using fake = await fakeServer(stateOf(), said);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  const picker = page.locator("input[type=file]");
  await picker.setInputFiles({
    name: "big.bin",
    mimeType: "application/octet-stream",
    buffer: Buffer.alloc(5_000_001),
  });
  await shows(page.getByRole("alert"), "up to 5 MB");
  await picker.setInputFiles({ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("step 1") });
  await page.getByText("plan.txt, 6 B").waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  const { body } = await fake.heard("POST api/say");
  const base64 = Buffer.from("step 1").toString("base64");
  assert.deepEqual(body["file"], { name: "plan.txt", type: "text/plain", base64 });
  await isGone(page.getByText("plan.txt, 6 B"));
});

test("GROUP.md is read, changed and saved, and a refusal is shown beside it", async () => {
  let isRefused = true;
  await using fake = await fakeServer(stateOf(), ({ what }) => {
    if (what === "GET api/group-md") return { room: "crew", text: "Be brief.", version: 2 };
    return isRefused ? undefined : { room: "crew", text: "", version: 3 };
  });
  await using visited = await visit(browser, fake.url, { expectErrors: /400/ });
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  await page.getByRole("button", { name: "GROUP.md" }).click();
  const dialog = page.getByRole("dialog", { name: "GROUP.md of release crew" });
  const text = dialog.getByRole("textbox", { name: "Text" });
  assert.equal(await text.inputValue(), "Be brief.");
  await text.fill("Answer in verse.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await shows(dialog.getByRole("alert"), "write something");
  isRefused = false;
  await dialog.getByRole("button", { name: "Save" }).click();
  await isGone(dialog);
  assert.deepEqual(fake.asked.at(-1)?.body, { room: "crew", text: "Answer in verse." });
});

test("what is said elsewhere counts as new until its room is opened", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  const room = page.getByRole("button", { name: /release crew/ });
  await room.waitFor();
  fake.tell({ type: "message", message: message("crew", "bob", "one") });
  fake.tell({ type: "message", message: message("crew", "bob", "two") });
  await shows(room.locator(".badge"), "2");
  await room.click();
  await isGone(room.locator(".badge"));
});

test("what was said before anybody looked is not new", async () => {
  await using fake = await fakeServer(stateOf({ messages: [message("crew", "bob", "long ago")] }));
  await using visited = await visit(browser, fake.url);
  const room = visited.page.getByRole("button", { name: /release crew/ });
  await shows(room, "Bob: long ago");
  assert.equal(await room.locator(".badge").textContent(), "");
});

test("a bot that writes is seen to, until its answer is there", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /^Reviewer/ }).click();
  fake.tell({ type: "typing", room: "dm", from: "reviewer" });
  const typing = page.getByText("Reviewer is writing …");
  await typing.waitFor();
  const asked = message("dm", "ann", "Are you there?");
  const reply = message("dm", "reviewer", "Yes.");
  fake.tell(
    { type: "message", message: asked },
    { type: "message", message: reply },
    { type: "trace", trace: answered(asked, "reviewer", reply.id) },
  );
  await isGone(typing);
  await shows(page.locator(".fate"), /Reviewer\s*answered/);
  // A screen reader is told.
  await shows(page.locator("[aria-live=polite]"), "Reviewer: Yes.");
});
