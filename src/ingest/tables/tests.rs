//! Tables are read back by the reader of the same crate here; other programs read them in `tests/it/tables.rs`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::event::{Micros, Position};

fn columns() -> Vec<Column> {
    vec![
        Column::new("number", Holds::Whole).always().distinct(),
        Column::new("word", Holds::Text),
        Column::new("items", Holds::Texts),
        Column::new("names", Holds::Map),
    ]
}

/// The moment of a row, in one of so many months from January 2024 on.
fn moment(month: u32) -> Micros {
    Micros::parse(&format!("{}-{:02}-15T12:00:00Z", 2024 + month / 12, month % 12 + 1)).unwrap()
}

/// Adds a row that says something in some of its columns.
fn add(table: &mut Table, number: i64, month: u32) {
    let word = if number % 3 == 0 { Cell::Absent } else { Cell::text(format!("w{number}")) };
    let items = match number % 4 {
        0 => Cell::Absent,
        1 => Cell::Texts(Vec::new()),
        more => Cell::Texts((0..more).map(|item| format!("i{item}").into()).collect()),
    };
    let names = if number % 2 == 0 { vec![("a", "1"), ("b", "")] } else { Vec::new() };
    table.add(moment(month), vec![Cell::Whole(number), word, items, Cell::Map(names)]).unwrap();
}

/// The parts of each month, in their order.
fn parts(folder: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let listed = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let number = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        name.strip_prefix("part-").unwrap().parse::<u32>().unwrap()
    };
    let month = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().strip_prefix("month=").unwrap().to_owned();
        let mut files = listed(&path);
        files.sort_by_key(number);
        (name, files)
    };
    listed(folder).into_iter().map(month).collect()
}

/// The rows of a file, as the reader shows them, and their numbers.
fn rows(file: &Path) -> Vec<(i64, String)> {
    let reader = SerializedFileReader::new(File::open(file).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(|row| row.unwrap());
    rows.map(|row| (row.get_long(0).unwrap(), row.to_string())).collect()
}

fn written(folder: &Path, limits: Limits, months: &[u32]) -> Written {
    let mut table = Table::create(folder, "things", columns(), limits).unwrap();
    months.iter().enumerate().for_each(|(number, month)| add(&mut table, number as i64, *month));
    table.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_the_limits_a_month_has_its_rows_in_their_order(
        months in prop::collection::vec(0_u32..7, 1..300),
        group_rows in 1_u32..40,
        waiting_bytes in 200_usize..4_000,
        open_files in 1_usize..5,
    ) {
        let (narrow, wide) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let told = written(narrow.path(), Limits { group_rows, waiting_bytes, open_files }, &months);
        let at_once = written(wide.path(), Limits::default(), &months);
        prop_assert_eq!((&told.rows, &told.months), (&at_once.rows, &at_once.months));
        let (narrow, wide) = (parts(&narrow.path().join("things")), parts(&wide.path().join("things")));
        prop_assert_eq!(told.files, narrow.values().map(|files| files.len() as u64).sum::<u64>());
        let bytes = narrow.values().flatten().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>();
        prop_assert_eq!(told.size_bytes, bytes);
        for (month, files) in &narrow {
            let read: Vec<_> = files.iter().flat_map(|file| rows(file)).collect();
            prop_assert_eq!(told.months[month], read.len() as u64);
            prop_assert!(read.is_sorted_by_key(|(number, _)| *number));
            prop_assert_eq!(&wide[month].len(), &1);
            prop_assert_eq!(&read, &rows(&wide[month][0]));
        }
        let numbers = narrow.values().flatten().flat_map(|file| rows(file)).map(|(number, _)| number);
        let mut numbers: Vec<i64> = numbers.collect();
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (0..months.len() as i64).collect::<Vec<_>>());
    }
}

#[test]
fn a_month_whose_file_had_to_be_closed_goes_on_in_another_part() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { group_rows: 1, waiting_bytes: 1 << 20, open_files: 1 };
    let told = written(folder.path(), limits, &[0, 1, 0, 0]);
    assert_eq!((told.rows, told.files), (4, 3));
    let parts = parts(&folder.path().join("things"));
    let numbers = |month: &str| parts[month].iter().map(|file| rows(file).len()).collect::<Vec<_>>();
    assert_eq!((numbers("2024-01"), numbers("2024-02")), (vec![1, 2], vec![1]));
}

#[test]
fn a_row_that_does_not_fit_is_refused_by_its_column() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::create(folder.path(), "things", columns(), Limits::default()).unwrap();
    let row = |first: Cell<'static>| vec![first, Cell::Absent, Cell::Absent, Cell::Map(Vec::new())];
    let refused = |problem: Result<(), TableError>| problem.unwrap_err().to_string();
    assert!(refused(table.add(moment(0), row(Cell::Truth(true)))).contains("`number`"));
    assert!(refused(table.add(moment(0), vec![Cell::Whole(1)])).contains("`word`"));
    assert!(refused(table.add(Micros(i64::MAX), row(Cell::Whole(1)))).contains("9999"));
}

#[test]
fn a_table_without_rows_is_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(written(folder.path(), Limits::default(), &[]), Written::default());
    assert!(parts(&folder.path().join("things")).is_empty());
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn an_export_has_its_name_only_when_it_is_whole_and_one_that_broke_off_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let (out, partial) = (folder.path().join("out"), folder.path().join("out.partial"));
    let meant = Manifest::new(Position(0), Position(9), false);
    let broken = Unfinished::begin(&out, &meant).unwrap();
    fs::write(broken.folder().join("left"), "over").unwrap();
    drop(broken);
    assert!(!out.exists());
    assert_eq!(manifest(&partial)["complete"], false);
    let unfinished = Unfinished::begin(&out, &meant).unwrap();
    let told = written(unfinished.folder(), Limits::default(), &[0]);
    let mut whole = meant.clone();
    whole.add("things", &told);
    unfinished.finish(whole).unwrap();
    assert!(!partial.exists() && !out.join("left").exists());
    let told = manifest(&out);
    assert_eq!((&told["complete"], &told["through"]), (&Value::from(true), &Value::from(9)));
    assert_eq!(told["tables"]["things"]["rows"], 1);
    assert!(matches!(Unfinished::begin(&out, &meant), Err(TableError::Occupied(_))));
}

#[test]
fn what_is_no_export_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (out, partial) = (folder.path().join("out"), folder.path().join("out.partial"));
    let meant = Manifest::new(Position(0), Position(9), false);
    fs::create_dir(&partial).unwrap();
    fs::write(partial.join("thesis.txt"), "years of work").unwrap();
    assert!(matches!(Unfinished::begin(&out, &meant), Err(TableError::InTheWay(_))));
    assert!(partial.join("thesis.txt").exists());
    fs::write(&out, "a file").unwrap();
    assert!(matches!(Unfinished::begin(&out, &meant), Err(TableError::Occupied(_))));
}
