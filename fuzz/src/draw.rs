//! Cuts an input into the values that a target needs. Every input is long enough: what is missing is zero.

/// The part of an input that is not used yet.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    /// Starts at the first byte of `input`.
    pub fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// The next bytes, `len` of them if there are as many.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        self.take(usize::MAX)
    }

    /// A fixed number of bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
        array
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    /// One of `count` choices, counted from 0.
    pub fn choice(&mut self, count: u8) -> u8 {
        self.byte().checked_rem(count).unwrap_or(0)
    }

    /// Up to 255 bytes behind their length.
    pub fn short(&mut self) -> &'a [u8] {
        let len = self.byte();
        self.take(len.into())
    }

    /// As many of [`short`](Self::short) bytes as are UTF-8.
    pub fn text(&mut self) -> &'a str {
        utf8_prefix(self.short())
    }
}

/// The text at the beginning of `bytes`.
pub fn utf8_prefix(bytes: &[u8]) -> &str {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    bytes.get(..valid).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}
