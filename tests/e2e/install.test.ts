/** The package installs where there is no network. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { tarball } from "./support.ts";

test("the packed plugin installs offline as a plain archive and shows both channels", async () => {
  await using claw = await OpenClaw.installOffline(tarball());
  const { out } = await claw.cli("plugins", "inspect", "openclaw-mochat-dmwork", "--runtime", "--json");
  for (const channel of ["mochat", "dmwork"]) assert.match(out, new RegExp(`"${channel}"`));
  assert.match(out, /"diagnostics": \[\]/, out);
});
