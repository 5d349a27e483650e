//! What can be asked of the load.

use std::path::PathBuf;

/// Everything that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    /// `host:port`; a store and a server of its own when `None`.
    pub(crate) host: Option<String>,
    pub(crate) seconds: u64,
    pub(crate) events_per_second: u64,
    pub(crate) batch: usize,
    pub(crate) senders: usize,
    pub(crate) connections: usize,
    /// Closed loop when `None`.
    pub(crate) queries_per_second: Option<u64>,
    pub(crate) query: String,
    pub(crate) customers: u64,
    /// The first customer that is asked for.
    pub(crate) from: u64,
    pub(crate) fill: u64,
    pub(crate) seed: u64,
    pub(crate) writers: Option<usize>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) yardstick: Option<String>,
}

const KNOWN: &str = "--url http://HOST:PORT, --seconds N, --events-per-second N, --batch N, --senders N, --connections N, \
    --queries-per-second N, --closed-loop, --query context|panel, --customers N, --from N, --fill N, --seed N, --writers N, --file FILE, \
    --yardstick HOST:PORT";

impl Arguments {
    /// Reads them. Without any, a small load of two seconds.
    pub(crate) fn read(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            host: None,
            seconds: 2,
            events_per_second: 1_000,
            batch: 50,
            senders: 4,
            connections: 4,
            queries_per_second: Some(200),
            query: "context".into(),
            customers: 200,
            from: 0,
            fill: 0,
            seed: novelo::event::Micros::now().0.unsigned_abs(),
            writers: None,
            file: None,
            yardstick: None,
        };
        while let Some(name) = given.next() {
            if name == "--closed-loop" {
                read.queries_per_second = None;
                continue;
            }
            let value = given.next().ok_or_else(|| format!("{name} needs a value; there are {KNOWN}"))?;
            let number = || value.parse::<u64>().map_err(|_| format!("{name} takes a whole number, not `{value}`"));
            match name.as_str() {
                "--url" => read.host = Some(value.trim_start_matches("http://").trim_end_matches('/').to_owned()),
                "--seconds" => read.seconds = number()?.max(1),
                "--events-per-second" => read.events_per_second = number()?,
                "--batch" => read.batch = number()?.clamp(1, 10_000) as usize,
                "--senders" => read.senders = number()?.max(1) as usize,
                "--connections" => read.connections = number()? as usize,
                "--queries-per-second" => read.queries_per_second = Some(number()?.max(1)),
                "--query" => read.query = value,
                "--customers" => read.customers = number()?.max(1),
                "--from" => read.from = number()?,
                "--fill" => read.fill = number()?,
                "--seed" => read.seed = number()?,
                "--writers" => read.writers = Some(number()?.max(1) as usize),
                "--file" => read.file = Some(value.into()),
                "--yardstick" => read.yardstick = Some(value),
                _ => return Err(format!("`{name}` is not known; there are {KNOWN}")),
            }
        }
        Ok(read)
    }
}
