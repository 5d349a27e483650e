//! What every log must do. Each implementation runs all clauses.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::event::{Hash, Micros};

/// Opens the log under test; called again, it opens the same one again, where it outlives the handle.
type Open<'a> = &'a dyn Fn() -> Arc<dyn EventLog>;

fn commit(log: &dyn EventLog, at: i64, records: &[&[u8]]) -> Commit {
    prepare(log.head(), Micros(at), records.iter().map(|r| r.to_vec().into()).collect()).unwrap()
}

fn append(log: &dyn EventLog, at: i64, records: &[&[u8]]) -> Head {
    log.append(&commit(log, at, records)).unwrap()
}

fn all(log: &dyn EventLog, from: u64) -> Vec<(u64, Vec<u8>)> {
    let chunks: Vec<Chunk> = log.read(Position(from)).unwrap().map(Result::unwrap).collect();
    let records = chunks.iter().flat_map(|chunk| chunk.records().map(|(p, r)| (p.0, r.to_vec())).collect::<Vec<_>>());
    records.filter(|(position, _)| *position >= from).collect()
}

fn an_empty_log_has_no_chunks(open: Open<'_>) {
    let log = open();
    assert_eq!(log.head(), Head::default());
    assert_eq!(log.read(Position(0)).unwrap().count(), 0);
    assert_eq!(log.chunk_at(Position(0)).unwrap(), None);
}

fn records_come_back_byte_for_byte_and_without_gaps(open: Open<'_>) {
    let log = open();
    append(&*log, 1, &[b"a", b"", b"c"]);
    let head = append(&*log, 2, &[b"d"]);
    assert_eq!(head.next, Position(4));
    assert_eq!(all(&*log, 0), [(0, b"a".to_vec()), (1, vec![]), (2, b"c".to_vec()), (3, b"d".to_vec())]);
    assert_eq!(all(&*log, 2), [(2, b"c".to_vec()), (3, b"d".to_vec())]);
    assert_eq!(log.chunk_at(Position(1)).unwrap().unwrap().first(), Position(0));
    assert_eq!(log.chunk_at(Position(3)).unwrap().unwrap().record(Position(3)), Some(b"d".as_slice()));
    assert_eq!(log.chunk_at(Position(4)).unwrap(), None);
    assert_eq!(log.read(Position(4)).unwrap().count(), 0);
}

fn a_commit_that_does_not_continue_the_head_is_refused(open: Open<'_>) {
    let log = open();
    let early = commit(&*log, 1, &[b"a"]);
    append(&*log, 1, &[b"b"]);
    assert_eq!(log.append(&early), Err(LogError::NotNext { begins: Position(0), head: Position(1) }));
    let other = prepare(Head { next: Position(1), hash: Hash([9; 32]) }, Micros(1), vec![vec![1].into()]).unwrap();
    assert!(log.append(&other).is_err());
    assert_eq!(all(&*log, 0).len(), 1);
    append(&*log, 1, &[b"c"]);
}

fn time_never_goes_back(open: Open<'_>) {
    let log = open();
    append(&*log, 5, &[b"a"]);
    let earlier = commit(&*log, 4, &[b"b"]);
    assert_eq!(log.append(&earlier), Err(LogError::TimeWentBack(Position(1))));
    append(&*log, 5, &[b"b"]);
}

fn a_record_of_a_megabyte_is_kept(open: Open<'_>) {
    let log = open();
    let large: Vec<u8> = (0..1_048_576_u32).map(|i| (i % 251) as u8).collect();
    append(&*log, 1, &[b"a", &large, b"z"]);
    append(&*log, 1, &[&large]);
    assert_eq!(all(&*log, 1), [(1, large.clone()), (2, b"z".to_vec()), (3, large.clone())]);
    assert_eq!(log.chunk_at(Position(1)).unwrap().unwrap().record(Position(1)), Some(large.as_slice()));
}

fn the_chain_is_whole(open: Open<'_>) {
    let log = open();
    for at in 0..50 {
        append(&*log, at, &[&[7; 300], &[8; 2000], &[9; 3000]]);
    }
    let verified = verify(&*log, Position(0), |_| {}).unwrap();
    assert_eq!((verified.events, verified.head), (150, log.head()));
    assert_eq!(verify(&*log, Position(77), |_| {}).unwrap().head, log.head());
}

