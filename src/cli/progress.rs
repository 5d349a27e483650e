//! Progress on anything longer than a second, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error; nothing where that is no terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many units.
    pub(super) fn bar(what: &str, length: u64, unit: &str) -> Self {
        let template = match unit {
            "bytes" => "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            _ => "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
        };
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(4));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Self(bar)
    }

    /// So far, of so much.
    pub(super) fn at(&self, position: u64, length: u64) {
        self.0.set_length(length);
        self.0.set_position(position);
    }

    /// So far.
    pub(super) fn reached(&self, position: u64) {
        self.0.set_position(position);
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        self.0.finish_and_clear();
    }

    /// Draws even while nothing moves.
    pub(super) fn tick(&self) {
        self.0.enable_steady_tick(Duration::from_millis(500));
    }
}
