//! Tables in Parquet files, read by programs that others wrote: DuckDB and Polars find the rows and the totals that the store itself
//! tells, and personal data only where it was asked for.
//!
//! `tests/run` installs them; what is run is `tables/read.py`.

mod expected;
mod hostile;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use novelo::event::{EventId, Kind};
use serde_json::{Value, json};

use crate::generate;
use crate::place::{Place, copy_folder};
use crate::program::{run, succeeds};
use crate::round_trip::filled;
use crate::server::Server;
use expected::{decimals, same_rows};
use hostile::hostile;

/// What the two readers find in the table of events of an export.
fn read(export: &Path) -> Value {
    read_with("read.py", &export.join("events"))
}

fn read_with(script: &str, folder: &Path) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = std::env::var_os("NOVELO_TEST_READERS").map_or_else(|| root.join("target/readers"), PathBuf::from);
    assert!(
        installed.join("installed").is_file(),
        "{} has no DuckDB and Polars: tests/run installs them, or tests/readers does alone",
        installed.display()
    );
    let mut command = Command::new("python3");
    command.arg(root.join("tests/it/tables").join(script)).arg(folder).env("PYTHONPATH", installed);
    let output = command.output().expect("python3 runs: install it (on Debian: apt-get install python3)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A store with every kind of event, links, hostile texts and a world of contacts; one customer of it is erased.
fn store() -> Place {
    let place = filled();
    let mut lines = generate::lines(5, 1_500).concat();
    for event in hostile() {
        lines.extend(format!("{event}\n").into_bytes());
    }
    let told: Value =
        serde_json::from_str(&succeeds(&["import", "--json", "--data", &place.text("a"), "-"], &lines)).unwrap();
    assert_eq!((&told["recorded"], &told["rejected"]), (&json!(1_508), &json!(0)), "{told}");
    assert!(crate::backup::erase(&place.path("a"), "crm:2"));
    place
}

fn lines(place: &Place) -> Vec<Value> {
    let lines = succeeds(&["export", "--data", &place.text("a")], b"");
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn export(place: &Place, more: &[&str]) -> (PathBuf, Value) {
    let (store, out) = (place.text("a"), place.text("out"));
    let mut args = vec!["export", "--json", "--data", &store, "--format", "parquet", "-o", &out];
    args.extend(more);
    (place.path("out"), serde_json::from_str(&succeeds(&args, b"")).unwrap())
}

/// Sums over events by a text of theirs.
fn sums<'l>(lines: &'l [Value], of: impl Fn(&'l Value) -> Option<(String, i128)>) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    lines.iter().filter_map(of).for_each(|(key, number)| *sums.entry(key).or_default() += number);
    sums
}

fn read_sums(read: &Value, name: &str) -> BTreeMap<String, i128> {
    let number = |value: &Value| {
        value.as_i64().map_or_else(|| value.as_str().unwrap().replace('.', "").parse().unwrap(), i128::from)
    };
    read["totals"][name].as_object().unwrap().iter().map(|(key, value)| (key.clone(), number(value))).collect()
}

#[test]
fn duckdb_and_polars_find_the_rows_and_totals_of_the_store() {
    let place = store();
    let lines = lines(&place);
    let (out, told) = export(&place, &[]);
    let read = read(&out);
    same_rows(&lines, &read, false);
    let one = |key: &Value| Some((key.as_str()?.to_owned(), 1));
    let months = sums(&lines, |line| one(&json!(&line["time"].as_str().unwrap()[..7])));
    let talked =
        |line: &Value| Some((line["data"]["channel"].as_str()?.to_owned(), line["data"]["talk_ms"].as_i64()?.into()));
    let paid = |line: &Value| {
        let amount = decimals(line["data"].get("amount")?);
        Some((line["data"]["currency"].as_str()?.to_owned(), amount.as_str()?.replace('.', "").parse().unwrap()))
    };
    assert!(months.len() > 15, "{months:?}");
    assert!(sums(&lines, talked).len() > 1 && sums(&lines, paid)["BRL"] > 1 << 60);
    for reader in ["duckdb", "polars"] {
        let totals = &read[reader];
        assert_eq!(read_sums(totals, "months"), months, "{reader}");
        assert_eq!(read_sums(totals, "talk_ms"), sums(&lines, talked), "{reader}");
        assert_eq!(read_sums(totals, "amount"), sums(&lines, paid), "{reader}");
        assert_eq!(
            read_sums(totals, "regions"),
            sums(&lines, |line| one(&line["data"]["dimensions"]["region"])),
            "{reader}"
        );
        assert_eq!(read[reader]["columns"].as_object().unwrap().keys().find(|name| name.starts_with("personal")), None);
    }
    // The export says of itself what they found.
    assert_eq!((&told["complete"], &told["personal"], &told["from"]), (&json!(true), &json!(false), &json!(0)));
    assert_eq!((&told["through"], &told["tables"]["events"]["rows"]), (&json!(lines.len()), &json!(lines.len())));
    assert_eq!(told["tables"]["events"]["months"], read["duckdb"]["totals"]["months"]);
    // What GraphQL counts by kind.
    let server = Server::at(&place.path("a"));
    for (kind, count) in read["polars"]["totals"]["kinds"].as_object().unwrap() {
        let asked = "query($k: String!) { events(first: 0, filter: {kinds: [$k]}) { totalCount } }";
        assert_eq!(&server.data(asked, json!({"k": kind}))["events"]["totalCount"], count, "{kind}");
    }
    let all = &server.data("{ events(first: 0) { totalCount } }", json!({}))["events"]["totalCount"];
    assert_eq!(all, &told["tables"]["events"]["rows"]);
}

#[test]
fn personal_fields_are_in_a_table_on_request_and_those_of_the_erased_never() {
    let place = store();
    let lines = lines(&place);
    let (out, told) = export(&place, &["--with-personal"]);
    assert_eq!(told["personal"], json!(true));
    let read = read(&out);
    same_rows(&lines, &read, true);
    let rows = read["duckdb"]["rows"].as_array().unwrap();
    let says = |name: &str| rows.iter().filter(|row| row.get(name).is_some()).count();
    assert_eq!(says("personal_identifier"), lines.iter().filter(|line| line.get("subject").is_some()).count());
    for field in Kind::ALL.iter().flat_map(|info| info.personal) {
        let name = format!("personal_{}", field.name);
        let never_said = ["personal_description"].contains(&name.as_str());
        assert!(never_said || says(&name) > 0, "{name}");
    }
    let note = EventId::derive("shop", "y").to_string();
    let of_the_erased = rows.iter().find(|row| row["id"] == note.as_str()).unwrap().as_object().unwrap();
    assert!(of_the_erased["kind"] == "note.added" && of_the_erased.keys().all(|name| !name.starts_with("personal_")));
    assert!(rows.iter().all(|row| row["personal_text"] != "dois"));
}

#[test]
fn contacts_cases_and_what_else_is_derived_have_the_totals_of_analyses() {
    let place = store();
    let (out, told) = export(&place, &[]);
    let read = read_with("derived.py", &out);
    assert_eq!(read["duckdb"], read["polars"]);
    for (table, key, number) in [
        ("contacts", "channel", "messages"),
        ("cases", "channel", "contacts"),
        ("conversations", "channel", "contacts"),
        ("transitions", "of", "elapsed_ms"),
        ("visits", "channel", "events"),
    ] {
        // Steps between kinds are as many as there are events, and are no rows of the table.
        let only = if table == "transitions" { "where = 'of != \"kind\"'\n" } else { "" };
        let text = format!(
            "name = \"again\"\nover = \"{table}\"\n{only}group_by = [\"{key}\"]\n[measures]\nrows = 'count()'\ntotal = 'sum({number})'\n"
        );
        fs::write(place.path("again.toml"), text).unwrap();
        let run = succeeds(&["analysis", "run", "--json", "--data", &place.text("a"), &place.text("again.toml")], b"");
        let lines: Vec<Value> = run.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut rows = 0;
        let found = read["duckdb"][table].as_object().unwrap();
        assert!(lines.len() == found.len() && !lines.is_empty(), "{table}: {lines:?} and {found:?}");
        for line in lines {
            let group = line["group"][key].as_str().unwrap_or_default();
            let figure = |name: &str| line["figures"][name]["value"].as_f64();
            assert_eq!(found[group][0].as_f64(), figure("rows"), "{table} {group}");
            let (here, there) = (found[group][1].as_f64().unwrap(), figure("total").unwrap_or_default());
            assert!((here - there).abs() < 1e-6 * there.max(1e3), "{table} {group}: {here} and {there}");
            rows += found[group][0].as_u64().unwrap();
        }
        assert_eq!(told["tables"][table]["rows"], json!(rows), "{table}");
    }
}

#[test]
fn an_export_from_a_position_on_begins_there() {
    let place = filled();
    let lines = lines(&place);
    let (out, told) = export(&place, &["--from", "30"]);
    assert_eq!((&told["from"], &told["tables"]["events"]["rows"]), (&json!(30), &json!(lines.len() - 30)));
    let positions: Vec<u64> =
        read(&out)["polars"]["rows"].as_array().unwrap().iter().map(|row| row["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (30..lines.len() as u64).collect::<Vec<_>>());
}

#[test]
fn what_is_in_the_way_is_said_and_what_broke_off_is_made_anew() {
    let place = Place::new();
    let (store, out) = (place.text("a"), place.text("out"));
    succeeds(&["import", "--data", &store, "-"], &generate::lines(1, 50).concat());
    let args = ["export", "--data", &store, "--format", "parquet", "-o", &out];
    let refused = |args: &[&str], code: i32, word: &str| {
        let done = run(args, b"");
        assert!(done.code == Some(code) && done.stderr.contains(word), "{args:?} {:?} {}", done.code, done.stderr);
    };
    refused(&args[..5], 2, "-o DIR");
    refused(&["export", "--data", &store, "--with-personal"], 2, "--format parquet");
    refused(&[args.as_slice(), &["--sealed"]].concat(), 2, "--sealed");
    succeeds(&args, b"");
    refused(&args, 1, "not empty");
    // As if the first had been killed before its end.
    let partial = place.path("out.partial");
    copy_folder(&place.path("out"), &partial);
    fs::remove_dir_all(place.path("out")).unwrap();
    let manifest = fs::read_to_string(partial.join("manifest.json")).unwrap();
    fs::write(partial.join("manifest.json"), manifest.replace("true", "false")).unwrap();
    fs::write(partial.join("events/half"), "").unwrap();
    succeeds(&args, b"");
    assert!(!partial.exists() && !place.path("out/events/half").exists());
    let manifest: Value = serde_json::from_slice(&fs::read(place.path("out/manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["complete"], &manifest["tables"]["events"]["rows"]), (&json!(true), &json!(50)));
}
