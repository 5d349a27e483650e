//! A table that is being written: rows wait by month until they make a row group.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::cells::{Cells, Misfit};
use super::column::{Cell, Column};
use super::error::TableError;
use super::month::Month;
use super::part::{Part, Plan};
use crate::event::Micros;

/// What a table may take while it is written.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of one row group. (Readers work on row groups in parallel; DuckDB's own have 122,880 rows.)
    pub group_rows: u32,
    /// Bytes of the rows that wait, over all months; when they are more, the month with the most is written.
    pub waiting_bytes: usize,
    /// Files that are open at once.
    pub open_files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { group_rows: 122_880, waiting_bytes: 64 << 20, open_files: 64 }
    }
}

/// What was written of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Bytes of the files.
    pub size_bytes: u64,
    /// Rows of each month, `2024-01`.
    pub months: BTreeMap<String, u64>,
}

/// A table that is being written into a folder of its own.
#[derive(Debug)]
pub struct Table {
    name: String,
    folder: PathBuf,
    columns: Vec<Column>,
    plan: Plan,
    limits: Limits,
    months: BTreeMap<Month, Rows>,
    waiting_bytes: usize,
    /// Counts row groups, so that the file that was not written to for longest is known.
    clock: u64,
    files: u64,
    size_bytes: u64,
}

/// What there is of one month.
#[derive(Debug, Default)]
struct Rows {
    /// All that came.
    rows: u64,
    cells: Vec<Cells>,
    waiting: u32,
    waiting_bytes: usize,
    /// The file that is open, and when it was written to.
    open: Option<(Part, u64)>,
    /// How many files were begun.
    parts: u32,
}

impl Table {
    /// Begins a table of this name, in a folder of the same name in `within`.
    ///
    /// # Errors
    /// [`TableError`] when the folder cannot be made, or the columns make no schema.
    pub fn create(within: &Path, name: &str, columns: Vec<Column>, limits: Limits) -> Result<Self, TableError> {
        let plan = Plan::new(name, &columns)?;
        let folder = within.join(name);
        make_folder(&folder)?;
        Ok(Self {
            name: name.to_owned(),
            folder,
            columns,
            plan,
            limits,
            months: BTreeMap::new(),
            waiting_bytes: 0,
            clock: 0,
            files: 0,
            size_bytes: 0,
        })
    }

    /// Adds a row, a cell for each column in their order, to the month of its moment.
    ///
    /// # Errors
    /// [`TableError`] when the row does not fit the columns, or a file cannot be written. The table is of no use then.
    pub fn add(&mut self, at: Micros, row: Vec<Cell<'_>>) -> Result<(), TableError> {
        let Some(month) = Month::of(at) else { return Err(TableError::Moment { table: self.name.clone(), at }) };
        let misfit = |column: Option<&Column>| TableError::Misfit {
            table: self.name.clone(),
            column: column.map_or_else(|| "(none)".into(), |column| column.name.clone()),
        };
        if row.len() != self.columns.len() {
            return Err(misfit(self.columns.get(row.len())));
        }
        let rows = self.months.entry(month).or_default();
        if rows.cells.is_empty() {
            rows.cells = self.columns.iter().map(Cells::new).collect();
        }
        let mut bytes = 0;
        for ((cells, column), cell) in rows.cells.iter_mut().zip(&self.columns).zip(row) {
            bytes += cells.push(rows.waiting, cell).map_err(|Misfit| misfit(Some(column)))?;
        }
        rows.rows += 1;
        rows.waiting += 1;
        rows.waiting_bytes += bytes;
        self.waiting_bytes += bytes;
        if rows.waiting >= self.limits.group_rows {
            self.write(month)?;
        }
        while self.waiting_bytes > self.limits.waiting_bytes {
            let most = self.months.iter().max_by_key(|(_, rows)| rows.waiting_bytes).map(|(month, _)| *month);
            let Some(most) = most else { break };
            self.write(most)?;
        }
        Ok(())
    }

    /// Writes what waits, and ends all files.
    ///
    /// # Errors
    /// [`TableError`] when a file cannot be written.
    pub fn finish(mut self) -> Result<Written, TableError> {
        let months: Vec<Month> = self.months.keys().copied().collect();
        for month in months {
            self.write(month)?;
            self.close(month)?;
            sync_folder(&self.folder_of(month))?;
        }
        sync_folder(&self.folder)?;
        let months: BTreeMap<String, u64> =
            self.months.iter().map(|(month, rows)| (month.to_string(), rows.rows)).collect();
        Ok(Written { rows: months.values().sum(), files: self.files, size_bytes: self.size_bytes, months })
    }

    /// Writes what waits of a month as a row group.
    fn write(&mut self, month: Month) -> Result<(), TableError> {
        let folder = self.folder_of(month);
        self.clock += 1;
        let Some(rows) = self.months.get_mut(&month).filter(|rows| rows.waiting > 0) else { return Ok(()) };
        let (mut part, _) = match rows.open.take() {
            Some(open) => open,
            None => {
                if rows.parts == 0 {
                    make_folder(&folder)?;
                }
                let path = folder.join(format!("part-{}.parquet", rows.parts));
                rows.parts += 1;
                (Part::create(path, &self.plan)?, 0)
            }
        };
        part.write(std::mem::take(&mut rows.waiting), std::mem::take(&mut rows.cells))?;
        self.waiting_bytes -= std::mem::take(&mut rows.waiting_bytes);
        rows.open = Some((part, self.clock));
        self.close_oldest()
    }

    /// Ends the file that was not written to for longest, if too many are open.
    fn close_oldest(&mut self) -> Result<(), TableError> {
        let open = || self.months.iter().filter_map(|(month, rows)| rows.open.as_ref().map(|(_, at)| (*at, *month)));
        if open().count() <= self.limits.open_files {
            return Ok(());
        }
        match open().min() {
            Some((_, month)) => self.close(month),
            None => Ok(()),
        }
    }

    /// Ends the file of a month, if one is open.
    fn close(&mut self, month: Month) -> Result<(), TableError> {
        let open = self.months.get_mut(&month).and_then(|rows| rows.open.take());
        if let Some((part, _)) = open {
            self.size_bytes += part.close()?;
            self.files += 1;
        }
        Ok(())
    }

    fn folder_of(&self, month: Month) -> PathBuf {
        self.folder.join(format!("month={month}"))
    }
}

/// Makes a folder that only its owner may look into.
pub(super) fn make_folder(path: &Path) -> Result<(), TableError> {
    DirBuilder::new().mode(0o700).create(path).map_err(TableError::file(path))
}

/// Brings the names in a folder to the disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), TableError> {
    std::fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(TableError::file(path))
}
