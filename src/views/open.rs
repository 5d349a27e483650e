//! The database of the views while it is open: which tables serve, and which are being built.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use fjall::compaction::Leveled;
use fjall::config::{BlockSizePolicy, CompressionPolicy, FilterPolicy, PinningPolicy};
use fjall::{AbstractTree, CompressionType, Database, Keyspace, KeyspaceCreateOptions};
use serde::{Deserialize, Serialize};

use super::batch::{Batch, ByName};
use super::boot;
use super::damage::Damage;
use super::error::ViewError;
use super::projection::{Projection, TableSpec, Use};
use super::store::{Checkpoint, Options};
use crate::event::codec;

pub(super) const META: &str = "meta";
pub(super) const SERVING: &str = "serving";

/// Threads that write tables out and merge them. With more than one, fjall 3.1 keeps its first waiting actively while the
/// others merge: an eighth of all time was spent so.
const WORKERS: usize = 1;

/// Files as they were written that a table gathers before they are merged. Twice fjall's own four: a build merges half as
/// often, and a reader looks into a few files more.
const RUNS_BEFORE_MERGE: u8 = 8;

/// Bytes of rows in memory from which on they are written out in a quiet moment.
const SETTLE_BYTES: u64 = 16 << 20;
/// The same where a journal is full, which takes 64 MB.
const SETTLE_JOURNAL_BYTES: u64 = 1 << 20;

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

    /// Every one of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Keyspace> {
        self.by_name.values()
    }

    /// Bytes of rows in memory that nobody has begun to write out.
    pub(super) fn buffered_bytes(&self) -> u64 {
        self.all().map(|table| table.tree.active_memtable().size()).sum()
    }

    /// Buffers of rows that wait to be written out.
    pub(super) fn sealed_buffers(&self) -> usize {
        self.all().map(|table| table.tree.sealed_memtable_count()).sum()
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
    open: Arc<Open>,
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

    /// An empty batch of the database that the tables are in, with room for so many rows.
    #[must_use]
    pub fn batch(&self, capacity: usize) -> Batch {
        Batch::new(&self.open, capacity)
    }
}

/// An open database.
pub(super) struct Open {
    pub(super) db: Database,
    pub(super) meta: Keyspace,
    pub(super) serving: ArcSwap<Tables>,
    pub(super) damage: Arc<Damage>,
    options: Options,
    /// Journals that there were when rows were last written out for their sake.
    settled_journals: AtomicUsize,
    /// Buffers of rows that the journals gave back when it was opened, as many as may not be written out yet.
    pub(super) given_back: AtomicUsize,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("serving", &self.serving.load()).finish_non_exhaustive()
    }
}

