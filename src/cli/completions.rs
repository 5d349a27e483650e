//! `novelo completions`

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::{Args, CompletionsArgs};
use super::failure::Failure;

pub(super) fn run(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    clap_complete::generate(args.shell, &mut Args::command(), "novelo", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
