//! Analyses as analysts meet them: against the counts of another program, defined and changed over the API, on the command line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{run, succeeds};
use crate::real_data::{data, first_rows, mapping, reference};
use crate::server::Server;
use crate::story::STORY;

const ROWS: usize = 4_000;

/// The question of an analyst who has never asked it: which districts complain again within 30 days of an answer, by channel?
const AGAIN: &str = r#"
name = "again"
over = "cases"
where = 'resolved && demand == "complaint"'
group_by = ["dimensions.district", "channel"]
[measures]
cases = 'count()'
again = 'count(next_complaint_ms <= 30 * 86400000)'
"#;

/// The lines of an analysis, counted on the command line.
fn counted(store: &str, args: &[&str]) -> Vec<Value> {
    let all = [&["analysis", "run", "--json", "--data", store], args].concat();
    succeeds(&all, b"").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The lines of a served analysis, in the form of the command line; waits until it is complete.
fn served(server: &Server, name: &str, arguments: &str) -> Vec<Value> {
    until_live(server, name);
    let query = format!(
        "query($n: String!) {{ analysis(name: $n{arguments}) {{ groups measures rows {{ bucket group provisional figures {{ value over error }} }} }} }}"
    );
    let answer = server.data(&query, json!({"n": name}))["analysis"].clone();
    let object = |names: &Value, values: &Value| -> Value {
        let names = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        names.zip(values.as_array().unwrap().iter().cloned()).collect::<serde_json::Map<_, _>>().into()
    };
    let line = |row: &Value| {
        json!({"bucket": row["bucket"], "group": object(&answer["groups"], &row["group"]),
            "figures": object(&answer["measures"], &row["figures"]), "provisional": row["provisional"]})
    };
    answer["rows"].as_array().unwrap().iter().map(line).collect()
}

fn status(server: &Server, name: &str) -> Value {
    let query = "{ analyses { name version state progress failed previous building { version state } troubles { count first { position reason } } } }";
    let all = server.data(query, json!({}))["analyses"].clone();
    all.as_array().unwrap().iter().find(|one| one["name"] == name).cloned().unwrap_or(Value::Null)
}

/// Waits until an analysis is as wanted.
fn until(server: &Server, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let status = status(server, name);
        if wanted(&status) {
            return status;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{name} is not as wanted: {status}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn until_live(server: &Server, name: &str) {
    until(server, name, |status| status["state"] == "live");
}

fn figure(line: &Value, name: &str) -> u64 {
    line["figures"][name]["value"].as_f64().unwrap() as u64
}

/// Numbers by what is told of them, those that are nothing left out.
type Counts = BTreeMap<(String, String), Vec<u64>>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn sp156_agrees_with_another_programs_counts_and_so_does_a_new_question() {
    let Some(real) = data("sp156") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (rows, store) = (folder.path().join("rows"), folder.path().join("store"));
    fs::create_dir(&rows).unwrap();
    let files = first_rows(&real, &rows, ROWS);
    let (mapping, store) = (mapping("sp156.toml"), store.to_str().unwrap());
    let mut args = vec!["import", "--data", store, "--mapping", &mapping];
    args.extend(files.iter().map(String::as_str));
    succeeds(&args, b"");
    let expected = reference("sp156_analyses.py", &rows, &[]);

    let complaints = counted(store, &["feedback", "--by", "channel", "--bucket", "month"]);
    let of = |line: &Value| (line["bucket"].as_str().unwrap()[..7].to_owned(), text(&line["group"]["channel"]));
    let found: Counts =
        complaints.iter().map(|line| (of(line), vec![figure(line, "complaints")])).filter(|(_, n)| n[0] > 0).collect();
    let wanted: Counts = (expected["complaints_by_month_and_channel"].as_array().unwrap().iter())
        .map(|line| ((text(&line["month"]), text(&line["channel"])), vec![line["complaints"].as_u64().unwrap()]))
        .filter(|(_, n)| n[0] > 0)
        .collect();
    assert!(wanted.len() > 10, "{wanted:?}");
    assert_eq!(found, wanted);

    let answers = counted(store, &["resolution", "--by", "department", "--bucket", "all"]);
    let by_department: BTreeMap<String, &Value> =
        answers.iter().map(|line| (text(&line["group"]["department"]), line)).collect();
    for wanted in expected["answers_by_department"].as_array().unwrap() {
        let found = by_department[&text(&wanted["department"])];
        assert_eq!(figure(found, "cases"), wanted["cases"].as_u64().unwrap(), "{wanted}");
        assert_eq!(figure(found, "resolved"), wanted["resolved"].as_u64().unwrap(), "{wanted}");
        for (percentile, name) in [("p50", "p50_ms"), ("p90", "p90_ms"), ("p95", "p95_ms")] {
            // Between two neighbours any number is as good: within 1 % of what lies between them.
            let Some(range) = wanted["ms"][percentile].as_object() else { continue };
            let (low, high) = (range["low"].as_f64().unwrap(), range["high"].as_f64().unwrap());
            let value = found["figures"][name]["value"].as_f64().unwrap();
            let slack = |bound: f64| bound.abs() * 0.01;
            assert!(value >= low - slack(low) && value <= high + slack(high), "{percentile} of {wanted}: {value}");
        }
    }

    let file = folder.path().join("again.toml");
    fs::write(&file, AGAIN).unwrap();
    let again = counted(store, &[file.to_str().unwrap()]);
    let of = |group: &Value| (text(&group["district"]), text(&group["channel"]));
    let found: Counts =
        again.iter().map(|line| (of(&line["group"]), vec![figure(line, "cases"), figure(line, "again")])).collect();
    let wanted: Counts = (expected["complain_again"]["groups"].as_array().unwrap().iter())
        .map(|group| (of(group), vec![group["cases"].as_u64().unwrap(), group["again"].as_u64().unwrap()]))
        .collect();
    assert!(wanted.values().any(|counts| counts[1] > 0));
    assert_eq!(found, wanted);

    // What a server keeps says the same.
    let server = Server::at(Path::new(store));
    server.data("mutation($d: String!) { defineAnalysis(definition: $d) { name state } }", json!({"d": AGAIN}));
    assert_eq!(served(&server, "feedback", ", by: [\"channel\"], bucket: \"month\"").len(), complaints.len());
    for (line, kept) in again.iter().zip(served(&server, "again", "")) {
        assert_eq!(
            (&line["group"], &line["figures"]["again"]["value"]),
            (&kept["group"], &json!(kept["figures"]["again"]["value"].as_f64().unwrap() as u64))
        );
    }
}

#[test]
fn olist_satisfaction_and_funnel_agree_with_another_programs_counts() {
    let Some(real) = data("olist") else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    for (rules, input) in [
        ("olist-orders.toml", "orders"),
        ("olist-reviews.toml", "order_reviews"),
        ("olist-leads.toml", "marketing_qualified_leads"),
        ("olist-deals.toml", "closed_deals"),
    ] {
        let file = real.join(format!("olist_{input}_dataset.csv.gz"));
        succeeds(&["import", "--data", store, "--mapping", &mapping(rules), file.to_str().unwrap()], b"");
    }
    let expected = reference("olist_analyses.py", &real, &[]);
    let months = counted(store, &["satisfaction", "--by", "none", "--bucket", "month"]);
    let wanted = expected["satisfaction"]["months"].as_array().unwrap();
    assert_eq!(months.len(), wanted.len());
    for (found, wanted) in months.iter().zip(wanted) {
        assert_eq!(&found["bucket"].as_str().unwrap()[..7], wanted["month"].as_str().unwrap());
        assert_eq!(figure(found, "responses"), wanted["responses"].as_u64().unwrap());
        for (ours, theirs) in [("csat", "csat"), ("mean", "mean")] {
            let (found, wanted) = (found["figures"][ours]["value"].as_f64().unwrap(), wanted[theirs].as_f64().unwrap());
            assert!((found - wanted).abs() < 1e-9, "{ours}: {found} and {wanted}");
        }
    }
    let funnel = counted(store, &["funnel", "--bucket", "all"]);
    let found: BTreeMap<String, (f64, f64)> = (funnel.iter())
        .map(|line| {
            let customers = &line["figures"]["customers"];
            (
                text(&line["group"]["stage"]),
                (customers["value"].as_f64().unwrap(), customers["error"].as_f64().unwrap()),
            )
        })
        .collect();
    for wanted in expected["funnel"]["total"].as_array().unwrap() {
        let ((found, error), wanted) = (found[&text(&wanted["stage"])], wanted["customers"].as_f64().unwrap());
        // Few are counted exactly; of many the standard error is told.
        assert!((found - wanted).abs() <= wanted * 4.0 * error, "{found} for {wanted}, error {error}");
    }
}

const WAITS: &str = "name = \"waits\"\nversion = 1\nover = \"contacts\"\ngroup_by = [\"channel\"]\n[measures]\nn = 'count()'\nwait = 'mean(wait_ms)'\n";

#[test]
fn a_change_of_an_analysis_is_compared_before_it_takes_over_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::at(folder.path());
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let define = "mutation($d: String!, $h: Boolean!) { defineAnalysis(definition: $d, hold: $h) { version state building { version state } } }";
    server.data(define, json!({"d": WAITS, "h": false}));
    let one = served(&server, "waits", "");
    assert!(!one.is_empty());
    let other = WAITS
        .replace("version = 1", "version = 2")
        .replace("mean(wait_ms)", "max(wait_ms)")
        .replace("'count()'", "'count()'\nanswered = 'count(answered)'");
    server.data(define, json!({"d": other, "h": true}));
    until(&server, "waits", |status| status["building"]["state"] == "ready");
    assert_eq!(served(&server, "waits", ""), one, "the old one answers");
    let diff = "{ analysisDiff(name: \"waits\", from: 1, to: 2) { same differing onlyFrom onlyTo cells { group measure from { value } to { value } } } }";
    let diff = server.data(diff, json!({}))["analysisDiff"].clone();
    let measures: std::collections::BTreeSet<&str> =
        diff["cells"].as_array().unwrap().iter().map(|cell| cell["measure"].as_str().unwrap()).collect();
    assert!(measures.contains("answered") && !measures.contains("n"), "{diff}");
    assert_eq!((diff["onlyFrom"].as_u64(), diff["onlyTo"].as_u64()), (Some(0), Some(one.len() as u64)));
    let serve = |version: u32| {
        let serve = "mutation($v: Int!) { serveAnalysis(name: \"waits\", version: $v) { version previous building { version state } } }";
        server.data(serve, json!({"v": version}))["serveAnalysis"].clone()
    };
    let ready = |version: u32| json!({"version": version, "state": "ready"});
    // What waits goes on waiting when what serves is asked for once more.
    server.data(define, json!({"d": WAITS, "h": true}));
    assert_eq!(serve(1), json!({"version": 1, "previous": null, "building": ready(2)}));
    assert_eq!(serve(2), json!({"version": 2, "previous": 1, "building": null}));
    assert!(served(&server, "waits", "").iter().all(|line| line["figures"]["answered"].is_object()));
    // So it does when one of before is brought back.
    server.data(define, json!({"d": other.replace("version = 2", "version = 3"), "h": true}));
    until(&server, "waits", |status| status["building"]["state"] == "ready");
    assert_eq!(serve(1), json!({"version": 1, "previous": 2, "building": ready(3)}));
    assert_eq!(served(&server, "waits", ""), one);
    // It is still there after a restart that nobody announced.
    drop(server);
    let server = Server::at(folder.path());
    assert_eq!(served(&server, "waits", ""), one);
    server.data("mutation { removeAnalysis(name: \"waits\") }", json!({}));
    assert_eq!(status_of(&server), Value::Null);
}

fn status_of(server: &Server) -> Value {
    status(server, "waits")
}

#[test]
fn what_does_not_fit_is_told_with_a_code_and_what_to_do() {
    let server = Server::new();
    let error = |query: &str, variables: Value| {
        let answer = server.graphql(query, variables);
        let error = answer["errors"][0].clone();
        assert!(error.is_object(), "{query}: {answer}");
        (text(&error["extensions"]["code"]), text(&error["message"]), text(&error["extensions"]["help"]))
    };
    let define = "mutation($d: String!) { defineAnalysis(definition: $d) { name } }";
    let (code, message, help) = error(
        define,
        json!({"d": "name = \"x\"\nover = \"contacts\"\nwhere = 'chanel == \"voice\"'\n[measures]\nn = 'count()'"}),
    );
    assert_eq!(code, "INVALID_INPUT");
    assert!(
        message.contains("line 3, column 10: where: `chanel` is no field") && help.contains("channel"),
        "{message} {help}"
    );
    until_live(&server, "contacts");
    for (query, code, told) in [
        (
            "{ analysis(name: \"contacts\", by: [\"chanel\"]) { version } }",
            "INVALID_INPUT",
            "does not group by `chanel`",
        ),
        ("{ analysis(name: \"contacts\", bucket: \"dya\") { version } }", "INVALID_INPUT", "`dya` is unknown"),
        (
            "{ analysis(name: \"resolution\", bucket: \"hour\") { version } }",
            "INVALID_INPUT",
            "cannot be brought together to `hour`",
        ),
        ("{ analysis(name: \"contacts\", version: 9) { version } }", "NOT_FOUND", "has no version 9"),
        ("{ analysis(name: \"contacts\", limit: -1) { version } }", "INVALID_INPUT", "limit: is -1"),
        ("{ analysis(name: \"contacts\", offset: -1) { version } }", "INVALID_INPUT", "offset: is -1"),
        ("{ analysis(name: \"contacts\", limit: 20000) { version } }", "INVALID_INPUT", "the limit is 10000"),
        (
            "{ analysis(name: \"contacts\", range: {from: \"2026-01-02T00:00:00Z\", to: \"2026-01-01T00:00:00Z\"}) { version } }",
            "INVALID_INPUT",
            "is not behind",
        ),
        ("mutation { removeAnalysis(name: \"contacts\") }", "CONFLICT", "comes with the store"),
        ("mutation { serveAnalysis(name: \"nope\", version: 1) { name } }", "NOT_FOUND", "there is no analysis `nope`"),
    ] {
        until_live(&server, "resolution");
        let (found, message, help) = error(query, json!({}));
        assert!(found == code && message.contains(told) && !help.is_empty(), "{query}: {found} {message} {help}");
    }
    let check =
        "query($d: String!) { checkAnalysis(definition: $d) { ok mistakes { line column place reason help } } }";
    let checked =
        server.data(check, json!({"d": "name = \"x\"\nover = \"cases\"\n[measures]\nn = 'cuont()'"}))["checkAnalysis"]
            .clone();
    assert_eq!((&checked["ok"], &checked["mistakes"][0]["line"]), (&json!(false), &json!(4)));
    assert_eq!(server.data("{ analysis(name: \"nope\") { version } }", json!({}))["analysis"], Value::Null);
    // No two columns of its CSV have one name, and it is not kept.
    let alike = WAITS.replace("\nn = ", "\nchannel = ");
    let (code, message, help) = error(define, json!({"d": alike}));
    assert!(
        code == "INVALID_INPUT"
            && message.contains("line 6, column 1: [measures] channel: the column `channel` of a CSV file"),
        "{code} {message} {help}"
    );
    let checked = server.data(check, json!({"d": alike}))["checkAnalysis"].clone();
    assert_eq!((&checked["ok"], &checked["mistakes"][0]["line"]), (&json!(false), &json!(6)));
    assert_eq!(status(&server, "waits"), Value::Null);
}

#[test]
fn an_analysis_that_was_taken_before_its_columns_were_looked_at_is_still_served() {
    let folder = tempfile::tempdir().unwrap();
    drop(Server::at(folder.path()));
    let own = folder.path().join("analyses");
    fs::create_dir_all(&own).unwrap();
    let alike = WAITS.replace("\nn = ", "\nchannel = ");
    for file in ["waits.toml", "waits@1.toml"] {
        fs::write(own.join(file), &alike).unwrap();
    }
    let server = Server::at(folder.path());
    until_live(&server, "waits");
    // The same text again is nothing new.
    let define = "mutation($d: String!) { defineAnalysis(definition: $d) { version } }";
    assert_eq!(server.data(define, json!({"d": alike}))["defineAnalysis"]["version"], 1);
}

#[test]
fn the_command_line_checks_shows_and_compares() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (store, old, new) = (path("store"), path("old.toml"), path("new.toml"));
    fs::write(folder.path().join("story.ndjson"), STORY).unwrap();
    succeeds(&["import", "--data", &store, &path("story.ndjson")], b"");
    fs::write(&old, WAITS).unwrap();
    fs::write(&new, WAITS.replace("mean(wait_ms)", "max(wait_ms + 1)").replace("version = 1", "version = 2")).unwrap();
    assert!(succeeds(&["analysis", "list"], b"").contains("first_contact_resolution"));
    assert!(succeeds(&["analysis", "show", "service"], b"").contains("service_level"));
    assert!(succeeds(&["analysis", "check", &old], b"").contains("`waits` version 1 is right: n, wait by channel"));
    let done = run(&["analysis", "diff", &old, &new, "--data", &store], b"");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.lines().all(|line| line.contains("wait ")) && !done.stdout.is_empty(), "{}", done.stdout);
    let csv = succeeds(&["analysis", "run", &old, "--csv", "--data", &store], b"");
    assert!(csv.starts_with("channel,n,wait,n_over,wait_over,provisional\n"), "{csv}");
    // What a server gives as CSV, the page too, is the same.
    let args = ["analysis", "run", "contacts", "--by", "channel", "--bucket", "month", "--csv", "--data", &store];
    let csv = succeeds(&args, b"");
    assert!(csv.starts_with("month,channel,") && csv.contains("\n2025-03,"), "{csv}");
    let server = Server::at(folder.path().join("store").as_path());
    until_live(&server, "contacts");
    let asked = "{ analysis(name: \"contacts\", by: [\"channel\"], bucket: \"month\") { csv } }";
    assert_eq!(server.data(asked, json!({}))["analysis"]["csv"], csv);
    drop(server);
    // What happened long ago is over, also where all of it is brought together.
    let done =
        run(&["analysis", "run", "repeat_contacts", "--by", "none", "--bucket", "all", "--csv", "--data", &store], b"");
    assert!(done.code == Some(0) && done.stdout.trim_end().ends_with(",false"), "{}{}", done.stdout, done.stderr);
    assert!(done.stderr.contains("1 line over "), "{}", done.stderr);
    fs::write(&new, WAITS.replace("\"channel\"", "\"dimensions.chanel\"")).unwrap();
    let done = run(&["analysis", "run", &new, "--data", &store], b"");
    assert!(done.code == Some(0) && done.stderr.contains("no row says anything of `chanel`"), "{}", done.stderr);
    let done = run(&["analysis", "diff", &old, &new, "--data", &store], b"");
    let told = "the one groups by channel, the other by chanel: they are compared by nothing";
    assert!(
        done.stderr.contains(told) && done.stderr.contains("figures that differ: 0; the same: "),
        "{}",
        done.stderr
    );
    // An own analysis of the store is known by its name, and takes the place of one that comes with the store.
    let own = folder.path().join("store/analyses");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("waits.toml"), WAITS).unwrap();
    let contacts = succeeds(&["analysis", "show", "contacts"], b"");
    fs::write(own.join("contacts.toml"), format!("{contacts}wait = 'mean(wait_ms)'\n")).unwrap();
    for (name, head) in [("waits", "channel,n,wait,"), ("contacts", "hour,channel,direction,contacts,customers,")] {
        let done = run(&["analysis", "run", name, "--csv", "--data", &store], b"");
        let columns = done.stdout.lines().next().unwrap_or_default();
        assert!(columns.starts_with(head) && columns.contains(",wait"), "{}{}", done.stdout, done.stderr);
    }
    // It keeps what pages read of that.
    fs::write(&new, WAITS.replace("\"waits\"", "\"contacts\"")).unwrap();
    let done = run(&["analysis", "check", &new], b"");
    let lacks = [
        "replacing: this takes the place of the store's `contacts`",
        "group_by `direction`",
        "[measures] `contacts`, `customers`",
        "bucket `hour`",
    ];
    assert!(done.code == Some(2) && lacks.iter().all(|told| done.stderr.contains(told)), "{}", done.stderr);
    let listed = succeeds(&["analysis", "list", "--data", &store], b"");
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names.iter().filter(|name| ["waits", "contacts"].contains(*name)).count(), 2, "{listed}");
    for (measure, told) in
        [("median(wait_ms)", "write percentile(x, 50)"), ("n", "`n` is no measure; one measure does not name another")]
    {
        fs::write(&new, WAITS.replace("mean(wait_ms)", measure)).unwrap();
        let done = run(&["analysis", "check", &new], b"");
        assert!(done.code == Some(2) && done.stderr.contains(told), "{}", done.stderr);
    }
    fs::write(&old, WAITS.replace("count()", "cuont()")).unwrap();
    let done = run(&["analysis", "check", &old], b"");
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("old.toml: line 6, column"), "{}", done.stderr);
    for (args, told) in [
        (
            vec!["analysis", "run", "contact", "--data", &store],
            "there is no file and no analysis `contact`; did you mean `contacts`",
        ),
        (
            vec!["analysis", "check", "resolutoin"],
            "there is no file and no analysis `resolutoin`; did you mean `resolution`",
        ),
        (
            vec!["analysis", "run", "contacts", "--bucket", "dya", "--from", "x", "--data", &store],
            "--from x: is no moment",
        ),
        (vec!["analysis", "run", "contacts", "--by", "chanel", "--data", &store], "does not group by `chanel`"),
    ] {
        let done = run(&args, b"");
        assert!(done.code == Some(2) && done.stderr.contains(told), "{args:?}: {:?} {}", done.code, done.stderr);
    }
}
