//! An archive that follows a log, is cut off, damaged, and another's.

use proptest::prelude::*;

use super::*;
use crate::archive::{check, chunks, log_of, open_for};
use crate::event::Micros;
use crate::log::{EventLog, MemoryLog, prepare};

const SMALL: u64 = 20_000;

fn log(commits: i64) -> MemoryLog {
    let log = MemoryLog::new();
    for at in 0..commits {
        let records = (0..9_u8).map(|i| vec![i; 150 + usize::from(i) * 60].into()).collect();
        log.append(&prepare(log.head(), Micros(at), records).unwrap()).unwrap();
    }
    log
}

fn all(log: &dyn EventLog, from: Position) -> Vec<Chunk> {
    log.read(from).unwrap().map(Result::unwrap).collect()
}

fn archived(folder: &Path, from: u64) -> Vec<Chunk> {
    chunks(folder, Position(from)).unwrap().map(Result::unwrap).collect()
}

/// Brings an archive up to the log's end.
fn follow(folder: &Path, log: &dyn EventLog) {
    let mut writer = ArchiveWriter::with_segments_of(folder, SMALL).unwrap();
    check(folder, writer.log(), writer.end(), log).unwrap();
    let from = writer.end().next;
    for chunk in all(log, from).chunks(7).filter(|_| from < log.head().next) {
        writer.append(chunk).unwrap();
    }
    assert_eq!(writer.sync().unwrap(), log.head());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    segments(folder).unwrap().into_iter().map(|segment| segment.path).collect()
}

#[test]
fn a_folder_of_other_things_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for own in ["lost+found", ".snapshot"] {
        std::fs::create_dir(folder.path().join(own)).unwrap();
    }
    follow(folder.path(), &log(1));
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("letters.txt"), "dear").unwrap();
    let refused = ArchiveWriter::open(other.path()).unwrap_err();
    assert!(refused.is_mismatch() && refused.to_string().contains("such as letters.txt"), "{refused}");
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 1);
    // What came to lie beside an archive later is none of its business.
    std::fs::write(folder.path().join("letters.txt"), "dear").unwrap();
    follow(folder.path(), &log(2));
}

#[test]
fn the_archive_is_the_log_chunk_by_chunk_from_any_position() {
    let (folder, log) = (tempfile::tempdir().unwrap(), log(60));
    follow(folder.path(), &log);
    assert!(files(folder.path()).len() > 5);
    for from in [0, 1, 77, 300, 539] {
        assert_eq!(archived(folder.path(), from), all(&log, Position(from)), "{from}");
    }
    assert_eq!(archived(folder.path(), 540), []);
    assert_eq!(log_of(folder.path()).unwrap(), all(&log, Position(0))[0].hash());
}

#[test]
fn an_archive_without_a_log_yet_and_a_folder_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    follow(folder.path(), &MemoryLog::new());
    assert!(matches!(chunks(folder.path(), Position(0)), Err(ArchiveError::Nothing { .. })));
    let nowhere = folder.path().join("not/there");
    assert!(matches!(ArchiveWriter::open(&nowhere), Err(ArchiveError::NoFolderAbove { .. })));
}

#[test]
fn two_writers_are_not_let_in_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let _first = ArchiveWriter::open(folder.path()).unwrap();
    assert!(matches!(ArchiveWriter::open(folder.path()), Err(ArchiveError::InUse { .. })));
}

#[test]
fn another_logs_archive_and_one_that_is_ahead_are_refused() {
    let (folder, mine) = (tempfile::tempdir().unwrap(), log(8));
    follow(folder.path(), &mine);
    let writer = ArchiveWriter::open(folder.path()).unwrap();
    let refused = |log: &MemoryLog| check(folder.path(), writer.log(), writer.end(), log).unwrap_err();
    assert!(matches!(refused(&log(7)), ArchiveError::Ahead { have: Position(72), head: Position(63), .. }));
    assert!(matches!(refused(&MemoryLog::new()), ArchiveError::Ahead { head: Position(0), .. }));
    let other = MemoryLog::new();
    other.append(&prepare(Head::default(), Micros(0), vec![vec![1; 90].into(); 100]).unwrap()).unwrap();
    assert!(matches!(refused(&other), ArchiveError::Another { .. }));
    // The same beginning, and then another history.
    let forked = log(7);
    forked.append(&prepare(forked.head(), Micros(9), vec![vec![1; 90].into(); 100]).unwrap()).unwrap();
    assert!(matches!(refused(&forked), ArchiveError::Another { .. }));
    check(folder.path(), writer.log(), writer.end(), &mine).unwrap();
}

