//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// The unified customer-timeline store: every contact on every channel in one log, one timeline per customer, over GraphQL.
#[derive(Debug, Parser)]
#[command(name = "novelo", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  novelo demo                                                  a small synthetic world, served
  novelo serve --data /var/lib/novelo                          serve a store on 127.0.0.1:8080
  novelo import --data D --mapping sp156.toml 2017.csv.gz      bring a contact centre's export in
  novelo verify --data D                                       recompute the chain of hashes
  novelo backup /mnt/backup/events --from http://127.0.0.1:8080  back a running store up
  novelo restore --data NEW --from /mnt/backup/events --keys /mnt/safe/keys.backup

Every setting can also stand in a file (--config) or in the environment (NOVELO_DATA, NOVELO_LISTEN, …).")]
pub(super) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,

    /// The data folder; made when it is not there
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,

    /// A configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Answer in JSON, for machines
    #[arg(long, global = true)]
    pub(super) json: bool,

    /// How much to log: error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(super) log_level: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a small synthetic world in a temporary folder and serve it
    Demo(DemoArgs),
    /// Serve a store
    Serve(ServeArgs),
    /// Bring events in: CloudEvents (NDJSON), or CSV by a mapping file
    Import(ImportArgs),
    /// Write events out: as CloudEvents (NDJSON), or as tables (Parquet)
    Export(ExportArgs),
    /// Rebuild the views from the log, beside the old ones, then take over; or count all analyses anew
    Replay(ReplayArgs),
    /// Count an analysis, check one, or compare two
    Analysis(AnalysisArgs),
    /// Recompute the chain of hashes over the whole log
    Verify(VerifyArgs),
    /// Say what is left of a damaged log, and put it in order
    Repair(RepairArgs),
    /// Back the events up: those that are new since the last time
    Backup(BackupArgs),
    /// Back the keys up, apart from the events
    BackupKeys(BackupKeysArgs),
    /// Make a new data folder out of a backup or an archive
    Restore(RestoreArgs),
    /// Sign the log as it is now, or print the public key
    Checkpoint(CheckpointArgs),
    /// Prove that an event is in the log
    Prove(ProveArgs),
    /// Print the GraphQL schema
    Schema(SchemaArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
}

/// Make a small synthetic world in a temporary folder and serve it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo demo
  novelo demo --listen 127.0.0.1:0          on any free port

The customers, their names, numbers and texts are made up.")]
pub(super) struct DemoArgs {
    /// Only to be refused: it takes the place of the one that all commands have, so that the help does not offer it
    #[arg(long, hide = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,

    /// Where to listen
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<String>,
}

/// Serve a store.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo serve --data /var/lib/novelo
  novelo serve --data D --listen 127.0.0.1:9000
  novelo serve --data D --archive /mnt/other-disk/novelo       keeps every event there as well
  NOVELO_DATA=D NOVELO_LISTEN=[::1]:8080 novelo serve

It stops in good order on Ctrl-C and on SIGTERM.")]
pub(super) struct ServeArgs {
    /// Where to listen; loopback only
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<String>,

    /// Keep every event in this folder as well, best on another disk
    #[arg(long, value_name = "DIR")]
    pub(super) archive: Option<PathBuf>,
}

/// Bring events in.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo import --data D events.ndjson
  cat events.ndjson | novelo import --data D -
  novelo import --data D --mapping examples/mappings/sp156.toml sp156_2017.csv.gz sp156_2018.csv.gz
  novelo import --to http://127.0.0.1:8080 events.ndjson

The same import again records nothing new, so one that was interrupted is simply run again.
Rejected items go to a dead-letter file, with the reason; it holds personal data.
Exit code 3 says that some items were rejected.")]
pub(super) struct ImportArgs {
    /// Files to read, `.gz` or plain; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// How the rows of a CSV become events (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) mapping: Option<PathBuf>,

    /// A table that the mapping joins, in place of the file that it names
    #[arg(long = "table", value_name = "NAME=FILE")]
    pub(super) tables: Vec<String>,

    /// Send to a running server instead of writing to a data folder
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(super) to: Option<String>,

