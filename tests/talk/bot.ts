/** The bot of DMWork to which people talk. */
export const BOT = "reviewer_bot";
