//! Floor 7. The command line: one file per command, and the configuration.
//!
//! Arguments become a [`Config`] (from a file, the environment and flags; all mistakes are reported at once), and a command
//! runs with it. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 done but some items were rejected, or the log
//! is not whole.

mod analysis;
mod args;
mod asking;
mod backup;
mod backup_keys;
mod checkpoint;
mod completions;
mod config;
mod demo;
mod demo_world;
mod export;
mod failure;
mod import;
mod logging;
mod os_words;
mod output;
mod progress;
mod prove;
mod repair;
mod replay;
mod restore;
mod schema;
mod serve;
mod store;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command, DemoArgs};
pub use config::{Config, Mistakes};
use failure::Failure;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    use_small_pages();
    keep_files_private();
    let args = Args::parse();
    let json = args.json;
    match run(args) {
        Ok(code) => code,
        Err(failure) => failure.report(json),
    }
}

/// Asks the system for no pages of two megabytes: the allocator gives back what is free by pages, and of large ones hardly any
/// becomes free as a whole. An import of two million events takes 513 MB in place of 565, and no longer.
fn use_small_pages() {
    // Where it cannot be asked for, memory is merely larger.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// What is made is its owner's alone to read: also where nothing is sealed, protocol numbers and the like stand in the clear.
fn keep_files_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

fn run(args: Args) -> Result<ExitCode, Failure> {
    match args.command {
        Command::Schema(command) => return schema::run(&command),
        Command::Completions(command) => return completions::run(&command),
        Command::Demo(_)
        | Command::Serve(_)
        | Command::Import(_)
        | Command::Export(_)
        | Command::Replay(_)
        | Command::Analysis(_)
        | Command::Repair(_)
        | Command::Verify(_)
        | Command::Backup(_)
        | Command::BackupKeys(_)
        | Command::Restore(_)
        | Command::Checkpoint(_)
        | Command::Prove(_) => {}
    }
    if let Command::Demo(DemoArgs { data: Some(data), .. }) = &args.command {
        return Err(Failure::Usage(vec![format!(
            "--data: the demo is made in a folder of its own; for a store in {} write `novelo serve --data {0}`",
            data.display()
        )]));
    }
    let (config, mistakes) = Config::gather(&args);
    if !mistakes.0.is_empty() {
        let more = if let Command::Serve(_) = args.command { serve::refusals(&config) } else { Vec::new() };
        return Err(Failure::of_all([mistakes.into()].into_iter().chain(more)));
    }
    logging::start(&config);
    match &args.command {
        Command::Demo(_) => demo::run(&config),
        Command::Serve(_) => serve::run(&config),
        Command::Import(command) => import::run(&config, command, args.json),
        Command::Export(command) => export::run(&config, command, args.json),
        Command::Replay(command) => replay::run(&config, command, args.json),
        Command::Analysis(command) => analysis::run(&config, command, args.json),
        Command::Repair(command) => repair::run(&config, command, args.json),
        Command::Verify(command) => verify::run(&config, command, args.json),
        Command::Backup(command) => backup::run(&config, command, args.json),
        Command::BackupKeys(command) => backup_keys::run(&config, command, args.json),
        Command::Restore(command) => restore::run(&config, command, args.json),
        Command::Checkpoint(command) => checkpoint::run(&config, command, args.json),
        Command::Prove(command) => prove::run(&config, command),
        Command::Schema(_) | Command::Completions(_) => Ok(ExitCode::SUCCESS),
    }
}
