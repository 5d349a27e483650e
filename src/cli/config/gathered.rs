//! What was set, and where: in a file, in the environment, by a flag. The later take the place of the earlier.

use std::collections::BTreeMap;

use super::settings::{Kind, SETTINGS, Setting};
use crate::cli::args::{Args, Command, RepairArgs, ServeArgs};
use crate::event::{did_you_mean, nearest};

/// Where a value came from.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) value: String,
    pub(super) origin: String,
}

/// Values by setting; a later source takes the place of an earlier one.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) values: BTreeMap<&'static str, Given>,
    pub(super) mistakes: Vec<String>,
}

impl Gathered {
    fn put(&mut self, name: &'static str, value: String, origin: String) {
        self.values.insert(name, Given { value, origin });
    }

    pub(super) fn add_file(&mut self, path: &std::path::Path) {
        let shown = path.display();
        let table: toml::Table = match std::fs::read_to_string(path)
            .map_err(|e| e.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|problem| problem.to_string()))
        {
            Ok(table) => table,
            Err(problem) => return self.mistakes.push(format!("{shown}: {problem}")),
        };
        for (key, value) in table {
            let known: Vec<&str> = SETTINGS.iter().filter(|s| s.kind != Kind::Secret).map(|s| s.name).collect();
            let Some(setting) = Setting::named(&key) else {
                self.mistakes.push(format!("{shown}: `{key}` is no setting; {}", did_you_mean(&key, &known)));
                continue;
            };
            if setting.kind == Kind::Secret {
                self.mistakes.push(format!("{shown}: `{key}` is a secret; set NOVELO_MASTER_KEY or master_key_file"));
                continue;
            }
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) if setting.kind == Kind::Number => number.to_string(),
                toml::Value::Array(items) if setting.kind == Kind::List && items.iter().all(toml::Value::is_str) => {
                    joined(&items)
                }
                other @ (toml::Value::Integer(_)
                | toml::Value::Float(_)
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

    pub(super) fn add_environment(&mut self, variables: &[(String, String)]) {
        for (name, value) in variables {
            match SETTINGS.iter().find(|setting| setting.variable() == *name) {
                Some(setting) => self.put(setting.name, value.clone(), name.clone()),
                None if name == "NOVELO_CONFIG" => {}
                None => self.mistakes.push(format!("{name} is no setting; {}", variable_for(name))),
            }
        }
    }

    pub(super) fn add_flags(&mut self, args: &Args) {
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
            | Command::Analysis(_)
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
}

/// What to do about a variable that is no setting. What all of them begin with makes none more alike.
fn variable_for(given: &str) -> String {
    let own = |name: &str| name.trim_start_matches("NOVELO_").to_owned();
    let known: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
    let bare: Vec<String> = known.iter().map(|name| own(name)).collect();
    match nearest(&own(given), bare.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `NOVELO_{name}`?"),
        None => format!("use one of: {}", known.join(", ")),
    }
}

fn joined(items: &[toml::Value]) -> String {
    items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
}