#[test]
fn chunks_that_do_not_come_next_are_refused() {
    let (folder, log) = (tempfile::tempdir().unwrap(), log(8));
    let mut writer = ArchiveWriter::open(folder.path()).unwrap();
    let all = all(&log, Position(0));
    assert!(matches!(writer.append(&all[1..]), Err(ArchiveError::NotNext { .. })));
}

#[test]
fn damage_in_any_segment_is_named_with_file_and_position_and_what_lies_before_is_read() {
    let (folder, log) = (tempfile::tempdir().unwrap(), log(60));
    follow(folder.path(), &log);
    for path in files(folder.path()) {
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let at = bytes.len() / 2;
        bytes[at] ^= 4;
        std::fs::write(&path, &bytes).unwrap();
        let read: Vec<_> = chunks(folder.path(), Position(0)).unwrap().collect();
        let Some((Err(ArchiveError::Damaged { file, position, .. }), before)) = read.split_last() else {
            panic!("the damage is not noticed")
        };
        assert_eq!(*file, path.display().to_string());
        assert_eq!(before.last().map_or(Position(0), |chunk| chunk.as_ref().unwrap().end()), *position);
        std::fs::write(&path, whole).unwrap();
    }
    let second = &files(folder.path())[1];
    std::fs::remove_file(second).unwrap();
    let read: Vec<_> = chunks(folder.path(), Position(0)).unwrap().collect();
    assert!(matches!(read.last(), Some(Err(ArchiveError::Damaged { .. }))));
    std::fs::remove_file(&files(folder.path())[0]).unwrap();
    assert!(matches!(chunks(folder.path(), Position(0)), Err(ArchiveError::Damaged { .. })));
}

#[test]
fn a_sealed_segment_that_is_cut_short_is_damage_and_not_an_end() {
    let (folder, log) = (tempfile::tempdir().unwrap(), log(60));
    follow(folder.path(), &log);
    let first = &files(folder.path())[0];
    let file = OpenOptions::new().write(true).open(first).unwrap();
    file.set_len(file.metadata().unwrap().len() - 3000).unwrap();
    let read: Vec<_> = chunks(folder.path(), Position(0)).unwrap().collect();
    assert!(matches!(read.last(), Some(Err(ArchiveError::Damaged { .. }))));
}

/// An archive of a log whose last segment has a bit flipped; the segment, and its bytes then.
fn damaged_inside(folder: &Path, log: &dyn EventLog, at: usize) -> (PathBuf, Vec<u8>) {
    follow(folder, log);
    let path = files(folder).pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    (path, bytes)
}

#[test]
fn damage_with_whole_entries_behind_it_is_no_crash_and_nothing_is_changed() {
    let log = log(3);
    // In the header, in a length, in a chunk.
    for at in [30, HEADER_BYTES + 1, HEADER_BYTES + 200] {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = damaged_inside(folder.path(), &log, at);
        let Err(ArchiveError::DamagedInside { file, position, until, .. }) = ArchiveWriter::open(folder.path()) else {
            panic!("byte {at} is taken for a crash")
        };
        assert_eq!((file, position, until), (path.display().to_string(), Position(0), Position(27)));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        let read: Vec<_> = chunks(folder.path(), Position(0)).map(Iterator::collect).unwrap_or_default();
        assert!(matches!(read.last(), Some(Err(ArchiveError::Damaged { .. }))), "{read:?}");
    }
}

#[test]
fn a_damaged_segment_is_set_aside_once_the_log_has_all_that_it_had() {
    let log = log(40);
    for share in [0, 30, 50, 90] {
        let folder = tempfile::tempdir().unwrap();
        follow(folder.path(), &log);
        let length = std::fs::metadata(files(folder.path()).pop().unwrap()).unwrap().len() as usize;
        let at = if share == 0 { 30 } else { HEADER_BYTES + (length - HEADER_BYTES) * share / 100 };
        let (path, bytes) = damaged_inside(folder.path(), &log, at);
        let (writer, aside) = open_for(folder.path(), &log).unwrap();
        if let Some(aside) = aside {
            assert_eq!((&aside.file, aside.position), (&path, writer.end().next));
            assert_eq!(std::fs::read(aside.kept_in).unwrap(), bytes);
        } else {
            // The last chunk of all: a write that was cut off looks the same.
            assert!(share == 90 && writer.cut().is_some(), "{share}");
        }
        drop(writer);
        follow(folder.path(), &log);
        assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
    }
}

