//! Everything that can be set, by name.

/// One setting: its name in the file; `NOVELO_` and the name in capitals in the environment.
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// May it stand in a file? A secret may not.
    pub(super) in_file: bool,
}

pub(super) const SETTINGS: &[Setting] = &[
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

impl Setting {
    /// The setting with a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Its name in the environment.
    pub(super) fn variable(&self) -> String {
        format!("NOVELO_{}", self.name.to_uppercase())
    }

    /// Whether it may have several values.
    pub(super) fn is_list(&self) -> bool {
        LISTS.contains(&self.name)
    }
}
