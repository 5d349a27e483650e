//! Header values of the binary mode: HTTP protocol binding 1.0.2, section 3.1.3.2.

use std::fmt::Write as _;

/// Decodes a header's value: unescapes a double-quoted string, then percent-decodes once.
///
/// # Errors
/// What is wrong with it, without showing it.
pub(super) fn decode(value: &[u8]) -> Result<String, &'static str> {
    let text = std::str::from_utf8(value).map_err(|_| "is not UTF-8")?.trim();
    let bytes = percent_decode(&unquote(text)?)?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 once percent-decoded")
}

/// Takes the double quotes off, and the backslashes within them (RFC 7230, section 3.2.6).
fn unquote(text: &str) -> Result<String, &'static str> {
    let Some(inner) = text.strip_prefix('"') else { return Ok(text.to_owned()) };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.as_str().is_empty() => return Ok(plain),
            '"' => return Err("goes on after its closing quote"),
            '\\' => plain.push(chars.next().ok_or("ends in a backslash")?),
            other => plain.push(other),
        }
    }
    Err("has no closing quote")
}

/// Puts the bytes in for `%xy`.
fn percent_decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let (high, low) = (digit(), digit());
        let (Some(high), Some(low)) = (high, low) else { return Err("has a `%` without two hexadecimal digits") };
        bytes.push((high * 16 + low) as u8);
    }
    Ok(bytes)
}

/// Encodes a text for a header: space, double quote, percent and all beyond printable ASCII as `%XY`.
#[must_use]
pub fn write_binary_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'"' | b'%' => drop(write!(value, "%{byte:02X}")),
            0x21..=0x7E => value.push(char::from(byte)),
            _ => drop(write!(value, "%{byte:02X}")),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_binding_is_encoded_as_it_says() {
        let encoded = "Euro%20%E2%82%AC%20%F0%9F%98%80";
        assert_eq!(write_binary_value("Euro € 😀"), encoded);
        assert_eq!(decode(encoded.as_bytes()).unwrap(), "Euro € 😀");
        assert_eq!(decode(b"Euro%20%e2%82%ac").unwrap(), "Euro €");
    }

    #[test]
    fn older_senders_may_quote_and_escape() {
        assert_eq!(decode(br#""Euro \"x\" \\ %20""#).unwrap(), "Euro \"x\" \\  ");
        assert_eq!(decode("São Paulo".as_bytes()).unwrap(), "São Paulo");
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        assert_eq!(decode(b"%C0%A0"), Err("is not UTF-8 once percent-decoded"));
        assert_eq!(decode(b"100%"), Err("has a `%` without two hexadecimal digits"));
        assert_eq!(decode(b"%+1"), Err("has a `%` without two hexadecimal digits"));
        assert_eq!(decode(br#""open"#), Err("has no closing quote"));
        assert_eq!(decode(br#""a"b"#), Err("goes on after its closing quote"));
        assert_eq!(decode(b"\xff"), Err("is not UTF-8"));
    }

    proptest! {
        #[test]
        fn every_text_goes_there_and_back(text in "\\PC*") {
            let encoded = write_binary_value(&text);
            prop_assert!(encoded.bytes().all(|b| (0x21..=0x7E).contains(&b)));
            prop_assert_eq!(decode(encoded.as_bytes()).unwrap(), text);
        }
    }
}