    /// Where rejected items go; a file that is there stays, and the new one gets a number [default: rejected.ndjson, only made
    /// when there are any]
    #[arg(long, value_name = "FILE")]
    pub(super) rejected: Option<PathBuf>,
}

/// Write events out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo export --data D > events.ndjson
  novelo export --data D --from 1000 -o events.ndjson
  novelo export --data D --sealed -o sealed.ndjson     as stored, personal data stays ciphertext
  novelo export --data D --format parquet -o tables    for DuckDB, Polars and Spark
  duckdb -c \"SELECT kind, count(*) FROM 'tables/events/*/*.parquet' GROUP BY kind\"

What is exported unsealed as NDJSON is personal data; it can be imported again and gives the same events.
Tables hold no personal data unless --with-personal is given. They are in files by month (of UTC),
tables/events/month=2024-01/part-0.parquet, and manifest.json says up to which position they go. While it is made, the
export is called tables.partial; the next one to the same folder takes away what broke off.")]
pub(super) struct ExportArgs {
    /// Lines of JSON, or tables
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ExportFormat::Ndjson)]
    pub(super) format: ExportFormat,

    /// Write to this file (mode 0600) instead of standard output; with Parquet to this folder (mode 0700), which is made
    #[arg(short, long, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,

    /// Write over the file if it is there
    #[arg(long, requires = "output")]
    pub(super) force: bool,

    /// Begin at this position
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    pub(super) from: u64,

    /// Leave the personal part sealed
    #[arg(long)]
    pub(super) sealed: bool,

    /// Write the personal fields into the tables too, in the clear; of those who were erased there are none
    #[arg(long)]
    pub(super) with_personal: bool,

    /// If the log is damaged, write what lies before and be done (exit code 3)
    #[arg(long)]
    pub(super) damaged: bool,
}

/// As what events are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ExportFormat {
    /// CloudEvents, one a line
    Ndjson,
    /// Tables in Parquet files
    Parquet,
}

/// Rebuild the views.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo replay --data D
  novelo replay --data D --projection timeline
  novelo replay --data D --analyses

A server that runs has the data folder open: use the mutation rebuildProjection there.")]
pub(super) struct ReplayArgs {
    /// Only this projection
    #[arg(long, value_name = "NAME")]
    pub(super) projection: Option<String>,

    /// The analyses instead: all of them are counted anew
    #[arg(long, conflicts_with = "projection")]
    pub(super) analyses: bool,
}

/// Analyses.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo analysis run again.toml --data D                     count it over everything; nothing is stored
  novelo analysis run feedback --data D --by channel --bucket month
  novelo analysis run resolution --data D --by department --csv > resolution.csv
  novelo analysis check again.toml                            what is wrong with it, without counting
  novelo analysis diff again.toml again-2.toml --data D       which cells differ, and by how much
  novelo analysis list                                        those that every store has

An analysis is a file, or the name of one that comes with the store. A server that runs has the data folder open: ask it by
GraphQL (`analysis`), or on the page /analyses.")]
pub(super) struct AnalysisArgs {
    /// What to do
    #[command(subcommand)]
    pub(super) command: AnalysisCommand,
}

/// What to do with analyses.
#[derive(Debug, Subcommand)]
pub(super) enum AnalysisCommand {
    /// Count one over everything, storing nothing
    Run(AnalysisRunArgs),
    /// Say what is wrong with one
    Check {
        /// The file, or a name
        file: String,
    },
    /// Say where two differ
    Diff {
        /// A file, or a name
        old: String,
        /// A file, or a name
        new: String,
    },
    /// Show one that has a name
    Show {
        /// Its name
        name: String,
    },
    /// Name those that come with the store, and the own ones of a data folder
    List,
}

/// Count one.
#[derive(Debug, clap::Args)]
pub(super) struct AnalysisRunArgs {
    /// A file, or the name of one that comes with the store or is an own one of it
    pub(super) analysis: String,

    /// Tell these groups apart, and bring the others together; `none` for all
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(super) by: Option<Vec<String>>,

