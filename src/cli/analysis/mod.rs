//! `novelo analysis`: counted once, checked, compared.

mod show;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::args::{AnalysisArgs, AnalysisCommand, AnalysisRunArgs};
use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{output, store};
use crate::context::ContextRules;
use crate::engine::{Ask, AskError, Counted, Novelo, compare};
use crate::event::{Micros, did_you_mean};
use crate::tally::{BUILT_IN, Definition, Span};

pub(super) fn run(config: &Config, args: &AnalysisArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let zone = config.time_zone.clone().unwrap_or_else(|| ContextRules::default().time_zone().to_owned());
    match &args.command {
        AnalysisCommand::Run(args) => count(config, args, &zone, as_json),
        AnalysisCommand::Check { file } => {
            let definition = found(file, &zone)?;
            let (name, version) = (definition.name(), definition.version());
            let groups: Vec<&str> = definition.groups().collect();
            let figures: Vec<&str> = definition.figures().collect();
            output::line(&match as_json {
                true => json!({"name": name, "version": version, "groups": groups, "measures": figures}).to_string(),
                false => format!("`{name}` version {version} is right: {} by {}", figures.join(", "), by_what(&groups)),
            });
            Ok(ExitCode::SUCCESS)
        }
        AnalysisCommand::Diff { old, new } => diff(config, (old, new), &zone, as_json),
        AnalysisCommand::Show { name } => {
            output::line(of_store(name, &zone)?.text().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        AnalysisCommand::List => {
            for definition in all_of_store(&zone) {
                output::line(&match as_json {
                    true => json!({"name": definition.name(), "over": definition.over().word(), "title": definition.title("en")}).to_string(),
                    false => format!("{:<26} {}", definition.name(), definition.title("en")),
                });
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn by_what(groups: &[&str]) -> String {
    if groups.is_empty() { "nothing".into() } else { groups.join(", ") }
}

/// Those that come with the store.
fn all_of_store(zone: &str) -> Vec<Definition> {
    BUILT_IN.iter().filter_map(|text| Definition::read(text, zone).ok()).collect()
}

/// One that comes with the store.
fn of_store(name: &str, zone: &str) -> Result<Definition, Failure> {
    let mut all = all_of_store(zone);
    match all.iter().position(|definition| definition.name() == name) {
        Some(at) => Ok(all.swap_remove(at)),
        None => {
            let names: Vec<&str> = all.iter().map(Definition::name).collect();
            Err(Failure::Usage(vec![format!(
                "there is no file and no analysis `{name}`; {}",
                did_you_mean(name, &names)
            )]))
        }
    }
}

fn of_file(path: &Path, zone: &str) -> Result<Definition, Failure> {
    let text = std::fs::read_to_string(path).map_err(|cause| Failure::file(path, &cause))?;
    let told = |mistake: &crate::written::Mistake| format!("{}: {mistake}", path.display());
    Definition::read(&text, zone).map_err(|mistakes| Failure::Usage(mistakes.0.iter().map(told).collect()))
}

/// A file, else one that comes with the store.
fn found(given: &str, zone: &str) -> Result<Arc<Definition>, Failure> {
    let path = Path::new(given);
    let is_file = path.exists() || given.contains(['/', '.']);
    Ok(Arc::new(if is_file { of_file(path, zone)? } else { of_store(given, zone)? }))
}

fn asked(args: &AnalysisRunArgs) -> Result<Ask, Failure> {
    let mut wrong = Vec::new();
    let mut moment = |flag: &str, text: &Option<String>| {
        let at = text.as_deref().map(|text| Micros::parse(text).ok_or(text))?;
        at.map_err(|text| wrong.push(format!("--{flag} {text}: is no moment; write it so: 2026-01-05T00:00:00-03:00")))
            .ok()
    };
    let (from, until) = (moment("from", &args.from), moment("until", &args.until));
    let whole = args.bucket.as_deref() == Some("all");
    let bucket = args.bucket.as_deref().filter(|_| !whole).and_then(|word| {
        let span = Span::named(word);
        if span.is_none() {
            wrong.push(format!("--bucket {word}: there is no such bucket; {}", did_you_mean(word, Span::WORDS)));
        }
        span
    });
    let only = args.only.iter().filter_map(|text| match text.split_once('=') {
        Some((name, "")) => Some((name.to_owned(), None)),
        Some((name, value)) => Some((name.to_owned(), Some(value.to_owned()))),
        None => {
            wrong.push(format!("--where {text}: is no NAME=VALUE; write it so: --where channel=voice"));
            None
        }
    });
    let only = only.collect();
    let by = args.by.clone().map(|by| if by == ["none"] { Vec::new() } else { by });
    if wrong.is_empty() { Ok(Ask { from, until, only, by, bucket, whole }) } else { Err(Failure::Usage(wrong)) }
}

fn count(config: &Config, args: &AnalysisRunArgs, zone: &str, as_json: bool) -> Result<ExitCode, Failure> {
    let (definition, ask) = (found(&args.analysis, zone)?, asked(args)?);
    let novelo = store::open_existing(config)?;
    let started = Instant::now();
    let counted = count_all(&novelo, definition, ask)?;
    if as_json {
        show::json(&counted.answer);
    } else if args.csv {
        show::csv(&counted.answer);
    } else {
        show::table(&counted.answer);
    }
    let seconds = started.elapsed().as_secs_f64();
    let speed = counted.events as f64 / seconds;
    let lines = match counted.answer.lines.len() {
        1 => "1 line".to_owned(),
        several => format!("{several} lines"),
    };
    output::note(&format!("{lines} over {} events in {seconds:.1} s ({speed:.0} events/s)", counted.events));
    show::notes(&counted.answer);
    tell_troubles(&counted);
    Ok(if counted.troubles.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn count_all(novelo: &Novelo, definition: Arc<Definition>, ask: Ask) -> Result<Counted, Failure> {
    let bar = Progress::bar("counting", 0, "");
    let picture = novelo.picture()?;
    let counted = picture.count(definition, ask, Micros::now(), |done, all| bar.at(done, all));
    bar.finish();
    counted.map_err(|cause| {
        if let AskError::Engine(cause) = cause { cause.into() } else { Failure::Usage(vec![cause.to_string()]) }
    })
}

/// What could not be counted is told, and shows in the exit code.
fn tell_troubles(counted: &Counted) {
    let troubles = &counted.troubles;
    if troubles.is_empty() {
        return;
    }
    output::note(&format!("{} rows could not be counted; the first of them:", troubles.count));
    for (position, trouble) in &troubles.first {
        output::note(&format!("  event {position}: {trouble}"));
    }
}

fn diff(config: &Config, (old, new): (&str, &str), zone: &str, as_json: bool) -> Result<ExitCode, Failure> {
    let (old, new) = (found(old, zone)?, found(new, zone)?);
    let novelo = store::open_existing(config)?;
    let (old, new) = (count_all(&novelo, old, Ask::default())?, count_all(&novelo, new, Ask::default())?);
    let comparison = compare(&old.answer, &new.answer);
    comparison.differences.iter().for_each(|difference| show::difference(&new.answer, difference, as_json));
    let (differ, same) = (comparison.differences.len(), comparison.same);
    if same == 0 && old.answer.groups != new.answer.groups {
        let [old, new] = [old, new].map(|of| by_what(&of.answer.groups.iter().map(String::as_str).collect::<Vec<_>>()));
        output::note(&format!(
            "the one groups by {old}, the other by {new}: their figures do not stand at the same places"
        ));
    }
    output::note(&format!("figures that differ: {differ}; the same: {same}"));
    Ok(ExitCode::SUCCESS)
}
