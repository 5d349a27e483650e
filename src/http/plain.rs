//! Bodies that are read are plain: not packed, and in UTF-8.

use axum::http::{HeaderMap, HeaderValue, header};

/// Whether no `Content-Encoding` names anything that changes the body. Where one does, RFC 9110 (section 12.5.3) has the answer say
/// what would be taken: [`TAKEN`].
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().all(names_nothing)
}

/// What would be taken.
pub(super) const TAKEN: (header::HeaderName, HeaderValue) =
    (header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));

fn names_nothing(encodings: &HeaderValue) -> bool {
    let is_identity = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    encodings.to_str().is_ok_and(|codings| codings.split(',').map(str::trim).all(is_identity))
}
