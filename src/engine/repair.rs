//! Repairing a damaged log: what is left of it is put together in a new log, which takes its place; the old one is kept as it
//! was found. Events that nothing has any more are given up only when that is asked for, and what was given up is noted.
//!
//! The folder of the log is only read: sled changes its files when it opens them, so it opens a copy (`log.checking`).

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::behind;
use super::copied::{Copy, empty, io, rename};
use super::error::EngineError;
use super::folder::{Folder, FolderLock};
use super::known::Known;
use super::lost::{last_signed, lost_log};
use crate::event::{Micros, Position};
use crate::log::{
    Chunk, ChunkSource, EventLog, FileSource, Head, LogError, Salvage, SledLog, Watermark, check_watermark, log_source,
    store_again,
};
use crate::vault::{CheckedKeys, check_keys};
use crate::views;

/// What is left of a log.
#[derive(Clone, Debug)]
pub struct Remains {
    /// Up to where it is whole, from the beginning on, with all sources together.
    pub whole: Head,
    /// Where the chunks are: in the log as it can be read, in its file, in an archive.
    pub sources: Vec<(String, u64)>,
    /// What is wrong with the log; nothing when it is whole by itself.
    pub trouble: Option<String>,
    /// Up to where others remember it.
    pub remembered: Option<Watermark>,
    /// Events behind that, up to where others remember it or something can be read: those that nothing has, and those that cannot
    /// be kept behind them.
    pub missing: u64,
    /// Those of them that can still be read. They hang on nothing, so a repair cannot keep them; the log as it was found has
    /// them.
    pub readable_behind: u64,
    /// The position behind the last event of which the log's file has a trace; those of failed commits count as well.
    pub traces: Position,
}

impl Remains {
    /// Whether there is anything to repair.
    #[must_use]
    pub fn need_repair(&self) -> bool {
        self.trouble.is_some() || self.missing > 0
    }
}

/// Events that were given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// When.
    pub at: String,
    /// From this position on. Later events took their positions.
    pub from: u64,
    /// Up to before this position.
    pub until: u64,
    /// The hash of the chunk before them.
    pub after: String,
    /// Where the log was kept as it was found.
    pub kept_in: String,
}

/// A data folder that is being repaired. Nobody else can open it meanwhile.
#[derive(Debug)]
pub struct Repair {
    folder: Folder,
    known: Known,
    /// Who remembers most of the log.
    remembered: Option<Watermark>,
    _lock: FolderLock,
}

impl Repair {
    /// Takes the folder. A repair that was cut off between putting the old log away and the new one in its place is finished.
    ///
    /// # Errors
    /// [`EngineError`] when there is no store, another process has it, or its files cannot be used.
    pub fn begin(path: &Path) -> Result<Self, EngineError> {
        if !path.join("log").exists() && path.join("log.new").exists() {
            rename(&path.join("log.new"), &path.join("log"))?;
        }
        let folder = Folder::with_or_without_log(path)?;
        let lock = folder.lock()?;
        let known = Known::of(&folder)?;
        let remembered = most_remembered(&folder, known);
        Ok(Self { folder, known, remembered, _lock: lock })
    }

    /// Finds out what is left of the log. `archive` gives more sources, which are asked last. `progress` is told up to where.
    ///
    /// # Errors
    /// [`EngineError`] when there is no room for a copy, or files cannot be read.
    pub fn examine(
        &self,
        archive: Vec<Box<dyn ChunkSource>>,
        mut progress: impl FnMut(Position),
    ) -> Result<Remains, EngineError> {
        let mut last = Head::default();
        let Followed { trouble, sources, traces, readable_behind } = self.follow(archive, |chain| {
            let mut chunks = 0_u64;
            while chain.next().is_some() {
                chunks += 1;
                if chunks.is_multiple_of(1024) {
                    progress(chain.head().next);
                }
            }
            last = chain.head();
            Ok(())
        })?;
        let remembered = self.remembered.clone();
        let wanted = remembered.as_ref().map_or(Position::ZERO, |mark| mark.next);
        // What lies behind a gap was stored, even if nobody remembers it.
        let wanted = if readable_behind > 0 { wanted.max(traces) } else { wanted };
        let missing = wanted.since(last.next);
        Ok(Remains { whole: last, sources, trouble, remembered, missing, readable_behind, traces })
    }

