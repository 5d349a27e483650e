//! A command that cannot be carried out says what and why, and what to do: never a bare error of the operating system.

use std::fs;

use serde_json::json;

use crate::durability::lines;
use crate::place::Place;
use crate::program::{run_in, succeeds};
use crate::server::Server;
use crate::story::event;

/// A key of the right form that nobody has: 2 is the y of no point of the curve (RFC 8032, section 5.1.3).
const NO_POINT: &str =
    "verify --proof file --public-key 0200000000000000000000000000000000000000000000000000000000000000";

/// A folder with a store in `data` and a backup of it in `backup`.
fn place() -> Place {
    let place = Place::new();
    succeeds(&["import", "--data", &place.text("data"), "-"], &lines(20));
    succeeds(&["backup", &place.text("backup"), "--data", &place.text("data")], b"");
    fs::write(place.path("file"), "no key, no proof").unwrap();
    place
}

#[test]
fn what_is_missing_is_named_and_what_to_do_is_said() {
    let place = place();
    let cases: &[(&str, i32, &str)] = &[
        (
            "backup nowhere/backup --data data",
            1,
            "nowhere is not there, in which nowhere/backup would be made; make it",
        ),
        ("backup-keys nowhere/keys --data data", 2, "nowhere is no folder, or is not there; make it first"),
        ("backup file --data data", 2, "file is no folder, and the events are kept in one; name a folder"),
        ("import --rejected nowhere/r.ndjson file --data new", 1, "nowhere/r.ndjson: there is no such file or folder"),
        ("import nosuch.ndjson --data data", 1, "nosuch.ndjson: there is no such file or folder; check the path"),
        ("import --mapping nosuch.toml file --data data", 1, "nosuch.toml: there is no such file or folder"),
        ("export -o nowhere/out --data data", 1, "nowhere/out: there is no such file or folder"),
        ("serve --listen 127.0.0.1:0 --data file", 1, "file: something of that name is there already"),
        ("restore --data file/new --from backup", 1, "a part of the path is a file and not a folder"),
        (
            "restore --data new --from backup --keys nosuch",
            1,
            "nosuch: there is no such file or folder; check the path",
        ),
        ("restore --data other --from backup --keys file", 1, "file is no file of this format"),
        (
            "verify --proof file --public-key nosuch",
            2,
            "there is no such file, and it is no key of 64 hexadecimal digits",
        ),
        (NO_POINT, 2, "the public key has 64 digits and yet is none, one of them must be wrong"),
        ("verify --proof file --public-key file", 2, "the public key is not written as one"),
        ("repair --data data --archive nosuch", 2, "nosuch: holds no archive and no backup; check the path"),
    ];
    for (line, code, words) in cases {
        let args: Vec<&str> = line.split(' ').collect();
        let done = run_in(&place.path(""), &[], &args, b"");
        assert_eq!(done.code, Some(*code), "{line}: {}{}", done.stdout, done.stderr);
        assert!(done.stderr.contains(words), "{line}: {}", done.stderr);
        assert!(!done.stderr.contains("os error"), "{line}: {}", done.stderr);
    }
}

#[test]
fn a_file_that_is_not_there_or_of_another_form_makes_no_store() {
    let place = Place::new();
    fs::write(place.path("calls.csv"), "when,who\n2026-01-01,ana\n").unwrap();
    fs::write(place.path("book.xlsx"), b"PK\x03\x04\x14\x00").unwrap();
    fs::write(place.path("wide.ndjson"), b"\xff\xfe{\x00}\x00").unwrap();
    fs::write(place.path("array.json"), "[\n{}]").unwrap();
    fs::write(place.path("old.xls"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0").unwrap();
    fs::write(place.path("paper.pdf"), "%PDF-1.7\n{").unwrap();
    fs::create_dir(place.path("adir")).unwrap();
    for (file, code, words) in [
        ("calls.csv", 2, "--mapping FILE"),
        ("book.xlsx", 2, "save the sheets of a workbook as CSV in UTF-8"),
        ("wide.ndjson", 2, "save it in UTF-8"),
        ("array.json", 2, "is a JSON array and not CloudEvents, one a line; make lines of it"),
        ("old.xls", 2, "old.xls: is no text; give CloudEvents"),
        ("paper.pdf", 2, "paper.pdf: is no text"),
        ("adir", 2, "adir: is a folder and not a file; name its files, such as adir/*"),
        ("nosuch", 1, "there is no such file"),
    ] {
        let done = run_in(&place.path(""), &[], &["import", file, "--data", "data"], b"");
        assert_eq!(done.code, Some(code));
        assert!(done.stderr.contains(words), "{}", done.stderr);
        assert!(!place.path("data").exists(), "nothing is made for it");
    }
}

#[test]
fn an_import_of_nothing_makes_no_store() {
    let place = Place::new();
    fs::write(place.path("empty.ndjson"), "").unwrap();
    fs::write(place.path("blank.ndjson"), "\n \n").unwrap();
    let import = || run_in(&place.path(""), &[], &["import", "empty.ndjson", "blank.ndjson", "--data", "data"], b"");
    let done = import();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("there is nothing in it, so no store was made"), "{}", done.stderr);
    assert!(!place.path("data").exists() && !place.path("rejected.ndjson").exists());
    succeeds(&["import", "--data", &place.text("data"), "-"], &lines(1));
    assert_eq!(import().code, Some(0), "where there is a store nothing is taken into it");
}

#[test]
fn a_port_that_somebody_has_is_told_before_a_store_is_made() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = run_in(&place.path(""), &[], &["serve", "--data", "data", "--listen", &address], b"");
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("choose another with --listen"), "{}", done.stderr);
    assert!(!place.path("data").exists());
}

