//! Which message is being worked on, for whoever finds the core dead. Written here, read by the driver, and by nothing
//! in between.

use crate::ids::EntryId;
use std::cell::RefCell;

thread_local! {
    static SUBJECT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// From here on it is this message.
pub fn set(id: &EntryId) {
    SUBJECT.with_borrow_mut(|subject| subject.clone_from(&id.0));
}

/// From here on it is none.
pub fn clear() {
    SUBJECT.with_borrow_mut(String::clear);
}

/// The message; empty if it is none.
#[must_use]
pub fn get() -> String {
    SUBJECT.with(|subject| subject.try_borrow().map(|id| id.clone()).unwrap_or_default())
}
