//! `novelo schema`

use std::process::ExitCode;

use super::args::SchemaArgs;
use super::failure::Failure;
use super::output;

pub(super) fn run(_: &SchemaArgs) -> Result<ExitCode, Failure> {
    output::line(crate::graphql::sdl().trim_end());
    Ok(ExitCode::SUCCESS)
}
