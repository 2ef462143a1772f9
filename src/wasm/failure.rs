//! Why a call got no answer, and whether the server can have seen it.

use crate::call::CallOutcome;
use crate::text::excerpt;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// System calls that come before the first byte of a request.
const BEFORE_THE_REQUEST: [&str; 2] = ["connect", "getaddrinfo"];

/// Causes that come before the first byte of a request, for errors that name no system call.
const NEVER_SENT: [&str; 19] = [
    // No connection. Node sums several addresses up in one error that keeps only the code.
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENETDOWN",
    "EADDRNOTAVAIL",
    "UND_ERR_CONNECT_TIMEOUT",
    // No address.
    "ENOTFOUND",
    "EAI_AGAIN",
    // No trust: TLS ended before HTTP began.
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "CERT_UNTRUSTED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    // A port that fetch refuses to talk to has no code, only this message.
    "bad port",
];

/// What a rejection of `fetch` or of the body's reader means. Node says "fetch failed" and keeps the reason in `cause`.
pub(super) fn of(error: &JsValue) -> CallOutcome {
    let cause = Reflect::get(error, &"cause".into()).ok().filter(JsValue::is_object);
    let cause = cause.as_ref().unwrap_or(error);
    let message = text(cause, "message").unwrap_or_default();
    let code = text(cause, "code").unwrap_or_default();
    let unsent = text(cause, "syscall").is_some_and(|call| BEFORE_THE_REQUEST.contains(&call.as_str()))
        || NEVER_SENT.contains(&code.as_str())
        || NEVER_SENT.contains(&message.as_str());
    CallOutcome::Failed { unsent, cause: sentence(&code, &message) }
}

/// A call that could not even be put together.
pub(super) fn before_sending(cause: String) -> CallOutcome {
    CallOutcome::Failed { unsent: true, cause }
}

/// Message and code, each once.
fn sentence(code: &str, message: &str) -> String {
    match (code, message) {
        ("", "") => "unknown".to_owned(),
        (code, "") => code.to_owned(),
        (code, message) if message.contains(code) => excerpt(message),
        (code, message) => format!("{} ({code})", excerpt(message)),
    }
}

/// A property that is a string and not empty.
fn text(value: &JsValue, key: &str) -> Option<String> {
    Reflect::get(value, &key.into()).ok()?.as_string().filter(|text| !text.is_empty())
}
