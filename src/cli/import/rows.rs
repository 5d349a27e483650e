//! How inputs are read: as NDJSON, or as CSV by a mapping.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::input::{self, Input};
use super::{Broken, Deliver, Group, Taken, ndjson};
use crate::cli::args::ImportArgs;
use crate::cli::failure::Failure;
use crate::ingest::mapping::{Mapping, Mistake, Mistakes, Occurrences, Row};

/// Rows that go on together.
const GROUP_ROWS: u64 = 500;

/// How the inputs of an import are read.
pub(super) enum Reading {
    /// One event a line.
    NdJson,
    /// CSV by a mapping and its file; rows that are alike are told apart over all inputs.
    Rows(Box<Mapping>, PathBuf, Mutex<Occurrences>),
}

impl Reading {
    /// Reads the mapping and the files that it joins.
    pub(super) fn new(args: &ImportArgs) -> Result<Self, Failure> {
        let Some(path) = &args.mapping else {
            if let Some(table) = args.tables.first() {
                return Err(Failure::Usage(vec![format!(
                    "--table {table}: there is no mapping; name one with --mapping FILE"
                )]));
            }
            return Ok(Self::NdJson);
        };
        let text = std::fs::read_to_string(path).map_err(|cause| Failure::file(path, &cause))?;
        let mut mapping = Mapping::read(&text).map_err(|mistakes| wrong(path, mistakes))?;
        load_joins(&mut mapping, path, args)?;
        Ok(Self::Rows(Box::new(mapping), path.clone(), Mutex::default()))
    }

    /// As [`Reading::each`], and forgets which rows it saw.
    pub(super) fn try_each(&self, input: &mut Input, deliver: &mut Deliver<'_>) -> Result<Option<Broken>, Failure> {
        match self {
            Self::NdJson => ndjson::each(input, deliver),
            Self::Rows(mapping, path, _) => each_row((mapping, path), &mut Occurrences::default(), input, deliver),
        }
    }

    /// Reads an input and delivers its items in groups; where it broke off.
    pub(super) fn each(&self, input: &mut Input, deliver: &mut Deliver<'_>) -> Result<Option<Broken>, Failure> {
        match self {
            Self::NdJson => ndjson::each(input, deliver),
            Self::Rows(mapping, path, seen) => {
                let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                each_row((mapping, path), &mut seen, input, deliver)
            }
        }
    }
}

/// All mistakes of a mapping, each with the file's name.
fn wrong(path: &Path, mistakes: Mistakes) -> Failure {
    Failure::Usage(mistakes.0.iter().map(|mistake| format!("{}: {mistake}", path.display())).collect())
}

/// All mistakes between a mapping and an input: those with a line name the mapping, where it stands.
fn unfit(path: &Path, input: &str, mistakes: Mistakes) -> Failure {
    let shown = |mistake: &Mistake| match mistake.at {
        Some(_) => format!("{}: {mistake} (reading {input})", path.display()),
        None => format!("{input}: {mistake}"),
    };
    Failure::Usage(mistakes.0.iter().map(shown).collect())
}

/// A joined file is looked for where --table says, else beside the first input, else beside the mapping.
fn load_joins(mapping: &mut Mapping, path: &Path, args: &ImportArgs) -> Result<(), Failure> {
    let joins: Vec<(String, String)> = mapping.joins().map(|(name, file)| (name.to_owned(), file.to_owned())).collect();
    let mut given = Vec::new();
    for table in &args.tables {
        let (name, file) =
            table.split_once('=').ok_or_else(|| Failure::Usage(vec![format!("--table {table}: write NAME=FILE")]))?;
        if !joins.iter().any(|(known, _)| known == name) {
            let known: Vec<&str> = joins.iter().map(|(known, _)| known.as_str()).collect();
            let help = crate::event::did_you_mean(name, &known);
            return Err(Failure::Usage(vec![format!("--table {name}: the mapping joins no such table; {help}")]));
        }
        given.push((name.to_owned(), PathBuf::from(file)));
    }
    for (name, file) in joins {
        let named = given.iter().find(|(known, _)| *known == name).map(|(_, file)| file.clone());
        let beside = [args.files.first().map(PathBuf::as_path), Some(path)].into_iter().flatten();
        let mut places = beside.filter_map(|near| Some(near.parent()?.join(&file)));
        let found = named.or_else(|| places.find(|place| place.exists())).ok_or_else(|| {
            Failure::Usage(vec![format!(
                "{}: [join.{name}]: `{file}` is neither beside the input nor beside the mapping; name it with --table {name}=FILE",
                path.display()
            )])
        })?;
        let input = input::open(&found)?;
        mapping.load(&name, input.reader).map_err(|mistakes| wrong(path, mistakes))?;
    }
    Ok(())
}

fn each_row(
    (mapping, path): (&Mapping, &Path),
    seen: &mut Occurrences,
    input: &mut Input,
    deliver: &mut Deliver<'_>,
) -> Result<Option<Broken>, Failure> {
    let name = input.name.clone();
    let reader = std::mem::replace(&mut input.reader, Box::new(std::io::empty()));
    let mut rows = mapping.rows(reader, seen).map_err(|mistakes| unfit(path, &name, mistakes))?;
    // The header's.
    let mut last = 1;
    let (mut taken, mut read) = (Vec::new(), 0);
    loop {
        let (row, broken) = match rows.next_row() {
            Ok(row) => (row, None),
            Err(cause) => (None, Some(cause)),
        };
        let end = row.is_none();
        if let Some(row) = row {
            read += 1;
            last = row.place.line.unwrap_or(last);
            take(row, &mut taken);
        }
        if read >= GROUP_ROWS || end {
            let bytes = input.read.load(Ordering::Relaxed);
            // The next group has about as many.
            let next = Vec::with_capacity(taken.len());
            deliver(Group { taken: std::mem::replace(&mut taken, next), read: std::mem::take(&mut read), bytes })?;
        }
        if end {
            return Ok(broken.map(|cause| Broken { line: last, cause }));
        }
    }
}

fn take(row: Row, taken: &mut Vec<Taken>) {
    let Row { items, raw, .. } = row;
    taken.extend(items.into_iter().map(|item| match item {
        Ok(item) => Taken { place: item.place, id: item.id, event: Ok(item.event), raw: raw.clone() },
        Err(rejected) => Taken { place: rejected.place, id: String::new(), event: Err(rejected), raw: raw.clone() },
    }));
}
