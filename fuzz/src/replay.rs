//! The kept corpus, mutated seeds and large inputs, without libFuzzer.

use std::fs;
use std::path::Path;

use crate::mutant::Mutants;
use crate::{TARGETS, Target, large, seeds};

/// The longest seed that is mutated; the vectors have one of 26 KB.
const MUTATED_LEN: usize = 2_000;

/// Twice the longest payload of a client, and half of the longest packet.
const LARGE: [usize; 2] = [64 * 1024, 512 * 1024];

fn target(name: &str) -> Target {
    TARGETS.into_iter().find(|(other, _)| *other == name).expect("a target").1
}

fn replay(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let files: Vec<_> = fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    assert!(files.len() > 10, "the corpus of {name} is gone");
    for file in files {
        target(name)(&fs::read(file).expect("a file"));
    }
}

fn mutate(name: &str, count: usize) {
    let seeds: Vec<_> = seeds::of(name).into_iter().filter(|seed| seed.len() <= MUTATED_LEN).collect();
    Mutants::new(&seeds).take(count).for_each(|input| target(name)(&input));
}

fn grow(name: &str) {
    // The unoptimized cipher takes a second for this much.
    let sizes = if name == "crypto" { &LARGE[..1] } else { &LARGE };
    for input in sizes.iter().flat_map(|len| large::of(name, *len)) {
        target(name)(&input);
    }
}

macro_rules! stories {
    ($($target:ident: $mutations:literal),*) => { $(
        mod $target {
            #[test]
            fn nothing_in_the_corpus_is_a_finding_any_more() {
                super::replay(stringify!($target));
            }

            #[test]
            fn no_mutated_vector_breaks_a_property() {
                super::mutate(stringify!($target), $mutations);
            }

            #[test]
            fn no_large_input_costs_out_of_proportion() {
                super::grow(stringify!($target));
            }
        }
    )* };
}

// How many inputs are made of the seeds: as many as take a second at most. Searching is libFuzzer's part.
stories! { framing: 150_000, packets: 200_000, payload: 60_000, crypto: 8_000 }
