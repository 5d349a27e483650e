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
