//! The configuration: defaults, then a file, then the environment, then flags. All mistakes are reported at once.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::args::{Args, Command, RepairArgs, ServeArgs};
use crate::event::did_you_mean;
use crate::http::{Limits, Origins};

/// One setting: its name in the file; `NOVELO_` and the name in capitals in the environment.
struct Setting {
    name: &'static str,
    about: &'static str,
    /// May it stand in a file? A secret may not.
    in_file: bool,
}

const SETTINGS: &[Setting] = &[
    Setting { name: "data", about: "the data folder", in_file: true },
    Setting { name: "archive", about: "a folder that keeps every event as well, best on another disk", in_file: true },
    Setting { name: "listen", about: "where to listen, such as 127.0.0.1:8080", in_file: true },
    Setting { name: "master_key_file", about: "the file of the master key", in_file: true },
    Setting { name: "master_key", about: "the master key itself, 64 hexadecimal digits", in_file: false },
    Setting { name: "identity_rules", about: "a file of identity rules (TOML)", in_file: true },
    Setting { name: "playbook", about: "a file of advice to agents (TOML)", in_file: true },
    Setting { name: "time_zone", about: "the customers' time zone, such as America/Sao_Paulo", in_file: true },
    Setting { name: "answer_days", about: "days within which a message of ours counts as answered (7)", in_file: true },
    Setting { name: "views_cache_mb", about: "megabytes of view blocks kept in memory", in_file: true },
    Setting {
        name: "customers_cache_mb",
        about: "megabytes of what was read of customers kept in memory (96)",
        in_file: true,
    },
    Setting { name: "checkpoint_events", about: "events after which a checkpoint is signed (100000)", in_file: true },
    Setting { name: "queue_mb", about: "megabytes of events that may wait to be stored (64)", in_file: true },
    Setting { name: "max_connections", about: "connections that may be open at once (2048)", in_file: true },
    Setting { name: "max_queries", about: "queries that are carried out at once (256)", in_file: true },
    Setting { name: "max_subscriptions", about: "subscriptions that may be open at once (4096)", in_file: true },
    Setting { name: "idle_timeout_s", about: "seconds after which an idle connection is closed (60)", in_file: true },
    Setting { name: "body_timeout_s", about: "seconds that a slow request is waited for (30)", in_file: true },
    Setting { name: "query_timeout_s", about: "seconds that a query may take (30)", in_file: true },
    Setting {
        name: "subscriber_timeout_s",
        about: "seconds that a subscriber may leave what was sent unread (10)",
        in_file: true,
    },
    Setting { name: "stop_timeout_s", about: "seconds that requests have to end when it stops (20)", in_file: true },
    Setting {
        name: "panel_origins",
        about: "a list of origins whose pages may embed the panel, such as https://crm.example.com",
        in_file: true,
    },
    Setting { name: "log_level", about: "error, warn, info, debug or trace", in_file: true },
    Setting { name: "log_format", about: "text or json", in_file: true },
];

/// Settings that may have several values: in a file also as an array of texts.
const LISTS: &[&str] = &["panel_origins"];

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Everything that can be set.
#[derive(Clone)]
pub struct Config {
    /// The data folder, where one was named.
    pub data: Option<PathBuf>,
    /// A folder that keeps every committed chunk as well.
    pub archive: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The file of the master key; `DATA/master.key` when `None`.
    pub master_key_file: Option<PathBuf>,
    /// The master key itself.
    pub master_key: Option<String>,
    /// A file of identity rules.
    pub identity_rules: Option<PathBuf>,
    /// A file of advice to agents.
    pub playbook: Option<PathBuf>,
    /// The customers' time zone.
    pub time_zone: Option<String>,
    /// Days within which a message of ours counts as answered.
    pub answer_days: Option<u32>,
    /// Megabytes of view blocks kept in memory.
    pub views_cache_mb: u64,
    /// Megabytes of what was read of customers kept in memory.
    pub customers_cache_mb: u64,
    /// Events after which a checkpoint is signed.
    pub checkpoint_events: u64,
    /// Megabytes of events that may wait to be stored.
    pub queue_mb: usize,
    /// How much the server takes on at once.
    pub limits: Limits,
    /// Whose pages may embed the panel.
    pub panel_origins: Origins,
    /// How much to log.
    pub log_level: tracing::Level,
    /// How logs are written.
    pub log_format: LogFormat,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("data", &self.data).field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// Where a value came from.
#[derive(Clone, Debug)]
struct Given {
    value: String,
    origin: String,
}

/// Values by setting; a later source takes the place of an earlier one.
#[derive(Debug, Default)]
struct Gathered {
    values: BTreeMap<&'static str, Given>,
    mistakes: Vec<String>,
}

impl Config {
    /// Gathers the configuration of this process.
    ///
    /// # Errors
    /// [`Mistakes`] lists all of them.
    pub(super) fn gather(args: &Args) -> Result<Self, Mistakes> {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let mut gathered = Gathered::default();
        let variables: Vec<(String, String)> = variables.filter(|(name, _)| name.starts_with("NOVELO_")).collect();
        let from_environment = variables.iter().find(|(name, _)| name == "NOVELO_CONFIG");
        let file = args.config.clone().or_else(|| from_environment.map(|(_, path)| path.into()));
        if let Some(path) = file {
            gathered.add_file(&path);
        }
        gathered.add_environment(&variables);
        gathered.add_flags(args);
        gathered.read()
    }
}

impl Gathered {
    fn put(&mut self, name: &'static str, value: String, origin: String) {
        self.values.insert(name, Given { value, origin });
    }

