//! The views: one database, which is opened anew when it cannot be written or read any more.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Serialize};

use super::RowBytes;
use super::batch::Batch;
use super::boot::{self, Closing};
use super::closed;
use super::damage::{Damage, is_damage};
use super::error::ViewError;
use super::open::{Built, Open};
use super::projection::{Projection, TableSpec};
use super::reader::Reader;
use crate::event::{Hash, Position};

/// Up to where of the log some rows are, and the hash of the chunk that ends there: also a watermark for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    next: u64,
    hash: [u8; 32],
}

impl Checkpoint {
    /// All events before `next` are in; `hash` is that of the chunk which ends there.
    #[must_use]
    pub fn new(next: Position, hash: Hash) -> Self {
        Self { next: next.0, hash: hash.0 }
    }

    /// The first position that is not in.
    #[must_use]
    pub fn next(&self) -> Position {
        Position(self.next)
    }

    /// The hash of the chunk that ends there.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash(self.hash)
    }
}

/// How much memory the views may take.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of blocks kept for reading.
    pub cache_bytes: u64,
    /// Bytes of rows that one busy table may hold in memory before they are written out.
    pub table_buffer_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 32 << 20, table_buffer_bytes: 16 << 20 }
    }
}

/// How long those who read may take to finish before the database is taken from them.
const READERS_TAKE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// The database of the views.
pub struct Views {
    path: PathBuf,
    options: Options,
    /// Gone while it is being opened anew.
    current: ArcSwapOption<Open>,
    damage: Arc<Damage>,
    /// The last: what it does comes behind the end of the database.
    _closing: Closing,
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Views").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Views {
    /// Opens the folder, and makes it when it is not there. What cannot be opened for any other reason than being in use
    /// or out of reach is thrown away, with a line in the log: it is rebuilt from the events.
    ///
    /// # Errors
    /// [`ViewError::Locked`] when another process has it, [`ViewError::Io`] when the folder is out of reach.
    pub fn open(path: &Path, options: Options) -> Result<Self, ViewError> {
        if path.exists() && !boot::is_reliable(path) {
            tracing::warn!(
                "the machine went down while the views were open; they are thrown away and rebuilt from the log"
            );
            discard(path)?;
        }
        let damage = Arc::new(Damage::default());
        let open = match Self::check_and_open(path, options, &damage) {
            Err(cause) if is_damage(&cause) => {
                throw_away(path, &cause)?;
                Open::at(path, options, damage.clone())?
            }
            other => other?,
        };
        let _closing = Closing(path.to_owned());
        let views = Self { path: path.to_owned(), options, current: ArcSwapOption::default(), damage, _closing };
        views.current.store(Some(open));
        Ok(views)
    }

    fn check_and_open(path: &Path, options: Options, damage: &Arc<Damage>) -> Result<Arc<Open>, ViewError> {
        closed::check(path)?;
        match Open::at(path, options, damage.clone()) {
            Err(ViewError::Store(fjall::Error::Locked)) => Err(ViewError::Locked),
            other => other,
        }
    }

