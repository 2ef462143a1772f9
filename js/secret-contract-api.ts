/** Where the two channels keep secrets. The gateway looks for a file of this name; it covers the whole plugin. */
import { createSimpleChannelSecretContract } from "./host/sdk.ts";

const contracts = [
  { channelKey: "mochat", label: "Mochat", fields: ["clawToken"] },
  { channelKey: "dmwork", label: "DMWork", fields: ["botToken", "userApiKey"] },
].map(({ channelKey, label, fields }) =>
  createSimpleChannelSecretContract({
    channelKey,
    label,
    accountFields: fields,
    channelFields: fields,
    mode: "account-inheritance",
  }),
);

export const secretTargetRegistryEntries = contracts.flatMap((contract) => contract.secretTargetRegistryEntries);

type Params = Parameters<(typeof contracts)[number]["collectRuntimeConfigAssignments"]>[0];

export function collectRuntimeConfigAssignments(params: Params): void {
  for (const contract of contracts) contract.collectRuntimeConfigAssignments(params);
}

export const channelSecrets = { secretTargetRegistryEntries, collectRuntimeConfigAssignments };