fn a_watermark_tells_a_log_that_lost_its_tail(open: Open<'_>) {
    let log = open();
    let half = append(&*log, 1, &[b"a", b"b"]);
    append(&*log, 1, &[b"c"]);
    let mark = |next: u64, hash| Watermark { next: Position(next), hash, of: "the views".into() };
    assert_eq!(check_watermark(&*log, &mark(2, half.hash)), Ok(()));
    assert_eq!(check_watermark(&*log, &mark(0, Hash::ZERO)), Ok(()));
    assert!(matches!(check_watermark(&*log, &mark(9, half.hash)), Err(LogError::Missing { missing: 6, .. })));
    assert!(matches!(check_watermark(&*log, &mark(2, Hash([1; 32]))), Err(LogError::Another { .. })));
    assert!(matches!(check_watermark(&*log, &mark(1, half.hash)), Err(LogError::Another { .. })));
}

fn readers_see_only_what_was_acknowledged_while_it_grows(open: Open<'_>) {
    let log = open();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = 0;
            while seen < 200 {
                let head = log.head().next.0;
                let records = all(&*log, 0);
                assert!(records.len() as u64 >= head);
                assert!(records.iter().enumerate().all(|(i, (position, _))| i as u64 == *position));
                seen = records.len();
            }
        });
        for at in 0..100 {
            append(&*log, at, &[&at.to_le_bytes(), b"x"]);
        }
        reader.join().unwrap();
    });
}

fn any_cut_into_commits_gives_the_same_records(open: Open<'_>) {
    let log = open();
    let mut written: Vec<Vec<u8>> = Vec::new();
    let commits = proptest::collection::vec(proptest::collection::vec(0_usize..9000, 1..6), 1..4);
    let mut runner = TestRunner::new(Config::with_cases(12));
    let log = std::cell::RefCell::new((log, &mut written));
    runner
        .run(&commits, |commits| {
            let (log, written) = &mut *log.borrow_mut();
            for sizes in commits {
                let records: Vec<Vec<u8>> = sizes.iter().map(|size| vec![*size as u8; *size]).collect();
                written.extend(records.clone());
                log.append(&prepare(log.head(), Micros(1), records.into_iter().map(Into::into).collect()).unwrap())
                    .unwrap();
            }
            let found: Vec<Vec<u8>> = all(&**log, 0).into_iter().map(|(_, record)| record).collect();
            prop_assert_eq!(&found, &**written);
            Ok(())
        })
        .unwrap();
}

fn everything_is_there_after_reopening(open: Open<'_>) {
    let log = open();
    append(&*log, 3, &[b"a", &[5; 20_000]]);
    let head = log.head();
    drop(log);
    let log = open();
    assert_eq!(log.head(), head);
    assert_eq!(all(&*log, 0), [(0, b"a".to_vec()), (1, vec![5; 20_000])]);
    let earlier = commit(&*log, 2, &[b"b"]);
    assert_eq!(log.append(&earlier), Err(LogError::TimeWentBack(Position(2))));
    append(&*log, 3, &[b"b"]);
}

/// A clause of the contract.
type Clause = (&'static str, fn(Open<'_>));

const CLAUSES: &[Clause] = &[
    ("an_empty_log_has_no_chunks", an_empty_log_has_no_chunks),
    ("records_come_back_byte_for_byte_and_without_gaps", records_come_back_byte_for_byte_and_without_gaps),
    ("a_commit_that_does_not_continue_the_head_is_refused", a_commit_that_does_not_continue_the_head_is_refused),
    ("time_never_goes_back", time_never_goes_back),
    ("a_record_of_a_megabyte_is_kept", a_record_of_a_megabyte_is_kept),
    ("the_chain_is_whole", the_chain_is_whole),
    ("a_watermark_tells_a_log_that_lost_its_tail", a_watermark_tells_a_log_that_lost_its_tail),
    ("readers_see_only_what_was_acknowledged_while_it_grows", readers_see_only_what_was_acknowledged_while_it_grows),
    ("any_cut_into_commits_gives_the_same_records", any_cut_into_commits_gives_the_same_records),
];

fn run(clause: &Clause, open: Open<'_>) {
    println!("clause: {}", clause.0);
    clause.1(open);
}

#[test]
fn the_log_in_memory_keeps_the_contract() {
    for clause in CLAUSES {
        run(clause, &|| Arc::new(MemoryLog::new()));
    }
}

#[test]
fn the_log_in_sled_keeps_the_contract() {
    let persistent: &[Clause] = &[("everything_is_there_after_reopening", everything_is_there_after_reopening)];
    for clause in CLAUSES.iter().chain(persistent) {
        let folder = tempfile::tempdir().unwrap();
        run(clause, &|| Arc::new(SledLog::open(&folder.path().join("log")).unwrap()));
    }
}

#[test]
fn a_log_that_is_open_elsewhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let _first = SledLog::open(&path).unwrap();
    assert!(matches!(SledLog::open(&path), Err(LogError::InUse(_))));
}

#[test]
fn a_folder_with_other_files_is_not_taken_for_a_new_log() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "hello").unwrap();
    assert!(matches!(SledLog::open(folder.path()), Err(LogError::Open(_))));
}
