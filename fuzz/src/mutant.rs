//! Inputs made from others by small changes, the same in every run.

/// Endless changes of given inputs.
#[derive(Debug)]
pub(crate) struct Mutants<'a> {
    seeds: &'a [Vec<u8>],
    /// Of a generator that is good enough for places and bytes.
    state: u64,
}

impl<'a> Mutants<'a> {
    /// Changes of these.
    pub(crate) fn new(seeds: &'a [Vec<u8>]) -> Self {
        Self { seeds, state: 0x9E37_79B9_7F4A_7C15 }
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 32).ok().and_then(|number| number.checked_rem(end)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }

    fn seed(&mut self) -> &'a [u8] {
        let at = self.below(self.seeds.len());
        self.seeds.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len());
        let until = at.saturating_add(self.below(16)).min(input.len());
        match self.below(6) {
            0 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (self.state % 8)),
            1 => {
                let byte = self.byte();
                input.iter_mut().skip(at).take(1).for_each(|old| *old = byte);
            }
            2 => input.truncate(at),
            3 => drop(input.drain(at..until)),
            4 => {
                let again: Vec<u8> = input.iter().copied().take(until).skip(at).collect();
                input.splice(at..at, again);
            }
            _ => {
                let other = self.seed();
                let from = self.below(other.len());
                input.truncate(at);
                input.extend(other.iter().skip(from));
            }
        }
    }
}

impl Iterator for Mutants<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut input = self.seed().to_vec();
        for _ in 0..=self.below(3) {
            self.change(&mut input);
        }
        Some(input)
    }
}
