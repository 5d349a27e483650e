//! `novelo repair`

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::args::RepairArgs;
use super::config::Config;
use super::failure::{Failure, NOT_WHOLE};
use super::progress::Progress;
use super::{output, store};
use crate::archive::holds_segments;
use crate::engine::{Remains, Repair, archive_source};
use crate::event::Position;
use crate::log::ChunkSource;

pub(super) fn run(config: &Config, args: &RepairArgs, as_json: bool) -> Result<ExitCode, Failure> {
    if let Some(folder) = &args.archive
        && !holds_segments(folder).map_err(|cause| Failure::new(cause.to_string()))?
    {
        let message = format!("--archive {}: holds no archive and no backup; check the path", folder.display());
        return Err(Failure::Usage(vec![message]));
    }
    let repair = Repair::begin(store::folder(config)?)?;
    let bar = Progress::bar("examining", 0, "events");
    let remains = repair.examine(archive(config), |through| bar.reached(through.0))?;
    bar.finish();
    let asked = args.apply || args.accept_loss;
    if !as_json {
        tell(&remains, asked);
    }
    let carry_out = asked && remains.need_repair();
    let kept = match carry_out {
        true => repair.carry_out(&remains, archive(config), args.accept_loss)?,
        false => None,
    };
    if as_json {
        let mut answer = describe(&remains);
        answer.insert("done".into(), carry_out.into());
        answer.insert("kept_in".into(), kept.as_ref().map(|path| path.display().to_string()).into());
        output::line(&Value::Object(answer).to_string());
    } else if carry_out {
        let kept = kept.as_ref().map(|kept| format!("; the log as it was found is kept in {}", kept.display()));
        output::line(&format!("repaired{}", kept.unwrap_or_default()));
    }
    let whole = !remains.need_repair() || (carry_out && remains.missing == 0);
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(NOT_WHOLE) })
}

/// The archive of the configuration, if there is one: it is asked last.
fn archive(config: &Config) -> Vec<Box<dyn ChunkSource>> {
    let source = |folder: &PathBuf| Box::new(archive_source(folder.clone())) as Box<dyn ChunkSource>;
    config.archive.iter().map(source).collect()
}

fn describe(remains: &Remains) -> Map<String, Value> {
    let sources: Map<String, Value> =
        remains.sources.iter().map(|(name, chunks)| (name.clone(), json!(chunks))).collect();
    let remembered = remains.remembered.as_ref().map(|mark| json!({"until": mark.next.0, "by": mark.of}));
    let fields = [
        ("needed", json!(remains.need_repair())),
        ("trouble", json!(remains.trouble)),
        ("whole_until", json!(remains.whole.next.0)),
        ("hash", json!(remains.whole.hash.to_string())),
        ("events_missing", json!(remains.missing)),
        ("events_readable_behind", json!(remains.readable_behind)),
        ("remembered", json!(remembered)),
        ("traces_until", json!(remains.traces.0)),
        ("chunks_from", Value::Object(sources)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn tell(remains: &Remains, asked: bool) {
    let whole = remains.whole.next;
    let Some(trouble) =
        remains.trouble.clone().or_else(|| (remains.missing > 0).then(|| "it is shorter than it was".to_owned()))
    else {
        return output::line(&format!("nothing to repair: the log is whole, {whole} events"));
    };
    output::line(&format!("the log is damaged: {trouble}"));
    output::line(&format!("kept:    {whole} events, positions 0 to {whole} (without the last)"));
    for (name, chunks) in &remains.sources {
        output::line(&format!("         {chunks} chunks from {name}"));
    }
    missing(remains).iter().for_each(|line| output::line(line));
    if !asked {
        output::line(match remains.missing {
            0 => "carry it out with --apply",
            _ => {
                "name an archive or a backup with --archive, which may have what is lost; to give up all that is missing use \
                 --accept-loss, and send those events again from the systems that they came from"
            }
        });
    }
}

/// What is missing of a damaged log, in lines.
fn missing(remains: &Remains) -> Vec<String> {
    let (whole, missing, behind) = (remains.whole.next, remains.missing, remains.readable_behind);
    if missing == 0 {
        return vec![match &remains.remembered {
            Some(_) => "missing: nothing that is remembered".to_owned(),
            None => format!(
                "missing: nobody remembers how far the log went; its file has traces up to position {}",
                remains.traces
            ),
        }];
    }
    let end = Position(whole.0 + missing);
    let by = match &remains.remembered {
        Some(mark) if mark.next == end => format!("{} remember them", mark.of),
        Some(_) | None => "the log's file has traces of them".to_owned(),
    };
    let mut lines = vec![
        format!("missing: {missing} events, positions {whole} to {end} (without the last); {by}"),
        format!("lost:    {} of them, which nothing that was asked has any more", missing - behind.min(missing)),
    ];
    if behind > 0 {
        lines.push(format!(
            "behind:  {behind} can still be read, but stand behind a gap: every chunk names the one before it, so they are kept \
             only if an archive or a backup fills the gap"
        ));
    }
    lines
}
