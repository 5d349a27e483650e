//! Who may ask: requests that name a loopback host, while the server has no authentication.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Problem;
use super::body::discard;
use super::origins::Origins;

/// Refuses requests whose `Host` is not loopback: a page from elsewhere may have its own name point here.
pub(super) async fn loopback_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let named = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    if named.is_some_and(is_loopback) {
        return next.run(request).await;
    }
    discard(request.into_body()).await;
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "FORBIDDEN",
        "this server answers only requests to a loopback host",
        "ask for http://127.0.0.1 or http://localhost",
    )
    .into_response()
}

/// Whether a request that stays open may: it comes from a page of this server, of an origin that is listed, or from no page.
pub(super) fn may_follow(headers: &HeaderMap, origins: &Origins) -> bool {
    let listed =
        headers.get(header::ORIGIN).is_some_and(|origin| origin.to_str().is_ok_and(|origin| origins.allow(origin)));
    listed || is_own_page(headers)
}

/// Whether a request comes from a page of this server, or from no page at all: a browser lets any page open a
/// socket to any host, and says only in `Origin` whose page it is.
fn is_own_page(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = |origin: &str| {
        let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        page.zip(host).is_some_and(|(page, host)| page.eq_ignore_ascii_case(host))
    };
    origin.to_str().is_ok_and(own)
}

/// Whether a host, with or without a port, is this machine by a loopback name.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let named = name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost");
    named || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_loopback_names_are_let_in() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:8080", "novelo.localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["example.com", "10.0.0.1:80", "localhost.example.com", "", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
    #[test]
    fn a_page_of_another_origin_is_none_of_this_server() {
        let is_own = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            is_own_page(&headers)
        };
        for origin in [None, Some("http://localhost:8080"), Some("https://localhost:8080")] {
            assert!(is_own(origin), "{origin:?}");
        }
        let listed = Origins::parse("https://desk.example.com").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://desk.example.com"));
        assert!(may_follow(&headers, &listed) && !may_follow(&headers, &Origins::default()));
        for origin in
            ["http://localhost:8081", "http://localhost", "http://example.com", "null", "", "ftp://localhost:8080"]
        {
            assert!(!is_own(Some(origin)), "{origin}");
        }
    }
}