#[test]
fn questions_that_can_never_be_answered_are_not_to_be_asked_again() {
    let server = Server::new();
    let (message, extensions) = server.error("{ customer(by: {contact: \"c\"}, atLeast: \"99\") { id } }", json!({}));
    assert_eq!(message, "atLeast: is 99, and the log ends at 0: nothing was recorded there");
    assert_eq!(extensions["code"], "INVALID_INPUT");
    let link = "mutation { linkCustomers(a: {identifier: {kind: \"phone\", value: \"+5511987650001\"}},
        b: {identifier: {kind: \"phone\", value: \"11 98765-0001\"}}, because: \"x\") { id } }";
    let (message, extensions) = server.error(link, json!({}));
    assert_eq!((message.as_str(), &extensions["code"]), ("b: is the same as `a`", &json!("INVALID_INPUT")));
}

#[test]
fn a_search_by_a_placeholder_finds_nobody_and_asking_by_one_says_what_it_is() {
    let server = Server::new();
    for search in ["111.111.111-11", "(11) 99999-9999", "n/a"] {
        let found = server.data("query($s: String!) { customers(search: $s) { nodes { id } } }", json!({"s": search}));
        assert_eq!(found["customers"]["nodes"], json!([]), "{search}");
    }
    let asked = "{ customer(by: {identifier: {kind: \"cpf\", value: \"111.111.111-11\"}}) { id } }";
    let (message, extensions) = server.error(asked, json!({}));
    assert!(message.starts_with("by.identifier.value: is a placeholder and not the `cpf` of anybody"), "{message}");
    let said = ["code", "field", "placeholder", "help"].map(|name| extensions[name].clone());
    let help = "ask by another identifier of the customer";
    assert_eq!(json!(said), json!(["INVALID_INPUT", "by.identifier.value", true, help]));
}

#[test]
fn a_contact_whose_id_several_customers_have_finds_none_of_them() {
    let server = Server::new();
    let started = |source: &str, subject: &str| {
        let data = json!({"channel": "chat", "contact": "77"});
        let mut event = event(source, "contact.started", subject, "10:00", data);
        event["source"] = source.into();
        event
    };
    let asked = "{ customer(by: {contact: \"77\"}) { identifiers { value } } }";
    server.records(&[started("desk", "crm:1")]);
    assert_eq!(server.data(asked, json!({}))["customer"]["identifiers"][0]["value"], "1");
    server.records(&[started("chat", "crm:2")]);
    let (message, extensions) = server.error(asked, json!({}));
    assert_eq!(
        message,
        "contact `77` is of several customers that are not linked: it named both, or their sources use the same id"
    );
    assert_eq!(
        (&extensions["code"], &extensions["help"]),
        (&json!("CONFLICT"), &json!("ask by an identifier or a protocol; customers who are one can be linked"))
    );
    // Once both are known to be one person there is nothing to choose.
    let claimed = json!({"identifiers": ["crm:2"]});
    server.records(&[event("l", "identity.claimed", "crm:1", "11:00", claimed)]);
    assert_eq!(server.data(asked, json!({}))["customer"]["identifiers"].as_array().unwrap().len(), 2);
}

#[test]
fn a_text_that_is_too_long_to_be_looked_for_is_refused() {
    let server = Server::new();
    let long = "x".repeat(66_000);
    for (field, query) in [
        ("by.protocol", "query A($s: String!) { customer(by: {protocol: $s}) { id } }"),
        ("by.contact", "query A($s: ID!) { customer(by: {contact: $s}) { id } }"),
        ("search", "query A($s: String!) { customers(search: $s) { nodes { id } } }"),
    ] {
        let (message, extensions) = server.error(query, json!({"s": long}));
        assert_eq!(message, format!("{field}: has 66000 bytes, the limit is 1024"));
        assert_eq!(extensions["code"], "INVALID_INPUT");
    }
}
