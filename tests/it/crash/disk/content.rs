//! The bytes of a file, sparse and cheap to copy.

use std::collections::BTreeMap;
use std::sync::Arc;

const PAGE: usize = 4096;

/// What a disk writes as a whole or not at all, in bytes.
pub(super) const SECTOR: usize = 512;

/// The bytes of a file. What was never written is zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    size: u64,
    pages: BTreeMap<u64, Arc<[u8; PAGE]>>,
}

impl Content {
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Up to so many bytes from an offset on; fewer at the end.
    pub(super) fn read(&self, offset: u64, length: usize) -> Vec<u8> {
        let end = self.size.min(offset.saturating_add(length as u64));
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(offset)).unwrap()];
        for (page, at, from, count) in pieces(offset, bytes.len()) {
            if let Some(page) = self.pages.get(&page) {
                bytes[from..from + count].copy_from_slice(&page[at..at + count]);
            }
        }
        bytes
    }

    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) {
        for (page, at, from, count) in pieces(offset, bytes.len()) {
            let page = self.pages.entry(page).or_insert_with(|| Arc::new([0; PAGE]));
            Arc::make_mut(page)[at..at + count].copy_from_slice(&bytes[from..from + count]);
        }
        self.size = self.size.max(offset + bytes.len() as u64);
    }

    /// Cuts off what lies behind, or appends zeros.
    pub(super) fn resize(&mut self, size: u64) {
        if size < self.size {
            self.pages.split_off(&size.div_ceil(PAGE as u64));
            let within = usize::try_from(size % PAGE as u64).unwrap();
            if within > 0
                && let Some(page) = self.pages.get_mut(&(size / PAGE as u64))
            {
                Arc::make_mut(page)[within..].fill(0);
            }
        }
        self.size = size;
    }

    /// Every stretch that was written, with its offset, up to the end.
    pub(super) fn stretches(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.pages.iter().filter_map(|(page, bytes)| {
            let offset = page * PAGE as u64;
            let length = usize::try_from(self.size.saturating_sub(offset)).unwrap().min(PAGE);
            (length > 0).then(|| (offset, &bytes[..length]))
        })
    }
}

/// A stretch of bytes cut at the borders of pages: the page, where in it, where in the stretch, how many.
fn pieces(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = offset + from as u64;
        let within = usize::try_from(at % PAGE as u64).unwrap();
        let count = (PAGE - within).min(length - from);
        let piece = (at / PAGE as u64, within, from, count);
        from += count;
        (count > 0).then_some(piece)
    })
}

#[test]
fn what_is_written_is_read_and_what_is_not_is_zero() {
    let mut content = Content::default();
    content.write(PAGE as u64 - 2, b"abcd");
    assert_eq!((content.size(), content.read(PAGE as u64 - 3, 99)), (PAGE as u64 + 2, b"\0abcd".to_vec()));
    let copy = content.clone();
    content.resize(PAGE as u64 - 1);
    content.resize(PAGE as u64 + 1);
    assert_eq!(content.read(PAGE as u64 - 2, 9), b"a\0\0");
    assert_eq!(copy.read(PAGE as u64 - 2, 9), b"abcd");
    assert_eq!(content.stretches().map(|(_, bytes)| bytes.len()).sum::<usize>(), PAGE);
}