    /// Longer buckets: day, week, month, quarter or year; `all` for one
    #[arg(long, value_name = "SPAN")]
    pub(super) bucket: Option<String>,

    /// Buckets that begin at this moment or later (RFC 3339)
    #[arg(long, value_name = "MOMENT")]
    pub(super) from: Option<String>,

    /// Buckets that begin before this moment
    #[arg(long, value_name = "MOMENT")]
    pub(super) until: Option<String>,

    /// Only groups that say this: channel=voice
    #[arg(long = "where", value_name = "NAME=VALUE")]
    pub(super) only: Vec<String>,

    /// Write CSV
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
}

/// Recompute the chain of hashes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo verify --data D
  novelo verify --data D --json
  novelo verify --archive /mnt/backup/events                an archive or a backup instead of a store
  novelo verify --data D --public-key store.pub             with the key that the auditor was given
  novelo verify --proof event-812.json --public-key store.pub   a proof, without the store

Exit code 1 names the position of the first damage, or the step of the proof that does not hold. Exit code 3 says that what is
there of an archive or a backup is right, but that it ends in the middle of a chunk. The store is verified against
every checkpoint that was signed of it, too. Without --public-key that of the data folder is taken, which shows no more than
that checkpoints and key belong together.")]
pub(super) struct VerifyArgs {
    /// Verify this archive or backup instead of a store
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    pub(super) archive: Option<PathBuf>,

    /// Verify this proof instead, with the public key alone
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "archive"], requires = "public_key")]
    pub(super) proof: Option<PathBuf>,

    /// The public key that signatures are checked with: a file, or 64 hexadecimal digits
    #[arg(long, value_name = "KEY", conflicts_with = "archive")]
    pub(super) public_key: Option<String>,
}

/// Sign the log as it is now.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo checkpoint --data D
  novelo checkpoint --from http://127.0.0.1:8080      while the store is served
  novelo checkpoint --data D --public-key > store.pub

A checkpoint is one line of JSON: the log's end, the root over all of it, the time and the signature. Give it, and the public
key, to whoever shall be able to tell that nothing before it was changed. A store signs one by itself after so many events
(checkpoint_events) and when it is closed; all are in D/checkpoints/checkpoints.ndjson.")]
pub(super) struct CheckpointArgs {
    /// Ask the server that runs at this address, instead of opening a data folder
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(super) from: Option<String>,

    /// Print the public key instead
    #[arg(long, conflicts_with = "from")]
    pub(super) public_key: bool,
}

/// Prove that an event is in the log.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo prove 812 --data D -o event-812.json
  novelo prove 812 --from http://127.0.0.1:8080 > event-812.json
  novelo verify --proof event-812.json --public-key store.pub

The proof holds the event as it is stored, with its personal part sealed, and the hashes from there to a signed checkpoint.")]
pub(super) struct ProveArgs {
    /// The position of the event
    pub(super) position: u64,

    /// Ask the server that runs at this address, instead of opening a data folder
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(super) from: Option<String>,

    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Tell only the hash of the event's record
    #[arg(long)]
    pub(super) without_record: bool,
}

/// Back the events up.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo backup /mnt/backup/events --from http://127.0.0.1:8080     while the store is served
  novelo backup /mnt/backup/events --data D                         while it is not
  novelo verify --archive /mnt/backup/events                        read the whole backup and check it

The first time it takes everything, then what is new. What was added is read back and checked.
Personal data stays sealed, and the keys are not in it: back them up with `novelo backup-keys`, after the events,
to another place.")]
pub(super) struct BackupArgs {
    /// The backup's folder; made when it is not there
    #[arg(value_name = "DIR")]
    pub(super) to: PathBuf,

    /// Ask the server that runs at this address, instead of reading a data folder
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(super) from: Option<String>,
}

/// Back the keys up.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo backup-keys /mnt/safe/keys.backup --data D

It may run while the store is served. The keys stay wrapped by the master key, which is not in the file: keep that in
a third place. Make it after the backup of the events, so that it has the keys of all of them; and delete older ones,
in which the keys of those who were erased since may still be.")]
pub(super) struct BackupKeysArgs {
    /// The file; replaced when it is there
    #[arg(value_name = "FILE")]
    pub(super) to: PathBuf,
}

