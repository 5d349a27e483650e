//! The log of the process, on standard error.

use tracing_subscriber::EnvFilter;

use super::config::{Config, LogFormat};

/// Starts logging; once per process.
pub(super) fn start(config: &Config) {
    // The storage engines' own chatter below warnings is of no use to an operator.
    let filter = EnvFilter::new(format!("{},fjall=warn,lsm_tree=warn,sled=warn", config.log_level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match config.log_format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // Somebody who embeds the command line may have started a log before.
    drop(started);
}