    /// Puts what is left into a new log, and that in the place of the old one. Where the old one is kept, unless it was gone.
    ///
    /// # Errors
    /// [`EngineError::WouldLose`] when events are missing and that was not accepted; others when it cannot be done. Then the old
    /// log is where it was.
    pub fn carry_out(
        &self,
        remains: &Remains,
        archive: Vec<Box<dyn ChunkSource>>,
        accept_loss: bool,
    ) -> Result<Option<PathBuf>, EngineError> {
        if let (Position::ZERO, Some(lost)) = (remains.whole.next, lost_log(&self.folder)) {
            return Err(lost);
        }
        if remains.missing > 0 && !accept_loss {
            return Err(EngineError::WouldLose { missing: remains.missing });
        }
        let new = self.beside("log.new");
        empty(&new)?;
        self.follow(archive, |chain| {
            let log = SledLog::open(&new)?;
            let head = store_again(chain, &log)?;
            if head == remains.whole { Ok(()) } else { Err(LogError::Write("the log changed meanwhile".into()).into()) }
        })?;
        let stamp: String = Micros::now().to_string().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let kept = self.beside(&format!("log.damaged-{stamp}"));
        if remains.missing > 0 {
            self.note_loss(remains, &kept)?;
            self.put_checkpoints_away(&stamp)?;
            views::discard(&self.folder.views())?;
        }
        let was_there = self.folder.log().exists();
        if was_there {
            rename(&self.folder.log(), &kept)?;
        }
        rename(&new, &self.folder.log())?;
        Known { head: remains.whole, slots: self.known.slots }.write(&self.folder)?;
        Ok(was_there.then_some(kept))
    }

    /// Shows the chain that the sources have together; what is wrong with the log, what each source gave, and traces.
    fn follow(
        &self,
        archive: Vec<Box<dyn ChunkSource>>,
        with: impl FnOnce(&mut Salvage<'_>) -> Result<(), EngineError>,
    ) -> Result<Followed, EngineError> {
        let mut file = FileSource::of(&self.folder.log()).ok();
        let traces = file.as_ref().map_or(Position::ZERO, FileSource::traces);
        let copy = match lost_log(&self.folder) {
            Some(_) => None,
            None => Some(Copy::of(&self.folder.log(), self.beside("log.checking"))?),
        };
        let (log, trouble) = match &copy {
            Some(copy) => open_what_can_be(copy)?,
            None => (None, Some("it is gone: there is no store in the folder `log`".to_owned())),
        };
        let mut sources: Vec<Box<dyn ChunkSource + '_>> = Vec::new();
        if let Some(log) = &log {
            sources.push(Box::new(log_source(log)));
        }
        let remembered = self.remembered.as_ref().map(|mark| mark.next).unwrap_or_default();
        if let Some(file) = &mut file {
            // Behind the end of a log that opens lies what failed to be written, unless somebody remembers more.
            let until = if trouble.is_none() { remembered } else { Position(u64::MAX) };
            sources.push(Box::new(Until { source: file, until }));
        }
        for source in archive {
            sources.push(source);
        }
        let mut chain = Salvage::from(sources);
        with(&mut chain)?;
        let (head, given) = (chain.head(), chain.given());
        drop(chain);
        let alone = given.iter().skip(1).all(|(_, count)| *count == 0);
        let trouble = trouble.or_else(|| match &log {
            Some(log) if alone && log.head() == head => None,
            _ => Some(format!("it is not whole behind position {}", first_gap(log.as_ref()))),
        });
        let until = if trouble.is_none() { remembered } else { remembered.max(traces) };
        let readable_behind = behind::readable(log.as_ref(), file.as_ref(), head.next, until);
        Ok(Followed { trouble, sources: given, traces, readable_behind })
    }

    /// What was signed of the events that are given up would have the store refuse the log: it is kept, beside it.
    fn put_checkpoints_away(&self, stamp: &str) -> Result<(), EngineError> {
        let signed = self.folder.checkpoints();
        if !signed.exists() {
            return Ok(());
        }
        rename(&signed, &self.beside(&format!("checkpoints.damaged-{stamp}")))
    }

    fn note_loss(&self, remains: &Remains, kept: &Path) -> Result<(), EngineError> {
        let loss = Loss {
            at: Micros::now().to_string(),
            from: remains.whole.next.0,
            until: remains.whole.next.0 + remains.missing,
            after: remains.whole.hash.to_string(),
            kept_in: kept.display().to_string(),
        };
        let path = losses_path(&self.folder);
        let line = serde_json::to_string(&loss).map_err(|cause| io(&path, cause.into()))?;
        let file = File::options().create(true).append(true).open(&path);
        file.and_then(|mut file| {
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_all()
        })
        .map_err(|cause| io(&path, cause))
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What is wrong with a log, how many chunks each source gave, up to where its file has traces, and how many events can be read
/// behind the end of the chain.
struct Followed {
    trouble: Option<String>,
    sources: Vec<(String, u64)>,
    traces: Position,
    readable_behind: u64,
}

/// A source as far as a position.
struct Until<'a> {
    source: &'a mut FileSource,
    until: Position,
}

impl ChunkSource for Until<'_> {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn after(&mut self, head: Head) -> Option<Chunk> {
        if head.next < self.until { self.source.after(head) } else { None }
    }
}

