//! Items out of NDJSON.

use std::io::{BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::input::Input;
use super::{Deliver, Group, Taken};
use crate::cli::failure::Failure;
use crate::ingest::Rejected;
use crate::ingest::cloudevents::{Item, LINE_BYTES, NdJson};

/// Lines that go on together.
const GROUP_LINES: usize = 1_000;
/// Bytes of lines that go on together.
const GROUP_BYTES: usize = 8 << 20;

/// Reads lines and delivers their items in groups.
pub(super) fn each(input: &mut Input, deliver: &mut Deliver<'_>) -> Result<(), Failure> {
    let mut lines = NdJson::new();
    let mut line = Vec::new();
    let (mut taken, mut bytes) = (Vec::new(), 0);
    loop {
        line.clear();
        // What does not fit into a line is fed in pieces; the reader of lines refuses the whole of them once.
        let piece = (&mut input.reader).take(LINE_BYTES as u64 + 2).read_until(b'\n', &mut line);
        let read = piece.map_err(|cause| Failure::new(format!("{}: {cause}", input.name)))?;
        let items = if read == 0 { lines.finish().into_iter().collect() } else { lines.feed(&line) };
        for item in items {
            bytes += line.len();
            taken.push(taken_of(item, &line));
        }
        if taken.len() >= GROUP_LINES || bytes >= GROUP_BYTES || read == 0 {
            let read_bytes = input.read.load(Ordering::Relaxed);
            let group = Group { read: taken.len() as u64, bytes: read_bytes, taken: std::mem::take(&mut taken) };
            deliver(group)?;
            bytes = 0;
        }
        if read == 0 {
            return Ok(());
        }
    }
}

fn taken_of(item: Result<Item, Rejected>, line: &[u8]) -> Taken {
    let raw: Arc<[u8]> = line.trim_ascii_end().into();
    match item {
        Ok(Item { place, id, event }) => Taken { place, id, event: Ok(event), raw },
        Err(rejected) => Taken { place: rejected.place, id: String::new(), event: Err(rejected), raw },
    }
}
