//! Telling code, strings and comments of a Rust source apart, as far as it takes to search in one of them alone.

/// What a stretch of a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Code,
    Text,
    Comment,
}

/// The source with everything blanked but the parts that `keep` wants; line breaks stay, so that line numbers do.
pub(super) fn only(source: &str, keep: impl Fn(Part) -> bool) -> String {
    let mut out = String::with_capacity(source.len());
    for (part, piece) in parts(source) {
        if keep(part) {
            out.push_str(piece);
        } else {
            out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
    }
    out
}

/// The line on which a byte stands, from 1.
pub(super) fn line_of(source: &str, at: usize) -> usize {
    1 + source[..at].matches('\n').count()
}

/// Whether the byte at `at` continues a name that began before it.
pub(super) fn in_name(source: &str, at: usize) -> bool {
    source[..at].chars().next_back().is_some_and(is_name)
}

/// Whether a character may be part of a name.
pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The source cut into its parts.
fn parts(source: &str) -> Vec<(Part, &str)> {
    let (mut cut, mut code_from, mut at) = (Vec::new(), 0, 0);
    while at < source.len() {
        let rest = &source[at..];
        let found = match comment(rest) {
            Some(length) => Some((Part::Comment, length)),
            None if in_name(source, at) => None,
            None => string(rest).or_else(|| character(rest)).map(|length| (Part::Text, length)),
        };
        let Some((part, length)) = found else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        cut.push((Part::Code, &source[code_from..at]));
        cut.push((part, &rest[..length]));
        at += length;
        code_from = at;
    }
    cut.push((Part::Code, &source[code_from..]));
    cut
}

/// The length of the comment that begins here.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let tail = &rest.as_bytes()[at..];
        if tail.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if tail.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    Some(rest.len())
}

/// The length of the string that begins here: plain, of bytes, of C, raw or not.
fn string(rest: &str) -> Option<usize> {
    let prefix = rest.find(|c| c != 'b' && c != 'c').filter(|length| *length < 2)?;
    let after = &rest[prefix..];
    if let Some(body) = after.strip_prefix('"') {
        return Some(prefix + 1 + quoted(body, '"'));
    }
    let hashes = after.strip_prefix('r')?;
    let fence = hashes.find(|c| c != '#')?;
    let body = hashes[fence..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(fence));
    let length = body.find(&end).map_or(body.len(), |found| found + end.len());
    Some(rest.len() - body.len() + length)
}

/// The length of the character literal that begins here; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let prefix = usize::from(rest.starts_with('b'));
    let body = rest[prefix..].strip_prefix('\'')?;
    let mut chars = body.chars();
    let is_literal = match chars.next()? {
        '\\' => true,
        _ => chars.next() == Some('\''),
    };
    is_literal.then(|| prefix + 1 + quoted(body, '\''))
}

/// The length of what stands up to and with the closing quote.
fn quoted(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    body.len()
}

#[test]
fn code_strings_and_comments_are_told_apart() {
    let source = r##"a("b // no", 'c', '"', r#"d " e"#); // f "g"
/* h /* i */ j */ k::<'l>(b"m\"n", '\''); rb"##;
    let code = only(source, |part| part == Part::Code);
    assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), "a( , , , ); k::<'l>( , ); rb");
    let text = only(source, |part| part == Part::Text);
    let texts = r##""b // no" 'c' '"' r#"d " e"# b"m\"n" '\''"##;
    assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), texts);
    assert_eq!(code.lines().count(), source.lines().count());
}

#[test]
fn what_does_not_end_goes_to_the_end() {
    for source in ["x \"y z", "x /* y /* z */", "x r#\"y\" z", "x 'y", "x b'\\", "x // y"] {
        let code = only(source, |part| part == Part::Code);
        assert!(code.starts_with("x "), "{code}");
    }
}