#[test]
fn a_damaged_segment_stays_when_the_log_cannot_give_again_what_it_had() {
    let mine = log(5);
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = damaged_inside(folder.path(), &mine, HEADER_BYTES + 200);
    let other = MemoryLog::new();
    other.append(&prepare(Head::default(), Micros(0), vec![vec![1; 90].into(); 100]).unwrap()).unwrap();
    for log in [&log(4), &other, &MemoryLog::new()] {
        assert!(matches!(open_for(folder.path(), log), Err(ArchiveError::DamagedInside { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(files(folder.path()), std::slice::from_ref(&path));
    }
}

#[test]
fn what_was_never_finished_is_named_when_it_is_cut_off() {
    let (folder, log) = (tempfile::tempdir().unwrap(), log(3));
    follow(folder.path(), &log);
    let path = files(folder.path()).pop().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 40]).unwrap();
    let writer = ArchiveWriter::open(folder.path()).unwrap();
    let cut = writer.cut().unwrap();
    assert_eq!((&cut.file, cut.position, &cut.kept_in), (&path, writer.end().next, &None));
    assert!(cut.bytes > 0 && cut.bytes < 5_000);
}

#[test]
fn a_segment_that_holds_nothing_is_begun_anew() {
    let log = log(40);
    let header = Header { log: Hash([3; 32]), after: Head::default() }.to_bytes();
    for blank in [&[][..], &header[..10], &header[..80], &header[..HEADER_BYTES - 1], &[0; 700]] {
        // The first, and one before which all is there.
        for many in [1, 2] {
            let folder = tempfile::tempdir().unwrap();
            follow(folder.path(), &log);
            let paths = files(folder.path());
            paths[many..].iter().for_each(|path| std::fs::remove_file(path).unwrap());
            let (path, first) = (&paths[many - 1], super::segments(folder.path()).unwrap().pop().unwrap().first);
            std::fs::write(path, blank).unwrap();
            let writer = ArchiveWriter::with_segments_of(folder.path(), SMALL).unwrap();
            let cut = writer.cut().unwrap();
            assert_eq!((&cut.file, cut.position, writer.end().next), (path, first, first));
            assert_eq!(cut.kept_in.is_some(), blank.first().is_some_and(|byte| *byte != 0));
            drop(writer);
            follow(folder.path(), &log);
            assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
        }
    }
}

#[test]
fn a_segment_that_holds_nothing_stays_where_what_comes_before_it_is_missing() {
    let log = log(40);
    for cut_short in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        follow(folder.path(), &log);
        let paths = files(folder.path());
        let (last, before) = (&paths[paths.len() - 1], &paths[paths.len() - 2]);
        std::fs::write(last, []).unwrap();
        let mut left = std::fs::read(before).unwrap();
        if cut_short {
            left.truncate(left.len() / 2);
            std::fs::write(before, &left).unwrap();
        } else {
            std::fs::remove_file(before).unwrap();
        }
        assert!(matches!(open_for(folder.path(), &log), Err(ArchiveError::DamagedInside { .. })), "{cut_short}");
        assert!(last.exists());
        assert!(!cut_short || std::fs::read(before).unwrap() == left);
    }
}

#[test]
fn an_archives_own_files_without_a_segment_are_no_other_things() {
    let log = log(3);
    // The process ended while the first segment was begun.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("00000000000000000000.new"), [1; 9]).unwrap();
    follow(folder.path(), &log);
    assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
    // The only segment was set aside.
    let folder = tempfile::tempdir().unwrap();
    damaged_inside(folder.path(), &log, 30);
    assert!(open_for(folder.path(), &log).unwrap().1.is_some());
    follow(folder.path(), &log);
    assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
    for other in ["new", "1.new", "letter.damaged", "00000000000000000000.txt", "00000000000000000000.x.cut"] {
        assert!(!crate::archive::folder::is_own(other), "{other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn wherever_writing_is_cut_off_it_goes_on_from_what_is_whole(cut in any::<u64>(), zeros in 0_usize..500) {
        let (folder, log) = (tempfile::tempdir().unwrap(), log(20));
        follow(folder.path(), &log);
        let path = files(folder.path()).pop().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let cut = HEADER_BYTES + cut as usize % (bytes.len() - HEADER_BYTES + 1);
        bytes.truncate(cut);
        bytes.extend(vec![0; zeros]);
        std::fs::write(&path, &bytes).unwrap();
        follow(folder.path(), &log);
        prop_assert_eq!(archived(folder.path(), 0), all(&log, Position(0)));
    }
}
