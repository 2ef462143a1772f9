/** What a reason means, and what to do about it, where the page says it in its own words. */
export interface About {
  readonly sentence: string;
  readonly fix: string | null;
}
