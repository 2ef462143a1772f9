/** Where people talk in a run of kills: in all places of the storm, and one of them sends files as well. */

import type { Sandbox } from "../../sandbox/index.ts";
import { BOT } from "../talk/bot.ts";
import type { Channel } from "../talk/channels.ts";
import { dmworkPlaces, mochatPlaces } from "../talk/places.ts";

/** Whose every so-manieth message is a file. */
const SENDS_FILES = "bob";
const FILE_ONE_IN = 4;

export function placesOf(sandbox: Sandbox): Channel[] {
  const places = [...dmworkPlaces(sandbox), ...mochatPlaces(sandbox)];
  return places.map((place) => (place.key === SENDS_FILES ? withFiles(place, sandbox) : place));
}

function withFiles(place: Channel, { dmwork, storage }: Sandbox): Channel {
  let said = 0;
  const bytes = Buffer.from("# Plan\n");
  storage.put("chat/plan.md", bytes, "text/markdown");
  return {
    ...place,
    say: (from, text, mentionsBot) => {
      said += 1;
      if (said % FILE_ONE_IN !== 0) return place.say(from, text, mentionsBot);
      const name = `${text.split(" ")[0]}.md`;
      const payload = { type: 8, name, url: "file/preview/chat/plan.md", size: bytes.length };
      dmwork.say({ from, dm: BOT, payload });
    },
  };
}