/// Make a new data folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo restore --data NEW --from /mnt/backup/events --keys /mnt/safe/keys.backup
  novelo restore --data NEW --from /mnt/archive --keys OLD/vault                       the old vault itself
  novelo restore --data NEW --from /mnt/archive --keys K --to-time 2026-03-01T12:00:00Z
  novelo restore --data NEW --from /mnt/archive --keys K --destroyed OLD/vault/destroyed

Put the master key where it was (NEW/master.key, master_key_file or NOVELO_MASTER_KEY) and start the store: its views
are built then. Whoever was erased does not come back, also not with an older backup of the keys: the events tell of
erasures, the backup of the keys has a list of them, and --destroyed names the list of the store as it was last.
Exit code 3 says that all that is whole was restored, but that the backup ends in the middle of a chunk: it lost its end.")]
pub(super) struct RestoreArgs {
    /// The archive or backup
    #[arg(long, value_name = "DIR")]
    pub(super) from: PathBuf,

    /// The backup of the keys, or the folder `vault` of a store; without it personal data cannot be read
    #[arg(long, value_name = "FILE")]
    pub(super) keys: Option<PathBuf>,

    /// The list of those who were erased since: `vault/destroyed` of the store as it was last
    #[arg(long, value_name = "FILE", requires = "keys")]
    pub(super) destroyed: Option<PathBuf>,

    /// Restore even if the backup of the keys is older than some events: what is sealed for those strands cannot be read
    #[arg(long, requires = "keys")]
    pub(super) accept_missing_keys: bool,

    /// No event at this position or behind it
    #[arg(long, value_name = "POSITION", conflicts_with = "to_time")]
    pub(super) to_position: Option<u64>,

    /// No event that was recorded after this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(super) to_time: Option<String>,
}

/// Say what is left of a damaged log, and put it in order.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo repair --data D                    say what would be kept and what is missing; changes nothing
  novelo repair --data D --archive /mnt/archive   the same, with what an archive or a backup has
  novelo repair --data D --apply            put the log in order, if nothing is missing
  novelo repair --data D --accept-loss      the same, and give up what is missing

It needs room for two more copies of the log. The log as it was found is kept beside the new one, as
log.damaged-TIME; delete it once you are sure. What was given up is noted in losses.ndjson, which
`novelo verify` shows; those events can be sent again. A server that runs has the folder open: stop it first.
Exit code 0: nothing to repair, or repaired without loss. 1: failed. 3: there is something to repair, or events
were given up.")]
pub(super) struct RepairArgs {
    /// Take what the log lost from this archive or backup
    #[arg(long, value_name = "DIR")]
    pub(super) archive: Option<PathBuf>,

    /// Carry it out, if no events are missing
    #[arg(long)]
    pub(super) apply: bool,

    /// Carry it out even if events are missing, and give those up
    #[arg(long)]
    pub(super) accept_loss: bool,
}

/// Print the GraphQL schema.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo schema > schema.graphql")]
pub(super) struct SchemaArgs {}

/// Print shell completions.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  novelo completions bash > /etc/bash_completion.d/novelo
  novelo completions zsh > ~/.zfunc/_novelo")]
pub(super) struct CompletionsArgs {
    /// For which shell
    pub(super) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_demos_help_offers_no_data_folder_and_one_that_is_given_is_known_to_be() {
        let mut command = Args::command();
        command.build();
        let help = |name: &str| command.clone().find_subcommand_mut(name).unwrap().render_long_help().to_string();
        assert!(!help("demo").contains("--data") && help("demo").contains("--listen"));
        assert!(help("serve").contains("--data"));
        for arguments in [["novelo", "demo", "--data", "d"], ["novelo", "--data", "d", "demo"]] {
            let Command::Demo(command) = Args::try_parse_from(arguments).unwrap().command else { panic!("no demo") };
            assert_eq!(command.data, Some("d".into()), "{arguments:?}");
        }
    }
}
