use clap::Parser;

use super::*;

fn gather(file: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Result<Config, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("novelo.toml");
    std::fs::write(&path, file).unwrap();
    let mut gathered = Gathered::default();
    gathered.add_file(&path);
    let variables: Vec<_> = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    gathered.add_environment(&variables);
    gathered.add_flags(&Args::try_parse_from([&["novelo"], arguments].concat()).unwrap());
    let (config, mistakes) = gathered.read();
    if mistakes.0.is_empty() {
        return Ok(config);
    }
    let shown = path.display().to_string();
    Err(Mistakes(mistakes.0.iter().map(|line| line.replace(&shown, "novelo.toml")).collect()))
}

#[test]
fn a_variable_that_is_like_no_setting_is_answered_with_all_of_them() {
    let mistakes = gather("", &[("NOVELO_FOO", "1"), ("NOVELO_LISTN", "x")], &["serve"]).unwrap_err().0;
    assert!(
        mistakes[0].starts_with("NOVELO_FOO is no setting; use one of: NOVELO_DATA, NOVELO_ARCHIVE, "),
        "{mistakes:?}"
    );
    assert_eq!(mistakes[1], "NOVELO_LISTN is no setting; did you mean `NOVELO_LISTEN`?");
}

#[test]
fn a_master_key_that_is_none_is_told_beside_other_mistakes_and_not_repeated() {
    let mistakes = gather("answer_days = 0", &[("NOVELO_MASTER_KEY", "xyz")], &["serve"]).unwrap_err().0;
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(mistakes.iter().any(|told| told.starts_with("NOVELO_MASTER_KEY: ")) && !mistakes.concat().contains("xyz"));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = "data = \"a\"\nlisten = \"127.0.0.1:1\"\nanswer_days = 5";
    let config = gather(file, &[("NOVELO_DATA", "b"), ("NOVELO_LISTEN", "127.0.0.1:2")], &["serve", "--data", "c"]);
    let config = config.unwrap();
    assert_eq!(config.data, Some("c".into()));
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.answer_days, Some(5));
}

#[test]
fn origins_are_a_list_in_a_file_and_a_text_in_the_environment() {
    let file = "panel_origins = [\"https://crm.example.com\", \"http://localhost:3000\"]";
    let config = gather(file, &[], &["serve"]).unwrap();
    assert_eq!(config.panel_origins.to_string(), "https://crm.example.com http://localhost:3000");
    let variables = [("NOVELO_PANEL_ORIGINS", "https://desk.example.com")];
    assert_eq!(gather(file, &variables, &["serve"]).unwrap().panel_origins.to_string(), "https://desk.example.com");
    assert_eq!(gather("", &[], &["serve"]).unwrap().panel_origins, Origins::default());
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let file = "lisen = \"x\"\nanswer_days = 0\nmaster_key = \"00\"\ndata = true\narchive = 5\npanel_origins = [\"http://crm.example.com\"]";
    let variables = [("NOVELO_DATTA", "b"), ("NOVELO_TIME_ZONE", "Brazil/Nowhere"), ("NOVELO_LOG_FORMAT", "xml")];
    let mistakes = gather(file, &variables, &["serve", "--listen", "here"]).unwrap_err();
    let expected = [
        "novelo.toml: `data` is of type boolean; it is the data folder",
        "novelo.toml: `lisen` is no setting; did you mean `listen`?",
        "novelo.toml: `master_key` is a secret; set NOVELO_MASTER_KEY or master_key_file",
        "NOVELO_DATTA is no setting; did you mean `NOVELO_DATA`?",
        "--listen: `here` is no address with a port; it is where to listen, such as 127.0.0.1:8080",
        "NOVELO_TIME_ZONE: `Brazil/Nowhere` is no time zone of the IANA database; it is the customers' time zone, such as America/Sao_Paulo",
        "novelo.toml: answer_days: 0 is not from 1 to 3650; it is days within which a message of ours counts as answered (7)",
        "novelo.toml: `archive` is of type integer; it is a folder that keeps every event as well, best on another disk",
        "NOVELO_LOG_FORMAT: `xml` is no format; it is text or json",
        "novelo.toml: panel_origins: `http://crm.example.com` is neither https nor http on this machine; it is a list of origins whose pages may embed the panel, such as https://crm.example.com",
    ];
    let mut found = mistakes.0.clone();
    found.sort();
    let mut expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(found, expected);
}
