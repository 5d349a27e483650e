//! The database of the views: which tables serve, which are being built, and up to where.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use fjall::compaction::Leveled;
use fjall::config::{BlockSizePolicy, CompressionPolicy, FilterPolicy};
use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions};
use serde::{Deserialize, Serialize};

use super::RowBytes;
use super::batch::{Batch, ByName};
use super::boot::{self, Closing};
use super::error::ViewError;
use super::projection::{Projection, TableSpec, Use};
use super::reader::Reader;
use crate::event::{Hash, Position, codec};

pub(super) const META: &str = "meta";
pub(super) const SERVING: &str = "serving";

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
        Self { cache_bytes: 64 << 20, table_buffer_bytes: 16 << 20 }
    }
}

/// Threads that write tables out and merge them. With more than one, fjall 3.1 keeps its first waiting actively while the
/// others merge: an eighth of all time was spent so.
const WORKERS: usize = 1;

/// Files as they were written that a table gathers before they are merged. Twice fjall's own four: a build merges half as
/// often, and a reader looks into a few files more.
const RUNS_BEFORE_MERGE: u8 = 8;

/// Bytes of a block of rows that are read in ranges: neighbours have much in common, and in larger blocks more of it is
/// stored once.
const RANGE_BLOCK_BYTES: u32 = 16 << 10;

/// A set of tables, by name.
#[derive(Default)]
pub struct Tables {
    by_name: ByName,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl Tables {
    pub(super) fn get(&self, table: &'static str) -> Result<&Keyspace, ViewError> {
        self.by_name.get(table).ok_or(ViewError::NoTable(table))
    }
}

/// Which generation of a projection serves, and of which version it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Generation {
    number: u32,
    version: u32,
}

/// The tables of a projection's new generation, while it is built and when it is ready to take over.
#[derive(Debug)]
pub struct Built {
    projection: &'static str,
    generation: Generation,
    tables: Arc<Tables>,
}

impl Built {
    /// The tables, for writing into them.
    #[must_use]
    pub fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }
}

