//! The configuration: defaults, then a file, then the environment, then flags. All mistakes are reported at once.

mod gathered;
mod reading;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::args::Args;
use crate::http::{Limits, Origins};
use gathered::Gathered;

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

impl Config {
    /// Gathers the configuration of this process, and all its mistakes; what is wrong has its usual value.
    pub(super) fn gather(args: &Args) -> (Self, Mistakes) {
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
