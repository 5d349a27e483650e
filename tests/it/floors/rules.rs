//! The rules of the house, as pure functions over a path and a text. Each gives what breaks it, as lines for a reader.

use super::text::{Part, in_name, is_name, line_of, only};

/// The floors, as the map in `src/lib.rs` has them.
const FLOORS: &[(&str, u8)] = &[
    ("event", 0),
    ("log", 1),
    ("vault", 1),
    ("views", 1),
    ("written", 1),
    ("archive", 2),
    ("proof", 2),
    ("identity", 2),
    ("timeline", 2),
    ("context", 2),
    ("tally", 2),
    ("engine", 3),
    ("playbook", 3),
    ("ingest", 4),
    ("auth", 4),
    ("graphql", 5),
    ("panel", 5),
    ("http", 6),
    ("cli", 7),
];

/// Outside crates and the one place that may name each.
const CONFINED: &[(&str, &str)] = &[
    ("sled", "log/sled"),
    ("fjall", "views"),
    ("bincode", "event/codec"),
    ("parquet", "ingest/tables"),
    ("axum", "http"),
];

/// Addresses that are names of specifications: nothing is ever loaded from them.
const NAMES_OF_SPECIFICATIONS: &[&str] = &["scalars.graphql.org", "www.w3.org"];

pub(super) fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// The room of a file, given by its path under `src`; none for the roots `lib.rs` and `main.rs`.
fn room(path: &str) -> Option<&str> {
    match path.split_once('/') {
        Some((room, _)) => Some(room),
        None => path.strip_suffix(".rs").filter(|name| !matches!(*name, "lib" | "main")),
    }
}

/// What a file imports from its own floor or above.
pub(super) fn imports(path: &str, source: &str) -> Vec<String> {
    let Some(own) = room(path) else { return Vec::new() };
    let Some(own_floor) = floor(own) else {
        return vec![format!("{path}: room `{own}` is not in the table of floors")];
    };
    let mut wrong = Vec::new();
    for (line, other) in named_rooms(source) {
        match floor(&other) {
            _ if other == own => {}
            Some(below) if below < own_floor => {}
            Some(floor) => {
                wrong.push(format!("{path}:{line}: `{own}` (floor {own_floor}) imports `{other}` (floor {floor})"));
            }
            None => wrong.push(format!("{path}:{line}: `crate::{other}` is no room of the table of floors")),
        }
    }
    wrong
}

/// Every name that follows `crate::` in code, with its line; of a group in braces each.
fn named_rooms(source: &str) -> Vec<(usize, String)> {
    let code = only(source, |part| part == Part::Code);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate").filter(|(at, _)| !in_name(&code, *at)) {
        let Some(path) = code[at + "crate".len()..].trim_start().strip_prefix("::") else { continue };
        let line = line_of(&code, at);
        let path = path.trim_start();
        let firsts = match path.strip_prefix('{') {
            Some(group) => firsts_of_group(group),
            None => vec![first_name(path)],
        };
        found.extend(firsts.into_iter().map(|name| (line, name)));
    }
    found
}

/// The first name of each path in a group, whose opening brace has been taken.
fn firsts_of_group(group: &str) -> Vec<String> {
    let (mut depth, mut firsts, mut begins) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                firsts.push(first_name(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    firsts
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|c| is_name(*c)).collect()
}

/// Where a file names an outside crate that is confined to another place.
pub(super) fn confined(path: &str, source: &str) -> Vec<String> {
    let code = only(source, |part| part == Part::Code);
    let mut wrong = Vec::new();
    for (name, home) in CONFINED {
        if path.starts_with(&format!("{home}/")) || path == format!("{home}.rs") {
            continue;
        }
        // A module of the same name takes the bare name; the crate is then `::name` only.
        let shadowed = declares_module(&code, name);
        for (at, _) in code.match_indices(name).filter(|(at, _)| names_crate(&code, *at, name, shadowed)) {
            wrong.push(format!("{path}:{}: names the crate `{name}`, which only src/{home} may", line_of(&code, at)));
        }
    }
    wrong
}

fn declares_module(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].trim_end();
        let after = code[at + name.len()..].trim_start();
        before.ends_with("mod") && before.len() < at && (after.starts_with(';') || after.starts_with('{'))
    })
}

/// Whether the name at `at` is the root of a path, or is imported as a whole.
fn names_crate(code: &str, at: usize, name: &str, shadowed: bool) -> bool {
    let after = &code[at + name.len()..];
    if in_name(code, at) || after.starts_with(is_name) {
        return false;
    }
    let before = code[..at].trim_end();
    let (globally, before) = match before.strip_suffix("::") {
        Some(before) => (true, before),
        None => (false, before),
    };
    // `log::sled` goes through a module; `::sled` and `use ::sled` do not.
    let through_module = globally && before.ends_with(|c: char| is_name(c) || c == '>') && !ends_in_word(before, "use");
    let imported = ends_in_word(before, "use") || ends_in_word(before, "extern crate");
    let is_path = after.trim_start().starts_with("::");
    !through_module && (globally || !shadowed) && (is_path || imported)
}

fn ends_in_word(text: &str, word: &str) -> bool {
    text.trim_end().strip_suffix(word).is_some_and(|before| !before.ends_with(is_name))
}

