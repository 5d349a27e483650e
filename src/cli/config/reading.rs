//! From texts to settings that fit.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::gathered::Gathered;
use super::settings::Setting;
use super::{Config, LogFormat, Mistakes};
use crate::http::{Limits, Origins};
use crate::vault::MasterKey;

impl Gathered {
    /// Takes one setting and reads it.
    fn take<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let given = self.values.remove(name)?;
        match parse(given.value.trim()) {
            Ok(value) => Some(value),
            Err(reason) => {
                let about = Setting::named(name).map_or("", |setting| setting.about);
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

    /// The configuration, with what is usual in place of what is wrong, and all that is wrong.
    pub(super) fn read(mut self) -> (Config, Mistakes) {
        let queue_mb = self.take("queue_mb", |text| number(text, 1, 1 << 20)).unwrap_or(64) as usize;
        let limits = self.limits(queue_mb);
        let config = Config {
            data: self.take("data", path),
            archive: self.take("archive", path),
            listen: self.take("listen", address).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            master_key_file: self.take("master_key_file", path),
            master_key: self.take("master_key", master_key),
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
        (config, Mistakes(self.mistakes))
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is empty".into()) } else { Ok(text.into()) }
}

/// Only whether it is a key: what it is, is not repeated.
fn master_key(text: &str) -> Result<String, String> {
    MasterKey::from_text(text).map(|_| text.to_owned()).map_err(|_| "is no key".to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is no address with a port"))
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
