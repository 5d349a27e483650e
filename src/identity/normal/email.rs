//! E-mail addresses.

use unicode_normalization::UnicodeNormalization;

use super::Refusal;

const HELP: &str = "send an address such as ana@example.com";

/// In lower case, with one `@`, a local part and a domain with a dot.
///
/// Lower case for the local part as well: RFC 5321 lets a host tell cases apart, and none that matters does.
pub(super) fn normal(value: &str) -> Result<String, Refusal> {
    let value: String = value.trim().nfc().collect::<String>().to_lowercase();
    let Some((local, domain)) = value.split_once('@') else { return Err(("has no `@`", HELP)) };
    if local.is_empty() || local.len() > 64 {
        return Err(("has nothing before the `@`, or more than 64 bytes", HELP));
    }
    if value.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"')) {
        return Err(("holds white space, quotes or several addresses", HELP));
    }
    let labels_fit = domain.split('.').all(|label| {
        let inside = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(inside)
    });
    if !domain.contains('.') || !labels_fit {
        return Err(("has no proper domain behind the `@`", HELP));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_out_in_lower_case() {
        assert_eq!(normal(" Ana.Moura+x@Example.COM.br ").unwrap(), "ana.moura+x@example.com.br");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "ana",
            "@example.com",
            "ana@",
            "ana@example",
            "a b@example.com",
            "a@b@example.com",
            "a@x..com",
            "a@-x.com",
            "a@example.com,b@example.com",
        ] {
            assert!(normal(wrong).is_err(), "{wrong}");
        }
    }
}