    fn add_file(&mut self, path: &std::path::Path) {
        let shown = path.display();
        let table: toml::Table = match std::fs::read_to_string(path)
            .map_err(|e| e.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|problem| problem.to_string()))
        {
            Ok(table) => table,
            Err(problem) => return self.mistakes.push(format!("{shown}: {problem}")),
        };
        for (key, value) in table {
            let known: Vec<&str> = SETTINGS.iter().filter(|s| s.in_file).map(|s| s.name).collect();
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
                self.mistakes.push(format!("{shown}: `{key}` is no setting; {}", did_you_mean(&key, &known)));
                continue;
            };
            if !setting.in_file {
                self.mistakes.push(format!("{shown}: `{key}` is a secret; set NOVELO_MASTER_KEY or master_key_file"));
                continue;
            }
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Array(items) if is_list(setting, &items) => joined(&items),
                other @ (toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_)
                | toml::Value::Table(_)) => {
                    let kind = other.type_str();
                    self.mistakes.push(format!("{shown}: `{key}` is of type {kind}; it is {}", setting.about));
                    continue;
                }
            };
            self.put(setting.name, value, format!("{shown}: {key}"));
        }
    }

    fn add_environment(&mut self, variables: &[(String, String)]) {
        let known: Vec<String> = SETTINGS.iter().map(|setting| variable(setting.name)).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        for (name, value) in variables {
            match SETTINGS.iter().find(|setting| variable(setting.name) == *name) {
                Some(setting) => self.put(setting.name, value.clone(), name.clone()),
                None if name == "NOVELO_CONFIG" => {}
                None => self.mistakes.push(format!("{name} is no setting; {}", did_you_mean(name, &known))),
            }
        }
    }

    fn add_flags(&mut self, args: &Args) {
        if let Some(data) = &args.data {
            self.put("data", data.display().to_string(), "--data".into());
        }
        if let Some(level) = &args.log_level {
            self.put("log_level", level.clone(), "--log-level".into());
        }
        let listen = match &args.command {
            Command::Serve(command) => command.listen.as_ref(),
            Command::Demo(command) => command.listen.as_ref(),
            Command::Import(_)
            | Command::Export(_)
            | Command::Replay(_)
            | Command::Repair(_)
            | Command::Verify(_)
            | Command::Backup(_)
            | Command::BackupKeys(_)
            | Command::Restore(_)
            | Command::Checkpoint(_)
            | Command::Prove(_)
            | Command::Schema(_)
            | Command::Completions(_) => None,
        };
        if let Command::Serve(ServeArgs { archive: Some(archive), .. })
        | Command::Repair(RepairArgs { archive: Some(archive), .. }) = &args.command
        {
            self.put("archive", archive.display().to_string(), "--archive".into());
        }
        if let Some(listen) = listen {
            self.put("listen", listen.clone(), "--listen".into());
        }
    }

    /// Takes one setting and reads it.
    fn take<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let given = self.values.remove(name)?;
        match parse(given.value.trim()) {
            Ok(value) => Some(value),
            Err(reason) => {
                let about = SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.about);
                self.mistakes.push(format!("{}: {reason}; it is {about}", given.origin));
                None
            }
        }
    }

    /// The limits of the server. Bodies may take twice the memory of what waits to be stored, and two of the largest fit.
    fn limits(&mut self, queue_mb: usize) -> Limits {
        let usual = Limits::default();
        let mut seconds = |name, usual| {
            let given = self.take(name, |text| number(text, 1, 3_600));
            given.map_or(usual, Duration::from_secs)
        };
        let idle = seconds("idle_timeout_s", usual.idle);
        let body = seconds("body_timeout_s", usual.body);
        let query = seconds("query_timeout_s", usual.query);
        let subscriber = seconds("subscriber_timeout_s", usual.subscriber);
        let stop = seconds("stop_timeout_s", usual.stop);
        let mut count = |name, usual| self.take(name, |text| number(text, 1, 1_000_000)).map_or(usual, |n| n as usize);
        let connections = count("max_connections", usual.connections);
        let queries = count("max_queries", usual.queries);
        let subscriptions = count("max_subscriptions", usual.subscriptions);
        let body_memory_bytes = (2 * queue_mb).max(64) << 20;
        Limits { connections, queries, subscriptions, body_memory_bytes, idle, body, query, subscriber, stop }
    }

    fn read(mut self) -> Result<Config, Mistakes> {
        let queue_mb = self.take("queue_mb", |text| number(text, 1, 1 << 20)).unwrap_or(64) as usize;
        let limits = self.limits(queue_mb);
        let config = Config {
            data: self.take("data", path),
            archive: self.take("archive", path),
            listen: self.take("listen", address).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            master_key_file: self.take("master_key_file", path),
            master_key: self.take("master_key", |text| Ok(text.to_owned())),
            identity_rules: self.take("identity_rules", path),
            playbook: self.take("playbook", path),
            time_zone: self.take("time_zone", time_zone),
            answer_days: self.take("answer_days", |text| number(text, 1, 3650)).map(|days| days as u32),
            views_cache_mb: self.take("views_cache_mb", |text| number(text, 8, 1 << 20)).unwrap_or(32),
            customers_cache_mb: self.take("customers_cache_mb", |text| number(text, 1, 1 << 20)).unwrap_or(96),
            checkpoint_events: self.take("checkpoint_events", |text| number(text, 1, 1 << 40)).unwrap_or(100_000),
            queue_mb,
            limits,
            panel_origins: self.take("panel_origins", origins).unwrap_or_default(),
            log_level: self.take("log_level", level).unwrap_or(tracing::Level::INFO),
            log_format: self.take("log_format", log_format).unwrap_or(LogFormat::Text),
        };
        if config.master_key.is_some() && config.master_key_file.is_some() {
            self.mistakes.push("NOVELO_MASTER_KEY stands beside master_key_file; keep one of them".into());
        }
        if self.mistakes.is_empty() { Ok(config) } else { Err(Mistakes(self.mistakes)) }
    }
}