    /// Takes the generations of these projections into service. Those without one, or with one of another version,
    /// are returned: they must be built. On an empty database every projection starts serving at once, from no events. Tables
    /// that do not fit each other are thrown away, with a line in the log.
    ///
    /// `side` tables belong to no projection and are kept as they are.
    ///
    /// Tables that belong to no serving generation (of a build that was cut short) are dropped.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn serve(
        &self,
        projections: &[Box<dyn Projection>],
        side: &'static [TableSpec],
    ) -> Result<Vec<&'static str>, ViewError> {
        // Let go of before it is opened anew.
        let served = self.now()?.serve(projections, side);
        match served {
            Err(cause) if is_damage(&cause) => self.open_anew(projections, side, Some(&cause)),
            other => other,
        }
    }

    /// Throws the rows of `side` tables away; before [`Views::serve`] makes them.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn discard_side(&self, side: &'static [TableSpec]) -> Result<(), ViewError> {
        self.now()?.discard_side(side)
    }

    /// Opens the database anew: after a failed write, or because it is damaged. With a reason it is thrown away first; so it is
    /// when it cannot be opened. Those whose generations do not serve are returned, as by [`Views::serve`].
    ///
    /// Whoever asks meanwhile is told [`ViewError::Reopening`].
    ///
    /// # Errors
    /// [`ViewError`] says why it cannot be opened now; ask again later.
    pub fn open_anew(
        &self,
        projections: &[Box<dyn Projection>],
        side: &'static [TableSpec],
        damaged: Option<&ViewError>,
    ) -> Result<Vec<&'static str>, ViewError> {
        self.let_go()?;
        if let Some(cause) = damaged {
            throw_away(&self.path, cause)?;
        }
        let opened = match self.open_and_serve(projections, side) {
            Err(cause) if is_damage(&cause) => {
                throw_away(&self.path, &cause)?;
                self.open_and_serve(projections, side)
            }
            other => other,
        };
        let (open, stale) = opened?;
        self.damage.mended();
        self.current.store(Some(open));
        Ok(stale)
    }

    fn open_and_serve(
        &self,
        projections: &[Box<dyn Projection>],
        side: &'static [TableSpec],
    ) -> Result<(Arc<Open>, Vec<&'static str>), ViewError> {
        let open = Open::at(&self.path, self.options, self.damage.clone())?;
        let stale = open.serve(projections, side)?;
        Ok((open, stale))
    }

    /// Lets go of the database once nobody reads or builds in it any more.
    fn let_go(&self) -> Result<(), ViewError> {
        let Some(mut open) = self.current.swap(None) else { return Ok(()) };
        let started = Instant::now();
        while Arc::get_mut(&mut open).is_none() {
            if started.elapsed() > READERS_TAKE {
                self.current.store(Some(open));
                return Err(ViewError::Reopening);
            }
            std::thread::sleep(PAUSE);
        }
        drop(open);
        Ok(())
    }

    fn now(&self) -> Result<Arc<Open>, ViewError> {
        self.current.load_full().ok_or(ViewError::Reopening)
    }

    /// What is found to be damaged while it is read.
    #[must_use]
    pub fn damage(&self) -> &Arc<Damage> {
        &self.damage
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes empty tables for a new generation of a projection.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn start_build(&self, projection: &dyn Projection) -> Result<Built, ViewError> {
        self.now()?.start_build(projection)
    }

    /// Puts built generations in the place of those that serve, in one atomic write; readers made from now on see
    /// only the new rows. The caller has brought them to exactly the serving checkpoint. The tables of before are dropped;
    /// those of other builds are left alone.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails; then the old ones go on serving.
    pub fn take_over(&self, built: Vec<Built>) -> Result<(), ViewError> {
        self.now()?.take_over(built)
    }

    /// One consistent picture of all serving tables.
    ///
    /// # Errors
    /// [`ViewError::Reopening`] while the database is being opened anew.
    pub fn reader(&self) -> Result<Reader, ViewError> {
        Ok(Reader::of(self.now()?))
    }

    /// Up to where the serving rows are.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, ViewError> {
        self.reader()?.checkpoint()
    }

    /// A row of a serving table as it is now.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails or there is no such table.
    pub fn latest(&self, table: &'static str, key: &[u8]) -> Result<Option<RowBytes>, ViewError> {
        let current = self.current.load();
        let open = current.as_ref().ok_or(ViewError::Reopening)?;
        self.damage.note(open.serving.load().get(table)?.get(key))
    }

    /// An empty batch with room for so many rows.
    ///
    /// # Errors
    /// [`ViewError::Reopening`] while the database is being opened anew.
    pub fn batch(&self, capacity: usize) -> Result<Batch, ViewError> {
        Ok(Batch::new(&self.now()?, capacity))
    }

    /// Begins to write out the rows that wait in memory, when there are many; for a moment in which nothing else is done.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn settle(&self) -> Result<(), ViewError> {
        self.damage.note(self.now()?.settle())
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// [`ViewError`] when the folder cannot be read.
    pub fn size_bytes(&self) -> Result<u64, ViewError> {
        Ok(self.now()?.db.disk_space()?)
    }
}

