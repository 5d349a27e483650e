//! NDJSON: one event a line, fed in pieces of any size.

use crate::event::Invalid;
use crate::event::limits::EVENT_BYTES;
use crate::ingest::rejected::{Code, Place, Rejected};

use super::Item;
use super::attributes::read_item;
use super::modes::parse_line;

/// How long a line may be: as long as one event, 1 MB.
pub const LINE_BYTES: usize = EVENT_BYTES;

/// Splits a stream of bytes into lines and reads an event out of each.
///
/// However the bytes are cut into pieces, the items are the same. At most one line is held in memory. Blank lines are
/// skipped; a line that cannot be taken is one rejection, and reading goes on with the next.
///
/// ```
/// use novelo::ingest::cloudevents::NdJson;
///
/// let mut lines = NdJson::new();
/// let mut items = lines.feed(br#"{"specversion": "1.0", "id": "m-1", "source": "chat", "type": "nov"#);
/// assert!(items.is_empty());
/// items.extend(lines.feed(b"elo.note.added\", \"time\": \"2026-01-05T13:07:41Z\", \"data\": {\"text\": \"x\"}}\n\nno JSON\n"));
/// items.extend(lines.finish());
/// assert!(items[0].is_ok());
/// assert_eq!(items[1].as_ref().unwrap_err().place.line, Some(3));
/// ```
#[derive(Debug, Default)]
pub struct NdJson {
    /// The line that is being read, as far as it fits.
    line: Vec<u8>,
    /// How long it is, whether it fits or not.
    length: usize,
    lines: u64,
    items: u64,
}

impl NdJson {
    /// Starts at the first line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes; gives the items of the lines that end in them.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<Result<Item, Rejected>> {
        let mut items = Vec::new();
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (head, tail) = bytes.split_at(end);
            self.hold(head);
            items.extend(self.end_line());
            bytes = tail.get(1..).unwrap_or_default();
        }
        self.hold(bytes);
        items
    }

    /// The item of the last line, when no line break follows it.
    pub fn finish(&mut self) -> Option<Result<Item, Rejected>> {
        if self.length == 0 { None } else { self.end_line() }
    }

    /// Keeps what fits.
    fn hold(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len());
        // One byte more than the limit, for a carriage return at the end.
        let room = (LINE_BYTES + 1).saturating_sub(self.line.len());
        self.line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Reads the line that has ended and makes room for the next.
    fn end_line(&mut self) -> Option<Result<Item, Rejected>> {
        let item = self.read_line();
        self.line.clear();
        self.length = 0;
        self.items += u64::from(item.is_some());
        item
    }

    /// Reads one whole line.
    fn read_line(&mut self) -> Option<Result<Item, Rejected>> {
        let first = self.lines == 0;
        self.lines += 1;
        let place = Place { line: Some(self.lines), index: self.items };
        let whole = self.length == self.line.len();
        let mut line = self.line.as_slice();
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if first {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if !whole || line.len() > LINE_BYTES {
            let reason = format!("has {} bytes, the limit is {LINE_BYTES}", self.length);
            let problem =
                Invalid::new("line", reason, "split the event, or keep the large part elsewhere and send its name");
            return Some(Err(Rejected::new(place, None, Code::TooLarge, problem)));
        }
        if line.trim_ascii().is_empty() {
            return None;
        }
        Some(match parse_line(line) {
            Ok(value) => read_item(place, value),
            Err((code, problem)) => Err(Rejected::new(place, None, code, problem)),
        })
    }
}
