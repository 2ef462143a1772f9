/** The plugin: two channels. Called several times in one process, so registering is all it does. */
import { dmwork } from "./channels/dmwork.ts";
import { mochat } from "./channels/mochat.ts";
import { definePluginEntry, type OpenClawPluginApi } from "./host/sdk.ts";

export default definePluginEntry({
  id: "openclaw-mochat-dmwork",
  name: "Mochat and DMWork",
  description: "Mochat and DMWork channels with many bots each",
  register(api: OpenClawPluginApi) {
    // These two modes only ask for commands and tools, and a channel there would be a second registration.
    if (api.registrationMode === "cli-metadata" || api.registrationMode === "tool-discovery") return;
    api.registerChannel({ plugin: mochat });
    api.registerChannel({ plugin: dmwork });
  },
});
