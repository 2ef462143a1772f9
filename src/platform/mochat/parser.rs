//! Which packet encoding the server speaks. With the wrong one neither side says a word, so it is found by trying.

use crate::step::SocketIoParser;

/// Failures that look like the wrong encoding, after which one that has worked is doubted: a server that restarts closes
/// connections in the same way.
const DOUBTS: u32 = 3;

/// The encoding of the next attempt.
#[derive(Debug)]
pub(super) struct Parser {
    now: SocketIoParser,
    has_worked: bool,
    doubts: u32,
}

impl Parser {
    pub(super) fn new(is_json: bool, has_worked: bool) -> Self {
        Self { now: if is_json { SocketIoParser::Json } else { SocketIoParser::Msgpack }, has_worked, doubts: 0 }
    }

    pub(super) fn get(&self) -> SocketIoParser {
        self.now
    }

    pub(super) fn is_json(&self) -> bool {
        self.now == SocketIoParser::Json
    }

    /// The server understood.
    pub(super) fn worked(&mut self) {
        (self.has_worked, self.doubts) = (true, 0);
    }

    /// It may not have.
    pub(super) fn doubt(&mut self) {
        self.doubts = self.doubts.saturating_add(1);
        if !self.has_worked || self.doubts >= DOUBTS {
            *self = Self::new(!self.is_json(), self.has_worked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_encoding_is_tried_at_once_or_after_doubts_where_one_has_worked() {
        let mut parser = Parser::new(false, false);
        parser.doubt();
        assert!(parser.is_json());
        parser.worked();
        parser.doubt();
        parser.doubt();
        assert!(parser.is_json());
        parser.doubt();
        assert!(!parser.is_json());
    }
}
