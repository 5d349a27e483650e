//! Which media type an answer of the GraphQL endpoint has.

use axum::http::{HeaderMap, header};

/// The media types of GraphQL over HTTP, and that of answers that go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status code tells whether the request could be carried out.
    GraphqlResponse,
    /// `application/json`: a request that is well-formed JSON is answered with 200, whatever came of it.
    Json,
    /// `text/event-stream`: one answer after the other.
    EventStream,
}

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// What it likes best; `None` when it takes nothing of what there is.
    pub(super) best: Option<Media>,
    /// Whether it takes an event stream at all.
    pub(super) event_stream: bool,
}

impl Media {
    /// The header's value.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }
}

impl Accepted {
    /// What the client takes. Without `Accept`, and for a wildcard, it is `application/json`: whoever does not name the newer
    /// type need not know it.
    pub(super) fn by(headers: &HeaderMap) -> Self {
        let values: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
        if values.is_empty() {
            return Self { best: Some(Media::Json), event_stream: false };
        }
        let ranges = values.iter().flat_map(|value| value.split(',')).filter_map(read_range);
        let (mut best, mut event_stream): (Option<(f32, u8, Media)>, bool) = (None, false);
        for (media, quality, exactness) in ranges.filter(|(_, quality, _)| *quality > 0.0) {
            event_stream |= media == Media::EventStream;
            if best.is_none_or(|(q, e, _)| (quality, exactness) > (q, e)) {
                best = Some((quality, exactness, media));
            }
        }
        Self { best: best.map(|(_, _, media)| media), event_stream }
    }
}

/// One range of an `Accept` header: the type that it takes, its quality, and how exactly it names it.
fn read_range(range: &str) -> Option<(Media, f32, u8)> {
    let mut parts = range.split(';').map(str::trim);
    let (media, exactness) = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => (Media::GraphqlResponse, 2),
        "application/json" => (Media::Json, 2),
        "text/event-stream" => (Media::EventStream, 2),
        "application/*" => (Media::Json, 1),
        "*/*" => (Media::Json, 0),
        _ => return None,
    };
    let mut quality = 1.0;
    for parameter in parts {
        match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => quality = value.trim().parse().ok()?,
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8").then_some(())?;
            }
            _ => {}
        }
    }
    Some((media, quality, exactness))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accepted(value: &str) -> Accepted {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(value).unwrap());
        Accepted::by(&headers)
    }

    fn accept(value: &str) -> Option<Media> {
        accepted(value).best
    }

    #[test]
    fn the_client_gets_what_it_likes_best() {
        assert_eq!(Accepted::by(&HeaderMap::new()).best, Some(Media::Json));
        assert_eq!(accept("*/*"), Some(Media::Json));
        assert_eq!(accept("application/json"), Some(Media::Json));
        assert_eq!(accept("application/json; charset=utf-8"), Some(Media::Json));
        assert_eq!(accept("application/json;q=0.5, application/graphql-response+json"), Some(Media::GraphqlResponse));
        assert_eq!(accept("text/html, application/json;q=0.9, */*;q=0.1"), Some(Media::Json));
        assert_eq!(accept("text/html"), None);
        assert_eq!(accept("application/json;charset=latin1"), None);
        assert_eq!(accept("application/json;q=0"), None);
    }

    #[test]
    fn an_event_stream_is_given_to_those_who_name_it() {
        assert_eq!(accepted("text/event-stream"), Accepted { best: Some(Media::EventStream), event_stream: true });
        assert_eq!(
            accepted("application/json, text/event-stream"),
            Accepted { best: Some(Media::Json), event_stream: true }
        );
        assert!(!accepted("*/*").event_stream);
        assert!(!accepted("text/event-stream;q=0, */*").event_stream);
    }
}