/// The database of the views.
pub struct Views {
    db: Database,
    meta: Keyspace,
    serving: ArcSwap<Tables>,
    options: Options,
    /// The last: what it does comes behind the end of the database.
    _closing: Closing,
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Views").field("serving", &self.serving.load()).finish_non_exhaustive()
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
            std::fs::remove_dir_all(path)?;
        }
        boot::opened(path)?;
        match Self::try_open(path, options) {
            Err(ViewError::Store(cause)) if is_damage(&cause) => {
                tracing::warn!(%cause, "the views cannot be opened; they are thrown away and rebuilt from the log");
                std::fs::remove_dir_all(path)?;
                boot::opened(path)?;
                Self::try_open(path, options)
            }
            Err(ViewError::Store(fjall::Error::Locked)) => Err(ViewError::Locked),
            other => other,
        }
    }

    fn try_open(path: &Path, options: Options) -> Result<Self, ViewError> {
        let open = || {
            Database::builder(path)
                .cache_size(options.cache_bytes)
                .max_journaling_size(128 << 20)
                .worker_threads(WORKERS)
                .open()
        };
        let db = catch_unwind(AssertUnwindSafe(open)).unwrap_or(Err(fjall::Error::Unrecoverable))?;
        let meta = db.keyspace(META, || table_options(Use::Small, options))?;
        Ok(Self { db, meta, serving: ArcSwap::default(), options, _closing: Closing(path.to_owned()) })
    }

    /// Takes the generations of these projections into service. Those without one, or with one of another version,
    /// are returned: they must be built. On an empty database every projection starts serving at once, from no events.
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
        let fresh = self.meta.get(SERVING)?.is_none();
        let (mut serving, mut stale) = (Tables::default(), Vec::new());
        let mut batch = self.batch(projections.len());
        for spec in side {
            let table = self.table(&format!("side.{}", spec.name), spec.used_for)?;
            serving.by_name.insert(spec.name, table);
        }
        for projection in projections {
            let generation = match self.generation(projection.name())? {
                Some(found) if found.version == projection.version() && self.is_whole(&**projection, found) => found,
                None if fresh => {
                    let first = Generation { number: 0, version: projection.version() };
                    batch.put(&self.meta, generation_key(projection.name()).as_bytes(), codec::pack(&first));
                    first
                }
                Some(_) | None => {
                    stale.push(projection.name());
                    continue;
                }
            };
            self.open_tables(projection.name(), projection.tables(), generation, &mut serving)?;
        }
        if fresh {
            batch.put(&self.meta, SERVING.as_bytes(), codec::pack(&Checkpoint::default()));
        }
        batch.commit()?;
        self.drop_others(&serving)?;
        self.serving.store(Arc::new(serving));
        Ok(stale)
    }

    /// Makes empty tables for a new generation of a projection.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn start_build(&self, projection: &dyn Projection) -> Result<Built, ViewError> {
        let number = self.generation(projection.name())?.map_or(0, |found| found.number.wrapping_add(1));
        let generation = Generation { number, version: projection.version() };
        let mut tables = Tables::default();
        for spec in projection.tables() {
            if let Some(left_over) = self.existing(&table_name(projection.name(), spec.name, generation)) {
                self.db.delete_keyspace(left_over)?;
            }
        }
        self.open_tables(projection.name(), projection.tables(), generation, &mut tables)?;
        Ok(Built { projection: projection.name(), generation, tables: Arc::new(tables) })
    }

    /// Puts built generations in the place of those that serve, in one atomic write; readers made from now on see
    /// only the new rows. The caller has brought them to exactly the serving checkpoint. The tables of before are dropped;
    /// those of other builds are left alone.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails; then the old ones go on serving.
    pub fn take_over(&self, built: Vec<Built>) -> Result<(), ViewError> {
        let mut batch = self.batch(built.len());
        let (mut by_name, mut replaced) = (self.serving.load().by_name.clone(), Vec::new());
        for new in built {
            batch.put(&self.meta, generation_key(new.projection).as_bytes(), codec::pack(&new.generation));
            replaced.extend(new.tables.by_name.iter().filter_map(|(name, table)| by_name.insert(name, table.clone())));
        }
        batch.commit()?;
        self.serving.store(Arc::new(Tables { by_name }));
        Ok(replaced.into_iter().try_for_each(|table| self.db.delete_keyspace(table))?)
    }

    /// One consistent picture of all serving tables.
    #[must_use]
    pub fn reader(&self) -> Reader {
        let tables = self.serving.load_full();
        Reader { snapshot: self.db.snapshot(), tables, meta: self.meta.clone() }
    }

    /// Up to where the serving rows are.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, ViewError> {
        self.reader().checkpoint()
    }

    /// A row of a serving table as it is now.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails or there is no such table.
    pub fn latest(&self, table: &'static str, key: &[u8]) -> Result<Option<RowBytes>, ViewError> {
        Ok(self.serving.load().get(table)?.get(key)?)
    }

    /// An empty batch with room for so many rows.
    #[must_use]
    pub fn batch(&self, capacity: usize) -> Batch {
        Batch::new(&self.db, capacity)
    }

    /// The tables that serve, for writing into them.
    #[must_use]
    pub fn serving(&self) -> Arc<Tables> {
        self.serving.load_full()
    }

    /// Writes a batch, and the checkpoint of the serving tables with it.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails; then nothing of it is written.
    pub fn commit_serving(&self, mut batch: Batch, checkpoint: Checkpoint) -> Result<(), ViewError> {
        batch.put(&self.meta, SERVING.as_bytes(), codec::pack(&checkpoint));
        batch.commit()
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// [`ViewError`] when the folder cannot be read.
    pub fn size_bytes(&self) -> Result<u64, ViewError> {
        Ok(self.db.disk_space()?)
    }

    fn generation(&self, projection: &str) -> Result<Option<Generation>, ViewError> {
        let row = self.meta.get(generation_key(projection))?;
        row.map(|bytes| codec::unpack(&bytes)).transpose().map_err(|cause| ViewError::Row { table: META, cause })
    }

    fn open_tables(
        &self,
        projection: &str,
        specs: &[TableSpec],
        generation: Generation,
        into: &mut Tables,
    ) -> Result<(), ViewError> {
        for spec in specs {
            let name = table_name(projection, spec.name, generation);
            let keyspace = self.table(&name, spec.used_for)?;
            into.by_name.insert(spec.name, keyspace);
        }
        Ok(())
    }

    /// Whether every table of a generation is there. One that is not must never be taken for an empty one.
    fn is_whole(&self, projection: &dyn Projection, generation: Generation) -> bool {
        let name = |spec: &TableSpec| table_name(projection.name(), spec.name, generation);
        projection.tables().iter().all(|spec| self.db.keyspace_exists(&name(spec)))
    }

    /// Opens a table; makes it where there is none.
    fn table(&self, name: &str, used_for: Use) -> Result<Keyspace, ViewError> {
        Ok(self.db.keyspace(name, || table_options(used_for, self.options))?)
    }

    fn existing(&self, name: &str) -> Option<Keyspace> {
        if !self.db.keyspace_exists(name) {
            return None;
        }
        self.db.keyspace(name, KeyspaceCreateOptions::default).ok()
    }

    /// Drops every table that does not serve.
    fn drop_others(&self, serving: &Tables) -> Result<(), ViewError> {
        let keep: HashSet<&str> = serving.by_name.values().map(|keyspace| &**keyspace.name()).collect();
        for name in self.db.list_keyspace_names() {
            if &*name != META
                && !keep.contains(&*name)
                && let Some(keyspace) = self.existing(&name)
            {
                self.db.delete_keyspace(keyspace)?;
            }
        }
        Ok(())
    }
}

