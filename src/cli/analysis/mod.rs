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
use crate::engine::{
    Ask, AskError, Counted, Folder, Listed, Novelo, compare, definitions, read_definition, shared_groups,
};
use crate::event::{Micros, did_you_mean};
use crate::tally::{Definition, Span};
use crate::written::{Mistake, Mistakes};

pub(super) fn run(config: &Config, args: &AnalysisArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let named = Named::of(config)?;
    match &args.command {
        AnalysisCommand::Run(args) => count(config, args, &named, as_json),
        AnalysisCommand::Check { file } => {
            let definition = named.checked(file)?;
            let (name, version) = (definition.name(), definition.version());
            let groups: Vec<&str> = definition.groups().collect();
            let figures: Vec<&str> = definition.figures().collect();
            output::line(&match as_json {
                true => json!({"name": name, "version": version, "groups": groups, "measures": figures}).to_string(),
                false => format!("`{name}` version {version} is right: {} by {}", figures.join(", "), by_what(&groups)),
            });
            Ok(ExitCode::SUCCESS)
        }
        AnalysisCommand::Diff { old, new } => diff(config, (old, new), &named, as_json),
        AnalysisCommand::Show { name } => {
            output::line(named.kept(name)?.text().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        AnalysisCommand::List => {
            named.all.iter().for_each(|listed| output::line(&line(listed, as_json)));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// An analysis in the list.
fn line(Listed { definition, built_in, held }: &Listed, as_json: bool) -> String {
    let (name, title) = (definition.name(), definition.title("en"));
    if as_json {
        let (over, version) = (definition.over().word(), definition.version());
        let told =
            json!({"name": name, "version": version, "over": over, "title": title, "own": !built_in, "held": held});
        return told.to_string();
    }
    let waits = held.map(|held| format!("  (version {held} is held: serveAnalysis has it serve)")).unwrap_or_default();
    format!("{name:<26} {title}{waits}")
}

fn by_what(groups: &[&str]) -> String {
    if groups.is_empty() { "nothing".into() } else { groups.join(", ") }
}

type ReadDefinition = fn(&str, &str) -> Result<Definition, Mistakes>;

/// The analyses that have names: those that come with the store, and the own ones of the data folder, which take their place.
struct Named {
    zone: String,
    all: Vec<Listed>,
}

impl Named {
    fn of(config: &Config) -> Result<Self, Failure> {
        let zone = config.time_zone.clone().unwrap_or_else(|| ContextRules::default().time_zone().to_owned());
        let folder = config.data.as_deref().and_then(|data| Folder::existing(data).ok());
        let all = definitions(folder.map(|folder| folder.analyses()), &zone)?;
        Ok(Self { zone, all })
    }

    /// The one of a name.
    fn kept(&self, name: &str) -> Result<Arc<Definition>, Failure> {
        let found = self.all.iter().find(|listed| listed.definition.name() == name);
        found.map(|listed| listed.definition.clone()).ok_or_else(|| {
            let names: Vec<&str> = self.all.iter().map(|listed| listed.definition.name()).collect();
            Failure::Usage(vec![format!("there is no file and no analysis `{name}`; {}", did_you_mean(name, &names))])
        })
    }

    fn of_file(&self, path: &Path, read: ReadDefinition) -> Result<Arc<Definition>, Failure> {
        let text = std::fs::read_to_string(path).map_err(|cause| Failure::file(path, &cause))?;
        let told = |mistake: &Mistake| format!("{}: {mistake}", path.display());
        let wrong = |mistakes: Mistakes| Failure::Usage(mistakes.0.iter().map(told).collect());
        read(&text, &self.zone).map(Arc::new).map_err(wrong)
    }

    /// A file, else the one of that name.
    fn found(&self, given: &str) -> Result<Arc<Definition>, Failure> {
        self.read(given, |text, zone| {
            let definition = Definition::read(text, zone)?;
            definition.check_columns()?;
            Ok(definition)
        })
    }

    /// The same, and whether a store takes it.
    fn checked(&self, given: &str) -> Result<Arc<Definition>, Failure> {
        self.read(given, read_definition)
    }

    fn read(&self, given: &str, read: ReadDefinition) -> Result<Arc<Definition>, Failure> {
        let path = Path::new(given);
        let is_file = path.exists() || given.contains(['/', '.']);
        if is_file { self.of_file(path, read) } else { self.kept(given) }
    }
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

fn count(config: &Config, args: &AnalysisRunArgs, named: &Named, as_json: bool) -> Result<ExitCode, Failure> {
    let (definition, ask) = (named.found(&args.analysis)?, asked(args)?);
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

fn diff(config: &Config, (old, new): (&str, &str), named: &Named, as_json: bool) -> Result<ExitCode, Failure> {
    let (old, new) = (named.found(old)?, named.found(new)?);
    let novelo = store::open_existing(config)?;
    let by = shared_groups(&old, &new);
    if let Some(by) = &by {
        let [old, new] = [&old, &new].map(|of| by_what(&of.groups().collect::<Vec<_>>()));
        let by = by_what(&by.iter().map(String::as_str).collect::<Vec<_>>());
        output::note(&format!("the one groups by {old}, the other by {new}: they are compared by {by}"));
    }
    let ask = || Ask { by: by.clone(), ..Ask::default() };
    let (old, new) = (count_all(&novelo, old, ask())?, count_all(&novelo, new, ask())?);
    let comparison = compare(&old.answer, &new.answer);
    comparison.differences.iter().for_each(|difference| show::difference(&new.answer, difference, as_json));
    let (differ, same) = (comparison.differences.len(), comparison.same);
    output::note(&format!("figures that differ: {differ}; the same: {same}"));
    Ok(ExitCode::SUCCESS)
}
