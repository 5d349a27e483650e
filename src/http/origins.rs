//! Whose pages may frame the panel, load its element and talk to it: nobody's but this server's own, unless they are listed.

use std::fmt;

use axum::http::Uri;
use axum::http::uri::Scheme;

/// Origins (RFC 6454) that are let in beside the server's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

/// Which texts are no origins that can be let in, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join(", "))]
pub struct NotOrigins(Vec<String>);

impl Origins {
    /// Reads origins with commas or spaces between them.
    ///
    /// # Errors
    /// [`NotOrigins`] names every one that is none, or that is neither `https` nor this machine.
    pub fn parse(text: &str) -> Result<Self, NotOrigins> {
        let (mut origins, mut wrong) = (Vec::new(), Vec::new());
        for each in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|origin| !origin.is_empty()) {
            match read(each) {
                Ok(origin) => origins.push(origin),
                Err(reason) => wrong.push(format!("`{}` {reason}", each.chars().take(128).collect::<String>())),
            }
        }
        if wrong.is_empty() { Ok(Self(origins)) } else { Err(NotOrigins(wrong)) }
    }

    /// Whether an `Origin` header names one of them.
    #[must_use]
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// An origin as a browser writes it.
fn read(text: &str) -> Result<String, &'static str> {
    let lower = text.to_ascii_lowercase();
    let uri: Uri = lower.parse().map_err(|_| "is no origin such as https://crm.example.com")?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err("is no origin such as https://crm.example.com");
    };
    if !matches!(lower.split_once("://"), Some((_, rest)) if rest == authority.as_str()) {
        return Err("has more than a host and a port");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if !authority.as_str().chars().all(plain) || authority.host().is_empty() {
        return Err("has a host that is none; a wildcard is not taken");
    }
    let usual = match (scheme == &Scheme::HTTPS, scheme == &Scheme::HTTP && super::guard::is_loopback(authority.host()))
    {
        (true, _) => 443,
        (_, true) => 80,
        (false, false) => return Err("is neither https nor http on this machine"),
    };
    match authority.port_u16() {
        Some(port) if port != usual => Ok(format!("{scheme}://{}:{port}", authority.host())),
        Some(_) => Ok(format!("{scheme}://{}", authority.host())),
        None if authority.port().is_none() && !authority.as_str().ends_with(':') => Ok(lower.clone()),
        None => Err("has a port that is none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        let read =
            Origins::parse("https://CRM.example.com, http://localhost:3000 https://desk.example.com:443").unwrap();
        assert_eq!(read.to_string(), "https://crm.example.com http://localhost:3000 https://desk.example.com");
        assert!(read.allow("https://crm.example.com") && read.allow("http://localhost:3000"));
        for other in ["http://crm.example.com", "https://crm.example.com:8443", "https://evil.example", "null", ""] {
            assert!(!read.allow(other), "{other}");
        }
        assert_eq!(Origins::parse("").unwrap(), Origins::default());
        assert!(Origins::parse("http://[::1]:3000").is_ok());
    }

    #[test]
    fn what_would_let_in_more_than_one_host_is_refused() {
        for (text, reason) in [
            ("*", "is no origin such as https://crm.example.com"),
            ("crm.example.com", "is no origin such as https://crm.example.com"),
            ("https://*.example.com", "has a host that is none; a wildcard is not taken"),
            ("http://crm.example.com", "is neither https nor http on this machine"),
            ("https://crm.example.com/", "has more than a host and a port"),
            ("https://crm.example.com/desk", "has more than a host and a port"),
            ("https://localhost@crm.example.com", "has a host that is none; a wildcard is not taken"),
            ("https://crm.example.com;script-src", "has a host that is none; a wildcard is not taken"),
            ("ftp://crm.example.com", "is neither https nor http on this machine"),
        ] {
            let refused = Origins::parse(text).unwrap_err().to_string();
            assert!(refused.ends_with(reason), "{text}: {refused}");
        }
        let both = Origins::parse("https://crm.example.com * null").unwrap_err().to_string();
        assert!(both.contains("`*` is no origin") && both.contains("`null` is no origin"), "{both}");
    }
}
