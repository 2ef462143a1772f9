/** The page's texts in its two languages. The second has the same keys as the first, or the types do not fit. */

import { en } from "./words/en.ts";
import { zh } from "./words/zh.ts";
import type { Language } from "./view.ts";

type Text<T> = T extends string ? string : T extends (...given: infer G) => string ? (...given: G) => string : Texts<T>;
type Texts<T> = { readonly [K in keyof T]: Text<T[K]> };

export type Words = Texts<typeof en>;

export const words: Readonly<Record<Language, Words>> = { en, zh };
