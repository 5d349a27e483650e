//! CSV and mapping files that do not fit.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Done, run, run_in};
use crate::server::Server;
use crate::story::event;

const MAPPING: &str = r#"
name = "desk"
key = 'row.id'

[every]
time = 'local(row.at)'
identifiers = { crm = 'row.customer' }
data.channel = '"voice"'

[[event]]
type = "feedback.given"
data.feedback = 'row.feedback'
data.text = 'row.text'
"#;

const HEADER: &str = "id,at,customer,feedback,text\n";

/// Imports a CSV by a mapping into the store `d` of a folder.
fn import(folder: &Path, mapping: &str, csv: &[u8]) -> Done {
    std::fs::write(folder.join("m.toml"), mapping).unwrap();
    std::fs::write(folder.join("in.csv"), csv).unwrap();
    run_in(folder, &[], &["import", "--data", "d", "--mapping", "m.toml", "--json", "in.csv"], b"")
}

#[test]
fn every_bad_row_has_its_own_answer_and_the_good_ones_are_in() {
    let folder = tempfile::tempdir().unwrap();
    let at = "2025-03-03 10:00:00";
    let bad: [(Vec<u8>, [&str; 4]); 8] = [
        (
            format!("2,{at},7,praise\n").into(),
            ["INVALID_CSV", "row", "has another number of fields than the header", "quote the fields"],
        ),
        (
            format!("3,{at},7,praise,a,b\n").into(),
            ["INVALID_CSV", "row", "has another number of fields than the header", "quote the fields"],
        ),
        (
            format!("4,{at},7,praise,\"a\" b\n").into(),
            ["INVALID_CSV", "row", "has text behind a closing quote", "write a quote inside quotes twice"],
        ),
        (
            format!("5,{at},7,praise,").into_bytes().into_iter().chain(*b"\xe7\xe3o\n").collect(),
            ["INVALID_ENCODING", "row.text", "is not in the encoding declared", "encoding = \"latin1\""],
        ),
        (
            b"6,ontem,7,praise,x\n".to_vec(),
            ["INVALID_EXPRESSION", "[every], time", "`local` was given a text that is no time", "2026-01-05 10:07:41"],
        ),
        (
            format!("7,{at},7,applause,x\n").into(),
            ["INVALID_FIELD", "event 1 (feedback.given), data.feedback", "is `applause`", "use one of: complaint"],
        ),
        (
            format!(",{at},7,praise,x\n").into(),
            ["INVALID_EXPRESSION", "key", "is blank for this row", "columns that every row has"],
        ),
        (
            b"8,1800-01-01 10:00:00,7,praise,x\n".to_vec(),
            ["INVALID_FIELD", "time", "lies before 1970", "when it happened"],
        ),
    ];
    let mut csv = HEADER.as_bytes().to_vec();
    for (number, (row, _)) in bad.iter().enumerate() {
        csv.extend(format!("good-{number},{at},7,praise,bom\n").into_bytes());
        csv.extend(row);
    }
    csv.extend(format!("last,{at},7,praise,bom\nopen,{at},7,praise,\"never closed\n").into_bytes());
    let done = import(folder.path(), MAPPING, &csv);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let answer: Value = serde_json::from_str(&done.stdout).unwrap();
    let (good, bad_rows) = (bad.len() + 1, bad.len() + 1);
    let counts = [&answer["read"], &answer["recorded"], &answer["rejected"], &answer["rejected_file"]];
    assert_eq!(counts, [&json!(good + bad_rows), &json!(good), &json!(bad_rows), &json!("rejected.ndjson")]);

    let letters = std::fs::read_to_string(folder.path().join("rejected.ndjson")).unwrap();
    let letters: Vec<Value> = letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let unclosed = (Vec::new(), ["INVALID_CSV", "row", "has a quote that is not closed", "close it"]);
    let expected = bad.iter().chain([&unclosed]).enumerate();
    assert_eq!(letters.len(), bad_rows);
    for (letter, (number, (_, [code, field, reason, help]))) in letters.iter().zip(expected) {
        // The header is line 1, and before each bad row stands a good one.
        assert_eq!(
            (&letter["line"], &letter["code"], &letter["field"]),
            (&json!(2 * number + 3), &json!(code), &json!(field)),
            "{letter}"
        );
        super::holds(letter["reason"].as_str().unwrap(), &[reason]);
        super::holds(letter["help"].as_str().unwrap(), &[help]);
    }
    let server = Server::at(&folder.path().join("d"));
    let query = "{ customer(by: {identifier: {kind: \"crm\", value: \"7\"}}) { feedback { praises } } }";
    assert_eq!(server.data(query, json!({}))["customer"]["feedback"]["praises"], good);
}

