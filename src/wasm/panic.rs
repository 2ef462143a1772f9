//! Where a panic happened and over which message, for the report of the trap that it ends in.

use crate::subject;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static LOCATION: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Remembers the location of a panic. Not its message, which may quote what somebody wrote.
pub(super) fn keep_location() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.location().map(ToString::to_string).unwrap_or_default();
        LOCATION.with(|location| {
            if let Ok(mut location) = location.try_borrow_mut() {
                *location = text;
            }
        });
    }));
}

/// `file:line:column` of the panic behind a trap; empty if there was none, as after a stack overflow.
#[wasm_bindgen(js_name = panicLocation)]
#[must_use]
pub fn panic_location() -> String {
    LOCATION.with(|location| location.try_borrow().map(|text| text.clone()).unwrap_or_default())
}

/// The id of the message that was being worked on; empty if it was none.
#[wasm_bindgen]
#[must_use]
pub fn subject() -> String {
    subject::get()
}
