/** The process that is killed: both accounts with the shipped core and their stores on disk, and a gateway for each. */

import { share } from "../client/clock.ts";
import { join } from "node:path";
import { openCore, type Channel as Platform } from "../../js/core/account.ts";
import { Drive } from "../../js/drive.ts";
import { Store } from "../../js/io/store.ts";
import { Random } from "../../sandbox/random.ts";
import { NotingGateway, type Script } from "./gateway.ts";

export type Orders = Script & {
  folder: string;
  configs: Record<Platform, object>;
  seed: number;
  clock: { since: number; times: number };
};

const { folder, configs, seed, clock, ...script }: Orders = JSON.parse(process.argv[2] ?? "");
share(clock.since, clock.times);

// Whoever runs it is gone.
process.on("disconnect", () => process.exit());

const random = new Random(seed);
for (const platform of ["dmwork", "mochat"] as const) {
  const { promise, resolve } = Promise.withResolvers<Drive>();
  const host = new NotingGateway(platform, promise, script, random);
  const store = Store.open(join(folder, `${platform}.sqlite`));
  resolve(
    await Drive.open({ channel: platform, accountId: platform, config: configs[platform], store, host, openCore }),
  );
}
