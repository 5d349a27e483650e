//! Items out of NDJSON.

use std::io::{BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::input::Input;
use super::{Broken, Deliver, Group, Taken};
use crate::cli::failure::Failure;
use crate::ingest::Rejected;
use crate::ingest::cloudevents::{Item, LINE_BYTES, NdJson};

/// Lines that go on together.
const GROUP_LINES: usize = 1_000;
/// Bytes of lines that go on together.
const GROUP_BYTES: usize = 8 << 20;
/// How much is kept of a line that is too long to be taken.
const KEPT_BYTES: usize = 8 << 20;

/// Reads lines and delivers their items in groups; where the input broke off.
pub(super) fn each(input: &mut Input, deliver: &mut Deliver<'_>) -> Result<Option<Broken>, Failure> {
    let mut lines = NdJson::new();
    // As it stands in the input: until its end, also where it comes in pieces.
    let mut line = Vec::new();
    let (mut taken, mut bytes, mut last) = (Vec::new(), 0, 0);
    loop {
        let before = line.len();
        // What does not fit into a line is fed in pieces; the reader of lines refuses the whole of them once.
        let piece = (&mut input.reader).take(LINE_BYTES as u64 + 2).read_until(b'\n', &mut line);
        let (read, broken) = match piece {
            Ok(read) => (read, None),
            Err(cause) => (0, Some(cause)),
        };
        let items = match (read, &broken) {
            // Half a line is none.
            (_, Some(_)) => Vec::new(),
            (0, None) => lines.finish().into_iter().collect(),
            _ => lines.feed(line.get(before..).unwrap_or_default()),
        };
        let ended = line.ends_with(b"\n");
        line.truncate(KEPT_BYTES);
        for item in items {
            bytes += line.len();
            let item = taken_of(item, &line);
            last = item.place.line.unwrap_or(last);
            taken.push(item);
        }
        if ended {
            line.clear();
        }
        if taken.len() >= GROUP_LINES || bytes >= GROUP_BYTES || read == 0 {
            let read_bytes = input.read.load(Ordering::Relaxed);
            let group = Group { read: taken.len() as u64, bytes: read_bytes, taken: std::mem::take(&mut taken) };
            deliver(group)?;
            bytes = 0;
        }
        if read == 0 {
            return Ok(broken.map(|cause| Broken { line: last, cause }));
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