/// Where a projection's serving generation is noted.
fn generation_key(projection: &str) -> String {
    format!("projection/{projection}")
}

/// The name of a generation's table in the database.
fn table_name(projection: &str, table: &str, generation: Generation) -> String {
    format!("{projection}.{table}.{}", generation.number)
}

/// How a table is laid out, by its use.
fn table_options(used_for: Use, options: Options) -> KeyspaceCreateOptions {
    let defaults = KeyspaceCreateOptions::default()
        .data_block_compression_policy(CompressionPolicy::new([CompressionType::None, CompressionType::Lz4]))
        .compaction_strategy(Arc::new(Leveled::default().with_l0_threshold(RUNS_BEFORE_MERGE)));
    match used_for {
        Use::Ranges => defaults
            .max_memtable_size(options.table_buffer_bytes)
            .data_block_size_policy(BlockSizePolicy::all(RANGE_BLOCK_BYTES))
            .filter_policy(FilterPolicy::disabled()),
        // Looking for what is not there costs a search through this buffer: one that fits the processor's cache is
        // searched several times faster than one of 16 MB.
        Use::Lookups => defaults.max_memtable_size(options.table_buffer_bytes / 4),
        Use::Small => defaults.max_memtable_size(2 << 20),
    }
}

/// Whether an error at opening means that the files are not as they should be, rather than that they are out of reach.
fn is_damage(cause: &fjall::Error) -> bool {
    use std::io::ErrorKind::{AlreadyExists, InvalidData, NotFound, UnexpectedEof};
    if let fjall::Error::Io(io) = cause {
        return matches!(io.kind(), AlreadyExists | InvalidData | NotFound | UnexpectedEof);
    }
    !matches!(cause, fjall::Error::Locked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{Applied, Rows};

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
        let mut batch = views.batch(1);
        batch.rows(tables).put("counts", key, b"1").unwrap();
        match next {
            Some(next) => views.commit_serving(batch, Checkpoint::new(Position(next), Hash::ZERO)).unwrap(),
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
        put(&views, &views.serving(), b"a", Some(7));
        drop(views);
        let (views, stale) = open(folder.path(), 1);
        assert!(stale.is_empty());
        assert_eq!(views.checkpoint().unwrap().next(), Position(7));
        assert!(views.reader().get("counts", b"a").unwrap().is_some());
    }

    #[test]
    fn a_reader_sees_the_old_rows_until_the_new_generation_takes_over() {
        let folder = tempfile::tempdir().unwrap();
        let (views, _) = open(folder.path(), 1);
        put(&views, &views.serving(), b"old", Some(7));
        let built = views.start_build(&Count(1)).unwrap();
        put(&views, built.tables(), b"new", None);
        let before = views.reader();
        assert!(before.get("counts", b"old").unwrap().is_some());
        assert!(before.get("counts", b"new").unwrap().is_none());
        views.take_over(vec![built]).unwrap();
        assert!(before.get("counts", b"old").unwrap().is_some(), "a reader keeps its picture");
        let after = views.reader();
        assert!(after.get("counts", b"old").unwrap().is_none());
        assert!(after.get("counts", b"new").unwrap().is_some());
        drop((before, after, views));
        let (views, stale) = open(folder.path(), 1);
        assert!(stale.is_empty());
        assert!(views.reader().get("counts", b"new").unwrap().is_some());
    }

    /// What a kill leaves: the files as they are while the database is open.
    fn killed(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            match path.is_dir() {
                true => killed(&path, &target),
                false => drop(std::fs::copy(path, target).unwrap()),
            }
        }
    }

    #[test]
    fn what_took_over_before_a_kill_is_there_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = |round: u32| folder.path().join(round.to_string());
        for round in 0..6 {
            let (views, stale) = open(&place(round), 1);
            assert!(stale.is_empty(), "after {round} kills the tables are not there");
            if round > 0 {
                let row = views.reader().get("counts", b"row").unwrap();
                assert!(row.is_some(), "after {round} kills the rows are not there");
            }
            for _ in 0..3 {
                let built = views.start_build(&Count(1)).unwrap();
                put(&views, built.tables(), b"row", None);
                views.take_over(vec![built]).unwrap();
            }
            killed(&place(round), &place(round + 1));
        }
    }

    #[test]
    fn another_version_is_stale_and_its_tables_are_not_served() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), 1));
        let (views, stale) = open(folder.path(), 2);
        assert_eq!(stale, ["count"]);
        assert!(matches!(views.reader().get("counts", b"a"), Err(ViewError::NoTable("counts"))));
    }

    #[test]
    fn damaged_files_are_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let (views, _) = open(folder.path(), 1);
        put(&views, &views.serving(), b"a", Some(7));
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
    fn a_second_process_is_told_that_the_folder_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let _first = open(folder.path(), 1);
        assert!(matches!(Views::open(folder.path(), Options::default()), Err(ViewError::Locked)));
    }
}