fn variable(setting: &str) -> String {
    format!("NOVELO_{}", setting.to_uppercase())
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is empty".into()) } else { Ok(text.into()) }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is no address with a port"))
}

/// Whether an array is the value of a setting that may have several, each a text.
fn is_list(setting: &Setting, items: &[toml::Value]) -> bool {
    LISTS.contains(&setting.name) && items.iter().all(toml::Value::is_str)
}

fn joined(items: &[toml::Value]) -> String {
    items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
}

fn origins(text: &str) -> Result<Origins, String> {
    Origins::parse(text).map_err(|problem| problem.to_string())
}

fn time_zone(text: &str) -> Result<String, String> {
    match jiff::tz::TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!("`{text}` is no time zone of the IANA database")),
    }
}

fn number(text: &str, low: u64, high: u64) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        Ok(number) => Err(format!("{number} is not from {low} to {high}")),
        Err(_) => Err(format!("`{text}` is no whole number")),
    }
}

fn level(text: &str) -> Result<tracing::Level, String> {
    text.parse().map_err(|_| format!("`{text}` is no level"))
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` is no format")),
    }
}

#[cfg(test)]
mod tests {
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
        gathered.read().map_err(|mistakes| {
            let shown = path.display().to_string();
            Mistakes(mistakes.0.iter().map(|line| line.replace(&shown, "novelo.toml")).collect())
        })
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
        let file = "lisen = \"x\"\nanswer_days = 0\nmaster_key = \"00\"\ndata = true\npanel_origins = [\"http://crm.example.com\"]";
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
            "NOVELO_LOG_FORMAT: `xml` is no format; it is text or json",
            "novelo.toml: panel_origins: `http://crm.example.com` is neither https nor http on this machine; it is a list of origins whose pages may embed the panel, such as https://crm.example.com",
        ];
        let mut found = mistakes.0.clone();
        found.sort();
        let mut expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(found, expected);
    }
}
