/** The plugin: two channels, their commands and their tools. Called several times in one process, so registering is all it does. */
import { dmwork } from "./channels/dmwork.ts";
import { mochat } from "./channels/mochat.ts";
import { registerTools } from "./channels/tools.ts";
import { registerCommands } from "./cli/register.ts";
import { definePluginEntry, type OpenClawPluginApi } from "./host/sdk.ts";

/** Those that ask for commands. */
const COMMAND_MODES: readonly string[] = ["cli-metadata", "discovery", "full"];
/** Those that ask for tools. */
const TOOL_MODES: readonly string[] = ["tool-discovery", "discovery", "full"];

export default definePluginEntry({
  id: "openclaw-mochat-dmwork",
  name: "Mochat and DMWork",
  description: "Mochat and DMWork channels with many bots each",
  register(api: OpenClawPluginApi) {
    if (COMMAND_MODES.includes(api.registrationMode)) registerCommands(api);
    if (TOOL_MODES.includes(api.registrationMode)) registerTools(api);
    // These two modes only ask for commands and tools, and a channel there would be a second registration.
    if (api.registrationMode === "cli-metadata" || api.registrationMode === "tool-discovery") return;
    api.registerChannel({ plugin: mochat });
    api.registerChannel({ plugin: dmwork });
  },
});
