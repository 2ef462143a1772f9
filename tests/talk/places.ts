/** Where people talk: twenty places, over both platforms. */

import { panelTypes } from "../../sandbox/mochat/directory.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { openChannels, type Channel } from "./channels.ts";

const PEOPLE = ["ann", "bob", "carl", "dora"] as const;
const PANELS = ["p1", "p2", "p3", "p4"];

/** Eleven places of DMWork: direct chats, groups and threads. */
export const dmworkPlaces = openChannels;

/** Nine places of Mochat: five sessions, of which one is of three, and four panels. */
export function mochatPlaces({ mochat, world }: Sandbox): Channel[] {
  const { directory } = mochat;
  const { agents, groupId, teamSession, ownerSession } = world.mochat;
  for (const name of ["carl", "dora"]) directory.addUser(name);
  const group = directory.groups.get(groupId);
  if (group === undefined) throw new Error("the world has a group");
  for (const name of PEOPLE) group.members.add(directory.person(name).userId);
  const session = (name: string) =>
    name === "ann" ? ownerSession : directory.addSession([directory.person(name).userId, agents.claw.userId]).sessionId;
  const place = (key: string, where: { session?: string; panel?: string }, people: readonly string[]): Channel => ({
    key,
    say: (from, text) => void mochat.say({ from, ...where, text }),
    people,
    needsMention: false,
  });
  return [
    ...PEOPLE.map((name) => place(`with_${name}`, { session: session(name) }, [name])),
    place("team", { session: teamSession }, ["ann", "bob"]),
    ...PANELS.map((key) => place(key, { panel: directory.addPanel(group, key, panelTypes.text).id }, PEOPLE)),
  ];
}