impl Open {
    /// Opens the database in a folder; makes it where there is none.
    pub(super) fn at(path: &Path, options: Options, damage: Arc<Damage>) -> Result<Arc<Self>, ViewError> {
        boot::opened(path)?;
        let open = || {
            let db = Database::builder(path)
                .cache_size(options.cache_bytes)
                .max_journaling_size(128 << 20)
                .worker_threads(WORKERS)
                .open()?;
            // It is the first that is made. Without it what the others have would be counted once more.
            if !db.keyspace_exists(META) && db.keyspace_count() > 0 {
                return Err(gone(META));
            }
            let meta = db.keyspace(META, || table_options(Use::Small, options))?;
            Ok((db, meta))
        };
        let (db, meta) =
            catch_unwind(AssertUnwindSafe(open)).unwrap_or(Err(ViewError::Store(fjall::Error::Unrecoverable)))?;
        let (serving, settled_journals, given_back) = (ArcSwap::default(), AtomicUsize::new(1), AtomicUsize::new(0));
        Ok(Arc::new(Self { db, meta, serving, damage, options, settled_journals, given_back }))
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
    pub(super) fn serve(
        self: &Arc<Self>,
        projections: &[Box<dyn Projection>],
        side: &'static [TableSpec],
    ) -> Result<Vec<&'static str>, ViewError> {
        let fresh = self.meta.get(SERVING)?.is_none();
        let (mut serving, mut stale) = (Tables::default(), Vec::new());
        let mut batch = Batch::new(self, projections.len());
        for spec in side {
            let table = self.side_table(spec, &mut batch)?;
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
        let redone = side.iter().filter(|spec| spec.used_for == Use::Redone).map(|spec| spec.name).collect();
        self.check_whole(&serving, &redone)?;
        batch.commit()?;
        self.drop_others(&serving)?;
        self.given_back.store(serving.sealed_buffers(), Ordering::Relaxed);
        self.serving.store(Arc::new(serving));
        Ok(stale)
    }

    /// Drops tables that belong to no projection.
    pub(super) fn discard_side(&self, side: &[TableSpec]) -> Result<(), ViewError> {
        for spec in side {
            self.meta.remove(side_key(spec))?;
            if let Some(table) = self.existing(&side_name(spec)) {
                self.db.delete_keyspace(table)?;
            }
        }
        Ok(())
    }

    /// Makes empty tables for a new generation of a projection.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub(super) fn start_build(self: &Arc<Self>, projection: &dyn Projection) -> Result<Built, ViewError> {
        let number = self.generation(projection.name())?.map_or(0, |found| found.number.wrapping_add(1));
        let generation = Generation { number, version: projection.version() };
        let mut tables = Tables::default();
        for spec in projection.tables() {
            if let Some(left_over) = self.existing(&table_name(projection.name(), spec.name, generation)) {
                self.db.delete_keyspace(left_over)?;
            }
        }
        self.open_tables(projection.name(), projection.tables(), generation, &mut tables)?;
        Ok(Built { open: self.clone(), projection: projection.name(), generation, tables: Arc::new(tables) })
    }

    /// Puts built generations in the place of those that serve, in one atomic write; readers made from now on see
    /// only the new rows. The caller has brought them to exactly the serving checkpoint. The tables of before are dropped;
    /// those of other builds are left alone.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails; then the old ones go on serving.
    pub(super) fn take_over(self: &Arc<Self>, built: Vec<Built>) -> Result<(), ViewError> {
        let mut batch = Batch::new(self, built.len());
        let (mut by_name, mut replaced) = (self.serving.load().by_name.clone(), Vec::new());
        for new in built {
            if !Arc::ptr_eq(self, &new.open) {
                return Err(ViewError::Reopening);
            }
            batch.put(&self.meta, generation_key(new.projection).as_bytes(), codec::pack(&new.generation));
            replaced.extend(new.tables.by_name.iter().filter_map(|(name, table)| by_name.insert(name, table.clone())));
        }
        batch.commit()?;
        self.serving.store(Arc::new(Tables { by_name }));
        Ok(replaced.into_iter().try_for_each(|table| self.db.delete_keyspace(table))?)
    }

