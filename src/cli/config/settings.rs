//! Everything that can be set, by name.

/// One setting: its name in the file; `NOVELO_` and the name in capitals in the environment.
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: Kind,
}

/// What its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, a path, a word.
    Text,
    /// A whole number.
    Number,
    /// Several texts: in a file also as an array.
    List,
    /// What may not stand in a file.
    Secret,
}

pub(super) const SETTINGS: &[Setting] = &[
    Setting { name: "data", about: "the data folder", kind: Kind::Text },
    Setting {
        name: "archive",
        about: "a folder that keeps every event as well, best on another disk",
        kind: Kind::Text,
    },
    Setting { name: "listen", about: "where to listen, such as 127.0.0.1:8080", kind: Kind::Text },
    Setting { name: "master_key_file", about: "the file of the master key", kind: Kind::Text },
    Setting { name: "master_key", about: "the master key itself, 64 hexadecimal digits", kind: Kind::Secret },
    Setting { name: "identity_rules", about: "a file of identity rules (TOML)", kind: Kind::Text },
    Setting { name: "playbook", about: "a file of advice to agents (TOML)", kind: Kind::Text },
    Setting { name: "time_zone", about: "the customers' time zone, such as America/Sao_Paulo", kind: Kind::Text },
    Setting {
        name: "answer_days",
        about: "days within which a message of ours counts as answered (7)",
        kind: Kind::Number,
    },
    Setting { name: "views_cache_mb", about: "megabytes of view blocks kept in memory", kind: Kind::Number },
    Setting {
        name: "customers_cache_mb",
        about: "megabytes of what was read of customers kept in memory (96)",
        kind: Kind::Number,
    },
    Setting {
        name: "checkpoint_events",
        about: "events after which a checkpoint is signed (100000)",
        kind: Kind::Number,
    },
    Setting { name: "queue_mb", about: "megabytes of events that may wait to be stored (64)", kind: Kind::Number },
    Setting { name: "max_connections", about: "connections that may be open at once (2048)", kind: Kind::Number },
    Setting { name: "max_queries", about: "queries that are carried out at once (256)", kind: Kind::Number },
    Setting { name: "max_subscriptions", about: "subscriptions that may be open at once (4096)", kind: Kind::Number },
    Setting {
        name: "idle_timeout_s",
        about: "seconds after which an idle connection is closed (60)",
        kind: Kind::Number,
    },
    Setting { name: "body_timeout_s", about: "seconds that a slow request is waited for (30)", kind: Kind::Number },
    Setting { name: "query_timeout_s", about: "seconds that a query may take (30)", kind: Kind::Number },
    Setting {
        name: "subscriber_timeout_s",
        about: "seconds that a subscriber may leave what was sent unread (10)",
        kind: Kind::Number,
    },
    Setting {
        name: "stop_timeout_s",
        about: "seconds that requests have to end when it stops (20)",
        kind: Kind::Number,
    },
    Setting {
        name: "panel_origins",
        about: "a list of origins whose pages may embed the panel, such as https://crm.example.com",
        kind: Kind::List,
    },
    Setting { name: "log_level", about: "error, warn, info, debug or trace", kind: Kind::Text },
    Setting { name: "log_format", about: "text or json", kind: Kind::Text },
];

impl Setting {
    /// The setting with a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Its name in the environment.
    pub(super) fn variable(&self) -> String {
        format!("NOVELO_{}", self.name.to_uppercase())
    }
}