#[test]
fn a_column_that_the_input_lacks_is_told_with_the_line_of_the_mapping() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = MAPPING.replace("row.text", "row.txt").replace("row.feedback", "row.felt");
    let done = import(folder.path(), &mapping, format!("{HEADER}1,2025-03-03 10:00:00,7,praise,x\n").as_bytes());
    assert_eq!(done.code, Some(2));
    super::holds(
        &done.stderr,
        &[
            "novelo: m.toml: line 12, column 17: event 1 (feedback.given), data.feedback: the input has no column `felt`; ",
            "novelo: m.toml: line 13, column 13: event 1 (feedback.given), data.text: the input has no column `txt`; did you mean `text`? (reading in.csv)",
        ],
    );
    assert!(!folder.path().join("d").exists(), "nothing is made for a mapping that does not fit");
}

#[test]
fn no_store_is_made_for_rows_of_which_none_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |at: &str| format!("{HEADER}1,{at},7,praise,x\n2,{at},7,praise,y\n");
    let done = import(folder.path(), MAPPING, rows("03.03.2025").as_bytes());
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&told["read"], &told["recorded"], &told["rejected"]), (&json!(2), &json!(0), &json!(2)));
    assert!(done.stderr.contains("so no store was made"), "{}", done.stderr);
    assert!(!folder.path().join("d").exists());
    let rejected = std::fs::read_to_string(folder.path().join("rejected.ndjson")).unwrap();
    assert_eq!(rejected.lines().count(), 2, "each once: {rejected}");
    // Where there is a store already it goes as ever; and rows that were tried do not count as seen.
    let done = import(folder.path(), MAPPING, rows("2025-03-03 10:00:00").as_bytes());
    assert!(done.code == Some(0) && done.stdout.contains("\"recorded\":2"), "{}{}", done.stdout, done.stderr);
    let done = import(folder.path(), MAPPING, rows("03.03.2025").as_bytes());
    assert!(done.code == Some(3) && !done.stderr.contains("no store was made"), "{}", done.stderr);
}

#[test]
fn all_mistakes_of_a_mapping_are_told_at_once_each_with_its_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = r#"nmae = "desk"
key = 'row.id +'

[every]
time = 'local(row.at, "%d/%m/%Y"'
data.channel = 'lookup("chanel", row.channel)'

[lookup.channel]
TEL = "voice"

[[event]]
type = "note.addd"

[[event]]
type = "note.added"
data.txt = 'folded(row.text)'
data.text = 'nam'
"#;
    let done = import(folder.path(), mapping, HEADER.as_bytes());
    assert_eq!(done.code, Some(2));
    assert!(!folder.path().join("d").exists(), "nothing is made for a mapping that is wrong");
    let lines: Vec<&str> = done.stderr.lines().collect();
    // Where CEL breaks off: behind `row.id +` and behind the bracket that is not closed.
    for (at, parts) in [
        ("line 1, column 1", ["`nmae`", "did you mean `name`?"]),
        ("line 2, column 16", ["key: is no expression", "CEL"]),
        ("line 5, column 33", ["[every], time: is no expression", "CEL"]),
        ("line 6, column 16", ["[every], data.channel: there is no [lookup.chanel]", "did you mean `channel`?"]),
        ("line 12, column 8", ["`note.addd` is not in the vocabulary", "did you mean `note.added`?"]),
        ("line 16, column 6", ["`txt` is not a field of this kind", "did you mean `text`?"]),
        ("line 16, column 12", ["there is no function `folded`", "did you mean `fold`?"]),
        ("line 17, column 13", ["`nam` is not known here", "row, row_id"]),
    ] {
        let start = format!("novelo: m.toml: {at}: ");
        let told = |line: &&str| line.starts_with(&start) && parts.iter().all(|part| line.contains(part));
        assert!(lines.iter().any(told), "{start}{parts:?}: {}", done.stderr);
    }
}

