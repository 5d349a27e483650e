//! Checkpoints and proofs over a log that grows.

use proptest::prelude::*;

use super::super::tree::{leaf, path, root};
use super::*;
use crate::log::{MemoryLog, prepare};

fn grow(log: &dyn EventLog, chunks: usize) {
    // Two records of 1,100 bytes do not fit into one chunk: each is a chunk of its own, every third holds two small ones.
    let records =
        (0..chunks).flat_map(|i| if i % 3 == 0 { vec![vec![i as u8; 1000]; 2] } else { vec![vec![i as u8; 2100]] });
    let commit = prepare(log.head(), Micros(1), records.map(Into::into).collect()).unwrap();
    log.append(&commit).unwrap();
}

fn notary(folder: &Path, log: &Arc<MemoryLog>) -> Notary {
    Notary::open(folder, log.clone(), &[7; 32]).unwrap()
}

fn all(log: &dyn EventLog) -> Vec<Chunk> {
    log.read(Position(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn checkpoints_have_the_root_over_all_chunks_and_are_there_after_reopening() {
    let (folder, log) = (tempfile::tempdir().unwrap(), Arc::new(MemoryLog::new()));
    let first = notary(folder.path(), &log);
    assert!(matches!(first.checkpoint(), Err(ProofError::Empty)));
    let mut signed = Vec::new();
    for step in [1, 700, 600, 0, 1300] {
        if step > 0 {
            grow(&*log, step);
        }
        let checkpoint = first.checkpoint().unwrap();
        let leaves: Vec<Hash> = all(&*log).iter().map(|chunk| leaf(chunk.hash())).collect();
        assert_eq!((checkpoint.root, checkpoint.chunks), (root(&leaves), leaves.len() as u64));
        assert_eq!(checkpoint.end, log.head());
        checkpoint.verify(&first.public_key()).unwrap();
        signed.push(checkpoint);
    }
    signed.dedup();
    assert_eq!(signed.len(), 4, "what was signed is not signed again");
    drop(first);
    let again = notary(folder.path(), &log);
    assert_eq!(again.last(), signed.last().copied());
    assert_eq!(read_checkpoints(&folder.path().join(CHECKPOINTS_FILE)).unwrap(), signed);
    assert_eq!(again.checkpoint().unwrap(), *signed.last().unwrap());
}

#[test]
fn proofs_are_the_paths_of_the_whole_tree_for_any_chunk_and_any_checkpoint() {
    let (folder, log) = (tempfile::tempdir().unwrap(), Arc::new(MemoryLog::new()));
    let notary = notary(folder.path(), &log);
    for step in [10, 1014, 1, 1500, 600] {
        grow(&*log, step);
        notary.checkpoint().unwrap();
        let chunks = all(&*log);
        let leaves: Vec<Hash> = chunks.iter().map(|chunk| leaf(chunk.hash())).collect();
        let count = leaves.len();
        for index in
            [0, 1, 9, 500, 1023, 1024, 1025, 2047, 2048, count - 2, count - 1].into_iter().filter(|i| *i < count)
        {
            let proof = notary.prove(chunks[index].first(), index % 2 == 0).unwrap();
            assert_eq!((proof.index, &proof.path), (index as u64, &path(&leaves, index).unwrap()));
            let proven = proof.verify(&notary.public_key()).unwrap();
            assert_eq!((proven.position, proven.through), (chunks[index].first(), log.head().next));
            assert_eq!(Proof::from_json(&proof.to_json()).unwrap(), proof);
        }
        // The log goes on, the checkpoint stays: older checkpoints prove as well.
        grow(&*log, 300);
        let proof = notary.prove(chunks[count / 2].first(), false).unwrap();
        assert_eq!(proof.checkpoint.chunks, count as u64);
        proof.verify(&notary.public_key()).unwrap();
    }
}

#[test]
fn without_its_subtrees_or_with_those_of_another_log_the_tree_is_made_again() {
    let (folder, log) = (tempfile::tempdir().unwrap(), Arc::new(MemoryLog::new()));
    grow(&*log, 3000);
    let expected = notary(folder.path(), &log).checkpoint().unwrap().root;
    let file = folder.path().join(SUBTREES_FILE);
    let whole = std::fs::read(&file).unwrap();
    assert_eq!(whole.len(), 16 + 2 * 48);
    let mut broken = whole.clone();
    broken[30] ^= 1;
    for bytes in [vec![], b"something else entirely".to_vec(), broken, whole[..80].to_vec()] {
        std::fs::write(&file, bytes).unwrap();
        let again = notary(folder.path(), &log);
        again.catch_up(&mut again.state()).unwrap();
        assert_eq!(again.tree(&mut again.state()).unwrap().root().1, expected);
        drop(again);
        assert_eq!(std::fs::read(&file).unwrap(), whole);
    }
    let other = Arc::new(MemoryLog::new());
    grow(&*other, 1);
    grow(&*other, 4000);
    let elsewhere = Notary::open(folder.path(), other.clone(), &[7; 32]).unwrap();
    assert_eq!(elsewhere.end().unwrap(), Head::default(), "its subtrees are not those of this log");
    let leaves: Vec<Hash> = all(&*other).iter().map(|chunk| leaf(chunk.hash())).collect();
    assert_eq!(elsewhere.checkpoint().unwrap().root, root(&leaves));
}

#[test]
fn a_line_that_was_cut_off_is_taken_away_and_one_that_was_changed_is_named() {
    let (folder, log) = (tempfile::tempdir().unwrap(), Arc::new(MemoryLog::new()));
    let file = folder.path().join(CHECKPOINTS_FILE);
    let first = notary(folder.path(), &log);
    for _ in 0..3 {
        grow(&*log, 5);
        first.checkpoint().unwrap();
    }
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 30]).unwrap();
    assert_eq!(notary(folder.path(), &log).last().unwrap().chunks, 10);
    assert_eq!(read_checkpoints(&file).unwrap().len(), 2);
    let mut changed = whole.clone();
    changed[2] ^= 1;
    std::fs::write(&file, &changed).unwrap();
    assert!(matches!(read_checkpoints(&file), Err(ProofError::Line { line: 1, .. })));
    assert_eq!(notary(folder.path(), &log).last().unwrap().chunks, 15);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_flipped_bit_anywhere_in_a_proof_is_refused(at in any::<usize>(), bit in 0_u8..8) {
        let (text, key) = written();
        let mut bytes = text.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let read = serde_json::from_slice(&bytes).ok().and_then(|value| Proof::from_json(&value).ok());
        prop_assert!(read.is_none_or(|proof| proof.verify(key).is_err()), "byte {} of {}", at, text);
    }
}

/// A proof as it is written, and the key.
fn written() -> &'static (String, PublicKey) {
    static WRITTEN: std::sync::OnceLock<(String, PublicKey)> = std::sync::OnceLock::new();
    WRITTEN.get_or_init(|| {
        let (folder, log) = (tempfile::tempdir().unwrap(), Arc::new(MemoryLog::new()));
        grow(&*log, 40);
        let notary = notary(folder.path(), &log);
        (notary.prove(Position(17), true).unwrap().to_json().to_string(), notary.public_key())
    })
}