/// What repairs of a store had to give up.
///
/// # Errors
/// [`EngineError::Io`] when the list cannot be read.
pub fn losses(folder: &Folder) -> Result<Vec<Loss>, EngineError> {
    let path = losses_path(folder);
    match fs::read_to_string(&path) {
        Ok(text) => {
            text.lines().map(|line| serde_json::from_str(line).map_err(|cause| io(&path, cause.into()))).collect()
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(io(&path, cause)),
    }
}

/// What others remember of an open log: it must reach that.
///
/// # Errors
/// [`EngineError::Log`] says what is missing.
pub fn check_remembered(folder: &Folder, log: &dyn EventLog) -> Result<(), EngineError> {
    let known = Known::of(folder)?;
    if known.head.next > Position::ZERO {
        check_watermark(log, &known.watermark())?;
    }
    Ok(())
}

/// Checks the keys, of which there must be as many as is remembered beside them; the master key is not needed.
///
/// # Errors
/// [`EngineError::KeysMissing`] when there are fewer, [`EngineError::Vault`] when one is damaged.
pub fn check_remembered_keys(folder: &Folder) -> Result<CheckedKeys, EngineError> {
    // First: keys are there before they are noted.
    let want = Known::of(folder)?.slots.0;
    let found = check_keys(&folder.vault())?;
    match found.live + found.destroyed {
        have if have < want => Err(EngineError::KeysMissing { have, want }),
        _ => Ok(found),
    }
}

/// Who remembers most of the log.
fn most_remembered(folder: &Folder, known: Known) -> Option<Watermark> {
    let of_views = views::remembered(&folder.views()).map(|checkpoint| Watermark {
        next: checkpoint.next(),
        hash: checkpoint.hash(),
        of: "the views".into(),
    });
    let of_checkpoints = last_signed(folder).map(|end| Watermark {
        next: end.next,
        hash: end.hash,
        of: "the signed checkpoints".into(),
    });
    let marks = [Some(known.watermark()), of_views, of_checkpoints].into_iter().flatten();
    marks.filter(|mark| mark.next > Position::ZERO).max_by_key(|mark| mark.next)
}

fn losses_path(folder: &Folder) -> PathBuf {
    folder.path().join("losses.ndjson")
}

/// The position from which on a log cannot be read by itself.
fn first_gap(log: Option<&SledLog>) -> Position {
    let Some(log) = log else { return Position::ZERO };
    let mut alone = Salvage::from(vec![Box::new(log_source(log))]);
    alone.by_ref().for_each(drop);
    alone.head().next
}

/// Opens a copy of a log: as it should be, or as far as it goes, or without its snapshots. What is wrong with it.
fn open_what_can_be(copy: &Copy) -> Result<(Option<SledLog>, Option<String>), EngineError> {
    let trouble = match SledLog::open(&copy.to) {
        Ok(log) => return Ok((Some(log), None)),
        Err(cause @ (LogError::NoTrueFsync(_) | LogError::InUse(_) | LogError::Write(_))) => return Err(cause.into()),
        Err(cause) => Some(cause.to_string().replace("log.checking", "log")),
    };
    copy.again()?;
    if let Ok(log) = SledLog::open_damaged(&copy.to) {
        return Ok((Some(log), trouble));
    }
    // Without them sled reads its whole file. It may miss chunks then; those that it gives belong to the chain all the same.
    copy.again()?;
    for entry in fs::read_dir(&copy.to).map_err(|cause| io(&copy.to, cause))? {
        let path = entry.map_err(|cause| io(&copy.to, cause))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")) {
            fs::remove_file(&path).map_err(|cause| io(&path, cause))?;
        }
    }
    Ok((SledLog::open_damaged(&copy.to).ok(), trouble))
}
