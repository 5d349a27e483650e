//! `novelo export`: events as lines of JSON, or as tables in Parquet files.

mod ndjson;
mod reading;
mod tables;

use std::process::ExitCode;

use super::args::{ExportArgs, ExportFormat};
use super::config::Config;
use super::failure::Failure;

pub(super) fn run(config: &Config, args: &ExportArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let mistakes = mistakes(args);
    if !mistakes.is_empty() {
        return Err(Failure::Usage(mistakes));
    }
    match (args.format, &args.output) {
        (ExportFormat::Parquet, Some(output)) => tables::run(config, args, output, as_json),
        (ExportFormat::Parquet | ExportFormat::Ndjson, _) => ndjson::run(config, args),
    }
}

/// Options that do not go together.
fn mistakes(args: &ExportArgs) -> Vec<String> {
    let parquet = args.format == ExportFormat::Parquet;
    let found = [
        (parquet && args.output.is_none(), "--format parquet makes a folder; name it with -o DIR"),
        (
            parquet && args.sealed,
            "--sealed leaves nothing to read in a table; leave it out: without --with-personal the tables hold no personal data",
        ),
        (
            parquet && args.force,
            "--force is for lines of JSON; tables go to a folder that is not there yet: name another, or delete that one",
        ),
        (
            !parquet && args.with_personal,
            "--with-personal is for --format parquet; lines of JSON have the personal fields unless --sealed is given",
        ),
    ];
    found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, told)| told.to_owned()).collect()
}