    /// Writes out the rows that wait in memory, when there are many, or when a journal is full that goes away then: in a quiet
    /// moment, so that neither they nor the journals that hold them lie there until more comes. It goes on in the database's own
    /// thread.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn settle(&self) -> fjall::Result<()> {
        let (serving, journals) = (self.serving.load(), self.db.journal_count());
        // A journal that stays all the same is no reason again.
        let one_more = journals > self.settled_journals.swap(journals, Ordering::Relaxed);
        let enough = if journals > 1 { SETTLE_JOURNAL_BYTES } else { SETTLE_BYTES };
        if !one_more && serving.buffered_bytes() < enough {
            return Ok(());
        }
        serving.all().chain([&self.meta]).try_for_each(|table| table.rotate_memtable().map(drop))
    }

    /// Refuses tables that hold what was written later than the last that the database knows of.
    ///
    /// Every batch writes a row of [`META`] as well, and all rows of a batch have one number. A table with a higher one tells
    /// that the journal lost what was written to the others: its rows would be counted twice.
    fn check_whole(&self, serving: &Tables, redone: &HashSet<&str>) -> Result<(), ViewError> {
        let known = self.meta.tree.get_highest_seqno();
        let ahead = |table: &&Keyspace| table.tree.get_highest_persisted_seqno() > known;
        let checked = serving.by_name.iter().filter(|(name, _)| !redone.contains(*name)).map(|(_, table)| table);
        match checked.into_iter().find(ahead) {
            None => Ok(()),
            Some(table) => Err(ViewError::NotWhole(format!("table {} is ahead of the journal", &**table.name()))),
        }
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
            let keyspace = self.db.keyspace(&name, || table_options(spec.used_for, self.options))?;
            into.by_name.insert(spec.name, keyspace);
        }
        Ok(())
    }

    /// A table that belongs to no projection; made and noted where there was none. fjall makes one whose files are gone anew and goes
    /// on, as if nothing had ever been in it.
    fn side_table(&self, spec: &TableSpec, batch: &mut Batch) -> Result<Keyspace, ViewError> {
        let (name, noted) = (side_name(spec), side_key(spec));
        let was_made = self.meta.get(&noted)?.is_some();
        if was_made && !self.db.keyspace_exists(&name) {
            return Err(gone(&name));
        }
        let table = self.db.keyspace(&name, || table_options(spec.used_for, self.options))?;
        if !was_made {
            batch.put(&self.meta, noted.as_bytes(), Vec::new());
        }
        Ok(table)
    }

    /// Whether a generation has all its tables. A power cut may take tables away whose generation it leaves.
    fn is_whole(&self, projection: &dyn Projection, generation: Generation) -> bool {
        let name = |spec: &TableSpec| table_name(projection.name(), spec.name, generation);
        projection.tables().iter().all(|spec| self.db.keyspace_exists(&name(spec)))
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

fn gone(table: &str) -> ViewError {
    ViewError::NotWhole(format!("the files of table {table} are gone"))
}

/// Where a projection's serving generation is noted.
fn generation_key(projection: &str) -> String {
    format!("projection/{projection}")
}

/// The name in the database of a table that belongs to no projection.
fn side_name(spec: &TableSpec) -> String {
    format!("side.{}", spec.name)
}

/// Where it is noted that such a table was made.
fn side_key(spec: &TableSpec) -> String {
    format!("side/{}", spec.name)
}

/// The name of a generation's table in the database.
fn table_name(projection: &str, table: &str, generation: Generation) -> String {
    format!("{projection}.{table}.{}", generation.number)
}

/// How a table is laid out, by its use. Where its blocks are is kept in memory: half a byte an event.
fn table_options(used_for: Use, options: Options) -> KeyspaceCreateOptions {
    let defaults = KeyspaceCreateOptions::default()
        .data_block_compression_policy(CompressionPolicy::all(CompressionType::Lz4))
        .index_block_pinning_policy(PinningPolicy::all(true))
        .compaction_strategy(Arc::new(Leveled::default().with_l0_threshold(RUNS_BEFORE_MERGE)));
    let ranges = |table: KeyspaceCreateOptions| {
        table.data_block_size_policy(BlockSizePolicy::all(RANGE_BLOCK_BYTES)).filter_policy(FilterPolicy::disabled())
    };
    // One row of them is looked up as well, and is there. Without filters a block of every run would be read for it; the
    // lowest level, nine tenths of all rows, needs none.
    let rows_that_are_there = |table: KeyspaceCreateOptions| {
        table
            .data_block_size_policy(BlockSizePolicy::all(RANGE_BLOCK_BYTES))
            .expect_point_read_hits(true)
            .filter_block_pinning_policy(PinningPolicy::all(true))
    };
    // A small row takes five times its bytes in this buffer. And looking for what is not there costs a search through it: one
    // that fits the processor's cache is searched several times faster than one of 16 MB. 2 MB are too small: files of
    // the tables with random keys are merged so often that ten million events take twice as long.
    let small_rows = options.table_buffer_bytes / 16 * 3;
    match used_for {
        Use::Ranges => rows_that_are_there(defaults.max_memtable_size(options.table_buffer_bytes)),
        Use::Index | Use::Redone => ranges(defaults.max_memtable_size(small_rows)),
        // A filter is read as a whole. Out of a cache that it does not fit into it would be read for every row that is asked for:
        // with ten million events three quarters of the time of preparing a commit went there. 1.3 bytes a row.
        Use::Lookups => defaults.max_memtable_size(small_rows).filter_block_pinning_policy(PinningPolicy::all(true)),
        Use::Small => defaults.max_memtable_size(2 << 20),
    }
}
