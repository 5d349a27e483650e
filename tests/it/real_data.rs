//! Real exports, when they are there, against counts that another program makes of the same files.
//!
//! They do not ship with the project. To keep this short in an unoptimised build, only the first rows of each file are
//! taken here; whole files are imported before a release.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use crate::program::succeeds;
use crate::server::Server;

const ROWS: usize = 4_000;

/// The folder of real data, when it is there.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("left out: there is no {}", folder.display());
    None
}

/// The first records of every file of a folder, unpacked, in another folder. (No field of SP156 has a line break.)
pub(crate) fn first_rows(from: &Path, to: &Path, rows: usize) -> Vec<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "gz"));
    files.sort();
    let shorten = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let target = to.join(name);
        let mut out = File::create(&target).unwrap();
        for line in BufReader::new(MultiGzDecoder::new(File::open(path).unwrap())).lines().take(rows + 1) {
            writeln!(out, "{}", line.unwrap()).unwrap();
        }
        target.to_str().unwrap().to_owned()
    };
    files.iter().map(shorten).collect()
}

/// What the reference program counts.
pub(crate) fn reference(program: &str, folder: &Path, more: &[&str]) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(program);
    let output = Command::new("python3").arg(path).arg("--data").arg(folder).args(more).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn mapping(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/mappings").join(name).to_str().unwrap().to_owned()
}

fn number(counts: &Value, name: &str) -> u64 {
    counts.get(name).and_then(Value::as_u64).unwrap_or(0)
}

#[test]
fn sp156_comes_in_whole_and_agrees_with_another_programs_counts() {
    let Some(real) = data("sp156") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (rows, store) = (folder.path().join("rows"), folder.path().join("store"));
    fs::create_dir(&rows).unwrap();
    let files = first_rows(&real, &rows, ROWS);
    let (mapping, data) = (mapping("sp156.toml"), store.to_str().unwrap());
    let mut args = vec!["import", "--json", "--data", data, "--mapping", &mapping];
    args.extend(files.iter().map(String::as_str));
    let told: Value = serde_json::from_str(&succeeds(&args, b"")).unwrap();
    assert_eq!((&told["read"], &told["rejected"]), (&json!(files.len() * ROWS), &json!(0)));
    let recorded = told["recorded"].as_u64().unwrap();
    let again: Value = serde_json::from_str(&succeeds(&args, b"")).unwrap();
    assert_eq!((again["recorded"].as_u64(), again["duplicates"].as_u64()), (Some(0), Some(recorded)));

    let first = reference("sp156.py", &rows, &["--top", "1"]);
    let busiest = first["addresses"]["top"][0]["address"].as_str().unwrap().to_owned();
    let counts = reference("sp156.py", &rows, &["--address", &busiest]);
    let server = Server::at(&store);
    let by_feedback = &counts["total"]["by_feedback"];
    let total = |filter: &str| {
        server.data(&format!("{{ events(first: 0, filter: {{{filter}}}) {{ totalCount }} }}"), json!({}))["events"]["totalCount"].as_u64().unwrap()
    };
    for (word, name) in
        [("COMPLAINT", "complaint"), ("SUGGESTION", "suggestion"), ("PRAISE", "praise"), ("REPORT", "report")]
    {
        assert_eq!(total(&format!("feedback: [{word}]")), number(by_feedback, name), "{name}");
    }
    for (channel, name) in
        [("voice", "voice"), ("web", "web"), ("app", "app"), ("store", "store"), ("other(integration)", "other")]
    {
        let started = total(&format!("kinds: [\"contact.started\"], channels: [\"{channel}\"]"));
        assert_eq!(started, number(&counts["total"]["by_channel"], name), "{name}");
    }
    let asked = server.data(
        "query($v: String!) { customer(by: {identifier: {kind: \"address\", value: $v}}) {
           totals { contacts openCases resolvedCases byChannel { channel contacts } }
           feedback { complaints suggestions praises reports byChannel { channel complaints } } } }",
        json!({"v": busiest.to_lowercase()}),
    );
    let (customer, expected) = (&asked["customer"], &counts["by_address"][&busiest]);
    assert_eq!(customer["totals"]["contacts"], expected["contacts"]);
    assert_eq!(customer["totals"]["openCases"], expected["cases"]["open"]);
    assert_eq!(customer["totals"]["resolvedCases"], expected["cases"]["closed"]);
    for used in customer["totals"]["byChannel"].as_array().unwrap() {
        let name = used["channel"].as_str().unwrap().split('(').next().unwrap().to_owned();
        assert_eq!(used["contacts"].as_u64().unwrap(), number(&expected["by_channel"], &name), "{name}");
    }
    for (field, name) in
        [("complaints", "complaint"), ("suggestions", "suggestion"), ("praises", "praise"), ("reports", "report")]
    {
        assert_eq!(customer["feedback"][field].as_u64().unwrap(), number(&expected["by_feedback"], name), "{name}");
    }
}

#[test]
fn olist_comes_in_whole_and_its_scores_agree() {
    let Some(real) = data("olist") else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let file = |name: &str| real.join(format!("olist_{name}_dataset.csv.gz")).to_str().unwrap().to_owned();
    let mut read = 0;
    for (rules, input) in [
        ("olist-orders.toml", "orders"),
        ("olist-reviews.toml", "order_reviews"),
        ("olist-leads.toml", "marketing_qualified_leads"),
        ("olist-deals.toml", "closed_deals"),
    ] {
        let out = succeeds(
            &["import", "--json", "--data", store.to_str().unwrap(), "--mapping", &mapping(rules), &file(input)],
            b"",
        );
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&told["rejected"], &told["duplicates"]), (&json!(0), &json!(0)), "{input}: {told}");
        read += told["read"].as_u64().unwrap();
    }
    let counts = reference("olist.py", &real, &["--top", "3"]);
    let sum = ["orders", "reviews", "leads", "closed_deals"].iter().map(|name| number(&counts, name)).sum::<u64>();
    assert_eq!(read, sum);
    let server = Server::at(&store);
    let answered =
        server.data("{ events(first: 0, filter: {kinds: [\"survey.answered\"]}) { totalCount } }", json!({}));
    assert_eq!(answered["events"]["totalCount"], counts["reviews"]);
    for top in counts["top_customers"].as_array().unwrap() {
        let asked = server.data(
            "query($v: String!) { customer(by: {identifier: {kind: \"olist_customer\", value: $v}}) { satisfaction { instrument responses mean } } }",
            json!({"v": top["customer"]}),
        );
        let told = &asked["customer"]["satisfaction"][0];
        assert_eq!(told["responses"], top["reviews"]);
        assert!((told["mean"].as_f64().unwrap() - top["mean_score"].as_f64().unwrap()).abs() < 1e-6);
    }
}
