//! Settings and arguments that do not fit.

use crate::program::{run, run_in};

#[test]
fn all_mistakes_of_a_configuration_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = "lisen = \"x\"\nanswer_days = 0\nmaster_key = \"00\"\ndata = true\n";
    std::fs::write(folder.path().join("novelo.toml"), file).unwrap();
    let variables = [("NOVELO_DATTA", "b"), ("NOVELO_TIME_ZONE", "Brazil/Nowhere"), ("NOVELO_LOG_FORMAT", "xml")];
    let arguments = ["serve", "--config", "novelo.toml", "--listen", "here", "--log-level", "loud"];
    let done = run_in(folder.path(), &variables, &arguments, b"");
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    let mut told: Vec<&str> = done.stderr.lines().collect();
    told.sort_unstable();
    let expected = [
        "novelo: --listen: `here` is no address with a port; it is where to listen, such as 127.0.0.1:8080",
        "novelo: --log-level: `loud` is no level; it is error, warn, info, debug or trace",
        "novelo: NOVELO_DATTA is no setting; did you mean `NOVELO_DATA`?",
        "novelo: NOVELO_LOG_FORMAT: `xml` is no format; it is text or json",
        "novelo: NOVELO_TIME_ZONE: `Brazil/Nowhere` is no time zone of the IANA database; it is the customers' time zone, such as America/Sao_Paulo",
        "novelo: novelo.toml: `data` is of type boolean; it is the data folder",
        "novelo: novelo.toml: `lisen` is no setting; did you mean `listen`?",
        "novelo: novelo.toml: `master_key` is a secret; set NOVELO_MASTER_KEY or master_key_file",
        "novelo: novelo.toml: answer_days: 0 is not from 1 to 3650; it is days within which a message of ours counts as answered (7)",
    ];
    assert_eq!(told, expected);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["novelo.toml"], "nothing is made");
}

#[test]
fn a_wrong_argument_is_answered_with_the_right_one() {
    for (arguments, parts) in [
        (&["serve", "--lisen", "x"][..], ["unexpected argument '--lisen'", "'--listen'"]),
        (&["servv"], ["unrecognized subcommand 'servv'", "'serve'"]),
        (&["serve"], ["there is no data folder", "--data DIR or NOVELO_DATA"]),
        (&["export", "--data", "d", "--from", "x"], ["invalid value 'x' for '--from <POSITION>'", "invalid digit"]),
    ] {
        let done = run(arguments, b"");
        assert_eq!(done.code, Some(2), "{arguments:?}");
        super::holds(&done.stderr, &parts);
    }
}

#[test]
fn a_command_asked_for_json_tells_its_mistakes_in_json() {
    let done = run(&["serve", "--json", "--listen", "here"], b"");
    assert_eq!(done.code, Some(2));
    let answer: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    super::holds(answer["error"][0].as_str().unwrap(), &["--listen: `here` is no address"]);
}

#[test]
fn what_serve_would_refuse_is_told_beside_the_mistakes_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = "answer_days = 0\nplaybook = \"none.toml\"\nidentity_rules = \"no.toml\"\nlisten = \"0.0.0.0:80\"";
    std::fs::write(folder.path().join("novelo.toml"), file).unwrap();
    let arguments = ["serve", "--data", "d", "--config", "novelo.toml"];
    let done = run_in(folder.path(), &[("NOVELO_MASTER_KEY", "xyz")], &arguments, b"");
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    let parts = [
        "answer_days: 0 is not from",
        "NOVELO_MASTER_KEY: is no key",
        "playbook: none.toml",
        "identity_rules: no.toml",
        "0.0.0.0:80 is not a loopback address",
    ];
    super::holds(&done.stderr, &parts);
    assert!(!done.stderr.contains("xyz") && !folder.path().join("d").exists(), "{}", done.stderr);
    // The key beside what only `serve` finds out.
    std::fs::write(folder.path().join("novelo.toml"), "playbook = \"none.toml\"").unwrap();
    let done = run_in(folder.path(), &[("NOVELO_MASTER_KEY", "xyz")], &arguments, b"");
    super::holds(&done.stderr, &["NOVELO_MASTER_KEY: is no key", "playbook: none.toml"]);
}

#[test]
fn a_folder_of_other_things_does_not_become_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let papers = folder.path().join("papers");
    std::fs::create_dir_all(papers.join("log")).unwrap();
    std::fs::write(papers.join("letter.txt"), "x").unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0", "--data", "papers"][..], &["import", "--data", "papers", "-"]]
    {
        let done = run_in(folder.path(), &[], command, b"");
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        super::holds(&done.stderr, &["papers holds other things, such as letter.txt, and no store", "an empty folder"]);
    }
    assert_eq!(std::fs::read_dir(&papers).unwrap().count(), 2, "nothing is made");
    // A disk's own, what is hidden, and settings that were put there are no other things.
    std::fs::create_dir_all(folder.path().join("disk/lost+found")).unwrap();
    std::fs::write(folder.path().join("disk/.hidden"), "x").unwrap();
    std::fs::write(folder.path().join("disk/novelo.toml"), "").unwrap();
    let done = run_in(folder.path(), &[], &["import", "--data", "disk", "-"], b"");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[test]
fn an_archive_or_a_backup_in_a_file_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    for command in [
        &["serve", "--listen", "127.0.0.1:0", "--data", "d", "--archive", "letter.txt"][..],
        &["backup", "letter.txt", "--data", "d"],
    ] {
        let done = run_in(folder.path(), &[], command, b"");
        assert_eq!(done.code, Some(2), "{}", done.stderr);
        super::holds(&done.stderr, &["letter.txt is no folder", "name a folder, or one that is not there yet"]);
    }
    assert!(!folder.path().join("d").exists(), "nothing is made");
}

#[test]
fn an_export_writes_over_a_file_only_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| run_in(folder.path(), &[], arguments, b"");
    assert_eq!(run(&["import", "--data", "d", "-"]).code, Some(0));
    let file = folder.path().join("out.ndjson");
    std::fs::write(&file, "dear").unwrap();
    let done = run(&["export", "--data", "d", "-o", "out.ndjson"]);
    assert_eq!(done.code, Some(2));
    super::holds(&done.stderr, &["out.ndjson is there already", "--force"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "dear");
    assert_eq!(run(&["export", "--data", "d", "-o", "out.ndjson", "--force"]).code, Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "");
    assert_eq!(run(&["export", "--data", "d", "-o", "/dev/null"]).code, Some(0));
}

#[test]
fn an_analysis_in_another_encoding_is_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), b"title = \"Solu\xe7\xe3o\"").unwrap();
    let done = run_in(folder.path(), &[], &["analysis", "check", "a.toml"], b"");
    super::holds(&done.stderr, &["a.toml: it is no text in UTF-8; save it in that encoding"]);
}