/// Notes how the files were left, if nobody has them any more.
impl Drop for Views {
    fn drop(&mut self) {
        let closed = self.current.swap(None).and_then(Arc::into_inner).map(drop).is_some();
        if closed
            && !self.damage.is_there()
            && let Err(cause) = closed::note(&self.path)
        {
            tracing::debug!(%cause, "how the views were left could not be noted");
        }
    }
}

/// Up to where the views in a folder have seen the log, if they can be opened. Nothing is thrown away.
#[must_use]
pub fn remembered(path: &Path) -> Option<Checkpoint> {
    if !path.is_dir() || !boot::is_reliable(path) || closed::check(path).is_err() {
        return None;
    }
    let open = Open::at(path, Options::default(), Arc::default()).ok()?;
    let checkpoint = Reader::of(open).checkpoint().ok();
    if let Err(cause) = closed::note(path) {
        tracing::debug!(%cause, "how the views were left could not be noted");
    }
    checkpoint
}

fn throw_away(path: &Path, cause: &ViewError) -> Result<(), ViewError> {
    tracing::warn!(%cause, "the views are damaged; they are thrown away and rebuilt from the log");
    discard(path)
}

/// Empties the folder of views that nobody has open. The folder itself stays: it may be a disk of its own.
///
/// # Errors
/// [`ViewError::Io`] when it cannot be.
pub fn discard(path: &Path) -> Result<(), ViewError> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause.into()),
    };
    for entry in entries {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{Applied, Rows, Tables, Use};

    /// Counts events under one key, in a version of the caller's choice.
    struct Count(u32);

    impl Projection for Count {
        fn name(&self) -> &'static str {
            "count"
        }
        fn version(&self) -> u32 {
            self.0
        }
        fn tables(&self) -> &'static [TableSpec] {
            &[TableSpec { name: "counts", used_for: Use::Small }]
        }
        fn apply(&mut self, _: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
            Ok(())
        }
        fn finish(&mut self, _: &mut Rows<'_>) -> Result<(), ViewError> {
            Ok(())
        }
    }

    const SIDE: &[TableSpec] = &[TableSpec { name: "notes", used_for: Use::Small }];

    fn put(views: &Views, tables: &Tables, key: &[u8], next: Option<u64>) {
        let mut batch = views.batch(1).unwrap();
        batch.rows(tables).put("counts", key, b"1").unwrap();
        match next {
            Some(next) => batch.commit_serving(Checkpoint::new(Position(next), Hash::ZERO)).unwrap(),
            None => batch.commit().unwrap(),
        }
    }

    fn open(path: &Path, version: u32) -> (Views, Vec<&'static str>) {
        let views = Views::open(path, Options::default()).unwrap();
        let stale = views.serve(&[Box::new(Count(version))], SIDE).unwrap();
        (views, stale)
    }

    #[test]
    fn rows_and_checkpoint_are_there_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let (views, stale) = open(folder.path(), 1);
        assert!(stale.is_empty());
        put(&views, &views.batch(0).unwrap().serving(), b"a", Some(7));
        drop(views);
        let (views, stale) = open(folder.path(), 1);
        assert!(stale.is_empty());
        assert_eq!(views.checkpoint().unwrap().next(), Position(7));
        assert!(views.reader().unwrap().get("counts", b"a").unwrap().is_some());
    }

    #[test]
    fn a_reader_sees_the_old_rows_until_the_new_generation_takes_over() {
        let folder = tempfile::tempdir().unwrap();
        let (views, _) = open(folder.path(), 1);
        put(&views, &views.batch(0).unwrap().serving(), b"old", Some(7));
        let built = views.start_build(&Count(1)).unwrap();
        put(&views, built.tables(), b"new", None);
        let before = views.reader().unwrap();
        assert!(before.get("counts", b"old").unwrap().is_some());
        assert!(before.get("counts", b"new").unwrap().is_none());
        views.take_over(vec![built]).unwrap();
        assert!(before.get("counts", b"old").unwrap().is_some(), "a reader keeps its picture");
        let after = views.reader().unwrap();
        assert!(after.get("counts", b"old").unwrap().is_none());
        assert!(after.get("counts", b"new").unwrap().is_some());
        drop((before, after, views));
        let (views, stale) = open(folder.path(), 1);
        assert!(stale.is_empty());
        assert!(views.reader().unwrap().get("counts", b"new").unwrap().is_some());
    }

    #[test]
    fn another_version_is_stale_and_its_tables_are_not_served() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), 1));
        let (views, stale) = open(folder.path(), 2);
        assert_eq!(stale, ["count"]);
        assert!(matches!(views.reader().unwrap().get("counts", b"a"), Err(ViewError::NoTable("counts"))));
    }

    #[test]
    fn damaged_files_are_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let (views, _) = open(folder.path(), 1);
        put(&views, &views.batch(0).unwrap().serving(), b"a", Some(7));
        drop(views);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::write(&path, b"garbage").unwrap();
            }
        }
        let (views, _) = open(folder.path(), 1);
        assert_eq!(views.checkpoint().unwrap().next(), Position(0));
    }

    #[test]
    fn a_table_whose_files_are_gone_is_noticed_and_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        for gone in ["1", "1/current", "2", "2/current", "3", "3/current"] {
            let (views, _) = open(folder.path(), 1);
            put(&views, &views.batch(0).unwrap().serving(), b"a", Some(7));
            drop(views);
            let gone = folder.path().join("keyspaces").join(gone);
            match gone.is_dir() {
                true => std::fs::remove_dir_all(&gone).unwrap(),
                false => std::fs::remove_file(&gone).unwrap(),
            }
            let (views, stale) = open(folder.path(), 1);
            // Those of a projection are made by a build.
            match stale.as_slice() {
                [] => {
                    assert_eq!(views.checkpoint().unwrap().next(), Position(0), "{}", gone.display());
                    assert!(views.reader().unwrap().get("counts", b"a").unwrap().is_none());
                }
                stale => assert_eq!((stale, gone.to_str().unwrap().contains("/3")), (&["count"][..], true)),
            }
            drop(views);
            std::fs::remove_dir_all(folder.path()).unwrap();
            std::fs::create_dir(folder.path()).unwrap();
        }
    }

    #[test]
    fn views_that_are_opened_anew_keep_their_rows_unless_they_are_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let (views, _) = open(folder.path(), 1);
        put(&views, &views.batch(0).unwrap().serving(), b"a", Some(7));
        let reader = views.reader().unwrap();
        assert!(reader.get("counts", b"a").unwrap().is_some());
        drop(reader);
        let projections: [Box<dyn Projection>; 1] = [Box::new(Count(1))];
        assert!(views.open_anew(&projections, SIDE, None).unwrap().is_empty());
        assert_eq!(views.checkpoint().unwrap().next(), Position(7));
        assert!(views.reader().unwrap().get("counts", b"a").unwrap().is_some());
        let damaged = ViewError::NotWhole("by the test".into());
        assert!(views.open_anew(&projections, SIDE, Some(&damaged)).unwrap().is_empty());
        assert_eq!(views.checkpoint().unwrap().next(), Position(0));
        put(&views, &views.batch(0).unwrap().serving(), b"a", Some(1));
    }

    #[test]
    fn many_rows_are_written_out_in_a_quiet_moment_and_few_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let (views, _) = open(folder.path(), 1);
        let runs = || views.now().unwrap().serving.load().get("counts").unwrap().table_count();
        let tables = views.batch(0).unwrap().serving();
        put(&views, &tables, b"a", Some(1));
        views.settle().unwrap();
        assert_eq!(runs(), 0);
        let mut batch = views.batch(1).unwrap();
        // Small tables are written out by themselves before they gather so much; one row is more at once.
        batch.rows(&tables).put("counts", b"b", &vec![7; 17 << 20]).unwrap();
        batch.commit_serving(Checkpoint::new(Position(2), Hash::ZERO)).unwrap();
        views.settle().unwrap();
        while runs() == 0 {
            std::thread::sleep(PAUSE);
        }
        assert_eq!(runs(), 1);
        assert_eq!(views.latest("counts", b"b").unwrap().unwrap().len(), 17 << 20);
    }

    #[test]
    fn a_second_process_is_told_that_the_folder_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let _first = open(folder.path(), 1);
        assert!(matches!(Views::open(folder.path(), Options::default()), Err(ViewError::Locked)));
    }
}