/// Where a file speaks of a host that is not this one. In Rust sources, comments may (they link documentation).
pub(super) fn addresses(path: &str, source: &str) -> Vec<String> {
    let text = if path.ends_with(".rs") { only(source, |part| part != Part::Comment) } else { source.to_owned() };
    let mut wrong = Vec::new();
    for scheme in ["http://", "https://"] {
        for (at, _) in text.match_indices(scheme) {
            let host = host_of(&text[at + scheme.len()..]);
            if !is_allowed(host) {
                wrong.push(format!("{path}:{}: speaks of the outside address {scheme}{host}", line_of(&text, at)));
            }
        }
    }
    wrong
}

fn host_of(rest: &str) -> &str {
    if let Some(inner) = rest.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default();
    }
    rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '{' | '}' | '_'))).next().unwrap_or_default()
}

/// This machine, names reserved for examples (RFC 2606), a host that comes in at run time, a name of a specification.
fn is_allowed(host: &str) -> bool {
    let reserved = ["example", "localhost", "test", "invalid"];
    let example = ["example.com", "example.org", "example.net"];
    host.is_empty()
        || host.starts_with('{')
        || matches!(host, "127.0.0.1" | "::1")
        || reserved.iter().any(|name| host == *name || host.ends_with(&format!(".{name}")))
        || example.iter().any(|name| host == *name || host.ends_with(&format!(".{name}")))
        || NAMES_OF_SPECIFICATIONS.contains(&host)
}

#[test]
fn an_import_from_above_is_named_with_both_floors() {
    let wrong = imports("log/chunk.rs", "use crate::event::Hash;\n\nuse crate::engine::Novelo;\n");
    assert_eq!(wrong, ["log/chunk.rs:3: `log` (floor 1) imports `engine` (floor 3)"]);
}

#[test]
fn an_import_from_beside_is_one_too() {
    let wrong = imports("timeline.rs", "fn f(c: &crate::context::Context) {}");
    assert_eq!(wrong, ["timeline.rs:1: `timeline` (floor 2) imports `context` (floor 2)"]);
}

#[test]
fn groups_spread_over_lines_and_tests_are_read() {
    let source =
        "#[cfg(test)]\nmod tests {\n  use crate::{\n    event::{self, Kind},\n    http::Server, views,\n  };\n}";
    assert_eq!(
        imports("vault/mod.rs", source),
        [
            "vault/mod.rs:3: `vault` (floor 1) imports `http` (floor 6)",
            "vault/mod.rs:3: `vault` (floor 1) imports `views` (floor 1)",
        ]
    );
}

#[test]
fn own_room_rooms_below_and_what_is_no_code_are_no_mistake() {
    let source = "use crate::engine::X; use crate::event::Y; pub(crate) fn z() {}\n// crate::cli\nconst A: &str = \"crate::cli\";";
    assert_eq!(imports("engine/mod.rs", source), [""; 0]);
    assert_eq!(imports("lib.rs", "pub use crate::cli::run;"), [""; 0]);
}

#[test]
fn a_room_that_nobody_knows_is_named() {
    assert_eq!(imports("attic/mod.rs", ""), ["attic/mod.rs: room `attic` is not in the table of floors"]);
    let wrong = imports("cli/mod.rs", "use crate::Novelo;");
    assert_eq!(wrong, ["cli/mod.rs:1: `crate::Novelo` is no room of the table of floors"]);
}

#[test]
fn a_confined_crate_is_noticed_however_it_is_named() {
    for source in [
        "use sled::Db;",
        "use sled;",
        "use ::sled::Db;",
        "use {sled::Db};",
        "extern crate sled as s;",
        "fn f() -> sled::Db {}",
        "fn f() { ::sled::open(); }",
        "mod sled;\nfn f() { ::sled::open(); }",
        "use sled as s;",
    ] {
        assert_eq!(confined("log/mod.rs", source).len(), 1, "{source}");
        assert_eq!(confined("log/sled/open.rs", source), [""; 0], "{source}");
    }
    assert_eq!(
        confined("graphql/mod.rs", "\nuse axum::Router;"),
        ["graphql/mod.rs:2: names the crate `axum`, which only src/http may"]
    );
}

#[test]
fn a_module_or_a_word_of_the_same_name_is_not_the_crate() {
    for source in [
        "mod sled;\npub use sled::SledLog;",
        "use crate::log::sled::SledLog;",
        "let sled = 1; sled_like::f();",
        "const A: &str = \"sled::Db\"; // sled::Db",
    ] {
        assert_eq!(confined("log/mod.rs", source), [""; 0], "{source}");
    }
}

#[test]
fn an_outside_address_is_noticed_in_strings_and_pages() {
    let wrong = addresses("http/a.rs", "// https://docs.rs/x\nconst A: &str = \"https://cdn.jsdelivr.net/x.js\";");
    assert_eq!(wrong, ["http/a.rs:2: speaks of the outside address https://cdn.jsdelivr.net"]);
    assert_eq!(addresses("panel/index.html", "<link href=\"http://fonts.googleapis.com/css\">").len(), 1);
    assert_eq!(addresses("cli/a.rs", "\"http://127.0.0.1.evil.net\" \"http://notexample.com\"").len(), 2);
}

#[test]
fn this_machine_and_examples_are_no_outside_address() {
    let source = r#"("http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:1", "https://shop.example.com/c", "http://{address}", "https://")"#;
    assert_eq!(addresses("cli/serve.rs", source), [""; 0]);
}
