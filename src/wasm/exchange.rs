//! One HTTP exchange: the request by gloo-net, `fetch`, and the answer up to a limit.

use super::failure;
use crate::call::{Call, CallOutcome, Method};
use gloo_net::http::{Headers, Request, Response};
use gloo_timers::callback::Timeout;
use js_sys::{Promise, Reflect, Uint8Array};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, RequestRedirect};

/// Bytes of a body that are read; the rest is discarded. The longest honest answer, a directory of some thousand
/// members, stays under one megabyte, and an instance never gives memory back.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// The longest timeout that `setTimeout` can express; a longer one would fire at once.
const LONGEST_TIMEOUT: u32 = i32::MAX.unsigned_abs();

#[wasm_bindgen]
extern "C" {
    /// gloo-net's own `send` reduces an error to "TypeError: fetch failed" and panics when the rejection is no `Error`.
    #[wasm_bindgen(js_name = fetch, catch)]
    fn fetch(request: &web_sys::Request) -> Result<Promise, JsValue>;
}

/// Performs a call within its time. Never panics, always ends.
pub(super) async fn perform(call: &Call, controller: &AbortController) -> CallOutcome {
    let late = Rc::new(Cell::new(false));
    let timer = {
        let (late, controller) = (Rc::clone(&late), controller.clone());
        Timeout::new(u32::try_from(call.timeout.0).unwrap_or(LONGEST_TIMEOUT).min(LONGEST_TIMEOUT), move || {
            late.set(true);
            controller.abort();
        })
    };
    let outcome = exchange(call, &controller.signal()).await;
    drop(timer);
    match outcome {
        Err(_) if late.get() => CallOutcome::Failed { unsent: false, cause: "timeout".to_owned() },
        Ok(outcome) | Err(outcome) => outcome,
    }
}

/// `Err` holds the outcome of a call without an answer.
async fn exchange(call: &Call, signal: &AbortSignal) -> Result<CallOutcome, CallOutcome> {
    let request = request(call, signal)?;
    let sent = fetch(&request).map_err(|error| failure::of(&error))?;
    let answer = JsFuture::from(sent).await.map_err(|error| failure::of(&error))?;
    // Unchecked, because an operator's proxy may have replaced `fetch` by one with a `Response` class of its own.
    let answer = Response::from(answer.unchecked_into::<web_sys::Response>());
    let retry_after = answer.headers().get("retry-after").as_deref().and_then(seconds_until);
    let body = body(&answer).await.map_err(|error| failure::of(&error))?;
    Ok(CallOutcome::Answered { status: answer.status(), retry_after, body })
}

fn request(call: &Call, signal: &AbortSignal) -> Result<web_sys::Request, CallOutcome> {
    let request = match call.method {
        Method::Get => Request::get(&call.url),
        Method::Post => Request::post(&call.url),
        Method::Put => Request::put(&call.url),
        Method::Delete => Request::delete(&call.url),
    };
    // A redirect would carry the token to wherever it points.
    let request = request.headers(headers(call)?).redirect(RequestRedirect::Manual).abort_signal(Some(signal));
    let built = match &call.body {
        Some(body) => request.body(body),
        None => request.build(),
    };
    built.map(web_sys::Request::from).map_err(|error| failure::before_sending(error.to_string()))
}

/// By `web_sys`, because gloo-net panics on a value that HTTP doesn't allow.
fn headers(call: &Call) -> Result<Headers, CallOutcome> {
    let (name, token) = &call.auth;
    let headers = web_sys::Headers::new()
        .and_then(|headers| match token.expose().as_str() {
            "" => Ok(headers),
            token => headers.set(name, token).map(|()| headers),
        })
        .and_then(|headers| match &call.space {
            Some(space) => headers.set("x-space-id", space).map(|()| headers),
            None => Ok(headers),
        })
        .and_then(|headers| match call.body {
            Some(_) => headers.set("content-type", "application/json").map(|()| headers),
            None => Ok(headers),
        })
        // The error itself quotes the value.
        .map_err(|_| failure::before_sending(format!("the token can't be sent in the header `{name}`")))?;
    Ok(Headers::from_raw(headers))
}

/// The body as text, up to [`BODY_LIMIT`]; bytes that are not UTF-8 are replaced.
async fn body(answer: &Response) -> Result<String, JsValue> {
    let Some(stream) = answer.body() else { return Ok(String::new()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            break;
        }
        let chunk: Uint8Array = Reflect::get(&chunk, &"value".into())?.unchecked_into();
        let room = u32::try_from(BODY_LIMIT.saturating_sub(bytes.len())).unwrap_or(0);
        bytes.extend(chunk.subarray(0, chunk.length().min(room)).to_vec());
        if chunk.length() > room {
            // Awaited, so that a refusal has somebody to hear it.
            let _ = JsFuture::from(reader.cancel()).await;
            break;
        }
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// `Retry-After` as seconds from now: a number, or a date as HTTP writes it (`Sun, 06 Nov 1994 08:49:37 GMT`).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and NaN becomes 0")]
fn seconds_until(retry_after: &str) -> Option<u32> {
    let value = retry_after.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(u32::try_from(seconds).unwrap_or(u32::MAX));
    }
    let moment = js_sys::Date::parse(value);
    (value.ends_with("GMT") && !moment.is_nan()).then(|| ((moment - js_sys::Date::now()) / 1_000.0).ceil() as u32)
}