#[test]
fn an_import_that_cannot_begin_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let note = event("1", "note.added", "crm:1", "10:00", json!({"text": "x"})).to_string();
    for (arguments, code, parts) in [
        (&["import", "--data", path, "no-such-file"][..], 1, ["no-such-file: ", "there is no such file"]),
        (&["import", "no-such-file"], 2, ["there is no data folder", "--data DIR or NOVELO_DATA"]),
        (&["import", "--to", "ftp://x", "-"], 2, ["--to ftp://x: is no http address", "http://127.0.0.1:8080"]),
        (
            &["import", "--to", "http://127.0.0.1:1", "-"],
            1,
            ["http://127.0.0.1:1/v1/events: ", "is the server running?"],
        ),
        (&["import", "--data", path, "--table", "a=b", "-"], 2, ["--table a=b: there is no mapping", "--mapping FILE"]),
        (&["import", "--data", path], 2, ["required arguments were not provided", "<FILE>"]),
        (&["verify", "--data", "/no/such/folder"], 1, ["/no/such/folder holds no store", "check the path"]),
    ] {
        let done = run(arguments, note.as_bytes());
        assert_eq!(done.code, Some(code), "{arguments:?} {}", done.stderr);
        super::holds(&done.stderr, &parts);
    }
}

#[test]
fn a_packed_file_that_was_cut_short_says_how_far_it_came_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> =
        (0..2_000).map(|n| format!("{n},2025-03-03 10:00:00,{n},praise,obrigado {}\n", n * 7_919)).collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, format!("{HEADER}{}", rows.concat()).as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    std::fs::write(folder.path().join("m.toml"), MAPPING).unwrap();
    std::fs::write(folder.path().join("in.csv.gz"), &packed[..packed.len() / 2]).unwrap();
    let import = || run_in(folder.path(), &[], &["import", "--data", "d", "--mapping", "m.toml", "in.csv.gz"], b"");
    let done = import();
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let parts = [
        "in.csv.gz: cannot be read behind line ",
        "the file was cut short, or is damaged",
        "run the same import again",
    ];
    super::holds(&done.stderr, &parts);
    let line: u64 = done.stderr.split("behind line ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
    let read = line - 1;
    assert!((100..1_999).contains(&read), "{}", done.stderr);
    super::holds(&done.stderr, &[&format!("Until there: {read} read, {read} events recorded, 0 there before")]);
    // The whole file again brings the rest.
    std::fs::write(folder.path().join("in.csv.gz"), &packed).unwrap();
    let done = import();
    super::holds(&done.stdout, &[&format!("2000 read, {} events recorded, {read} there before", 2_000 - read)]);
}

#[test]
fn lines_of_a_packed_file_that_was_cut_short_are_counted_as_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    let note = |n: u64| {
        event(&n.to_string(), "note.added", &format!("crm:{n}"), "10:00", json!({"text": format!("x{}", n * 7_919)}))
    };
    let lines: String = (0..2_000).map(|n| format!("{}\n", note(n))).collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, lines.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    std::fs::write(folder.path().join("in.ndjson.gz"), &packed[..packed.len() / 2]).unwrap();
    let done = run_in(folder.path(), &[], &["import", "--data", "d", "in.ndjson.gz"], b"");
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let line: u64 = done.stderr.split("behind line ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
    super::holds(
        &done.stderr,
        &[&format!("Until there: {line} read, {line} events recorded, 0 there before, 0 rejected")],
    );
}
