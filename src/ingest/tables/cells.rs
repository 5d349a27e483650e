//! The cells of one column that wait to be written, and how they are laid down: values, and the levels that tell what is
//! missing and what belongs together (parquet-format, "Nested Encoding").
//!
//! Of a row that says nothing in a column nothing is kept: of the columns of all kinds of events most are empty.

use std::io::Write;

use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedRowGroupWriter;

use super::column::{Cell, Column, Holds, MONEY_BYTES};

/// Texts, end to end.
#[derive(Debug, Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    /// Keeps one more; how many bytes it takes.
    fn push(&mut self, text: &str) -> usize {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len());
        text.len() + size_of::<usize>()
    }

    /// All of them, as the writer wants them: slices of one buffer.
    fn take(&mut self) -> Vec<ByteArray> {
        let all = ByteArray::from(std::mem::take(&mut self.bytes));
        let mut start = 0;
        let slice = |end: usize| {
            let text = all.slice(start, end - start);
            start = end;
            text
        };
        std::mem::take(&mut self.ends).into_iter().map(slice).collect()
    }
}

/// The values of those rows that say something.
#[derive(Debug)]
enum Values {
    Truths(Vec<bool>),
    Wholes(Vec<i64>),
    Numbers(Vec<f64>),
    Money(Vec<i64>),
    Texts(Texts),
    /// How many items each row has, and the items.
    Lists(Vec<usize>, Texts),
    /// How many entries each row has, their names and their texts.
    Maps(Vec<usize>, Texts, Texts),
}

/// One column's cells.
#[derive(Debug)]
pub(super) struct Cells {
    always: bool,
    /// The rows that say something.
    rows: Vec<u32>,
    values: Values,
}

/// A cell that is none of its column.
pub(super) struct Misfit;

impl Cells {
    pub(super) fn new(column: &Column) -> Self {
        let values = match column.holds {
            Holds::Truth => Values::Truths(Vec::new()),
            Holds::Whole | Holds::Moment => Values::Wholes(Vec::new()),
            Holds::Number => Values::Numbers(Vec::new()),
            Holds::Money => Values::Money(Vec::new()),
            Holds::Text => Values::Texts(Texts::default()),
            Holds::Texts => Values::Lists(Vec::new(), Texts::default()),
            Holds::Map => Values::Maps(Vec::new(), Texts::default(), Texts::default()),
        };
        Self { always: column.always, rows: Vec::new(), values }
    }

    /// Keeps what a row says; how many bytes that takes.
    pub(super) fn push(&mut self, row: u32, cell: Cell<'_>) -> Result<usize, Misfit> {
        let bytes = match (&mut self.values, cell) {
            (_, Cell::Absent) => return if self.always { Err(Misfit) } else { Ok(0) },
            (Values::Truths(values), Cell::Truth(truth)) => keep(values, truth),
            (Values::Wholes(values), Cell::Whole(number)) => keep(values, number),
            (Values::Wholes(values), Cell::Moment(at)) => keep(values, at.0),
            (Values::Numbers(values), Cell::Number(number)) => keep(values, number),
            (Values::Money(values), Cell::Money(amount)) => keep(values, amount),
            (Values::Texts(texts), Cell::Text(text)) => texts.push(&text),
            (Values::Lists(counts, texts), Cell::Texts(items)) => {
                keep(counts, items.len()) + items.iter().map(|item| texts.push(item)).sum::<usize>()
            }
            (Values::Maps(counts, names, texts), Cell::Map(entries)) => {
                keep(counts, entries.len())
                    + entries.iter().map(|(name, text)| names.push(name) + texts.push(text)).sum::<usize>()
            }
            _ => return Err(Misfit),
        };
        self.rows.push(row);
        Ok(bytes + size_of::<u32>())
    }

    /// Writes the cells of so many rows as the next column or, for a map, the next two.
    pub(super) fn write<W: Write + Send>(
        self,
        row_count: u32,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let Self { always, rows, values } = self;
        let levels = |counts: Option<&[usize]>, optional| Levels::new(row_count, &rows, counts, optional);
        let flat = levels(None, !always);
        match values {
            Values::Truths(values) => put::<BoolType, W>(group, &values, &flat),
            Values::Wholes(values) => put::<Int64Type, W>(group, &values, &flat),
            Values::Numbers(values) => put::<DoubleType, W>(group, &values, &flat),
            Values::Money(values) => {
                let values: Vec<FixedLenByteArray> = values.into_iter().map(decimal).collect();
                put::<FixedLenByteArrayType, W>(group, &values, &flat)
            }
            Values::Texts(mut texts) => put::<ByteArrayType, W>(group, &texts.take(), &flat),
            Values::Lists(counts, mut texts) => {
                put::<ByteArrayType, W>(group, &texts.take(), &levels(Some(&counts), true))
            }
            Values::Maps(counts, mut names, mut texts) => {
                let levels = levels(Some(&counts), false);
                put::<ByteArrayType, W>(group, &names.take(), &levels)?;
                put::<ByteArrayType, W>(group, &texts.take(), &levels)
            }
        }
    }
}

fn keep<T>(values: &mut Vec<T>, value: T) -> usize {
    values.push(value);
    size_of::<T>()
}

/// A decimal in the bytes of a column of amounts: two's complement, big end first.
fn decimal(amount: i64) -> FixedLenByteArray {
    let wide = i128::from(amount).to_be_bytes();
    FixedLenByteArray::from(wide.iter().copied().skip(wide.len() - MONEY_BYTES).collect::<Vec<u8>>())
}

/// Definition and repetition levels.
#[derive(Debug, Default, PartialEq)]
struct Levels {
    /// How much of the way to a value is there. `None` where every row has one.
    definition: Option<Vec<i16>>,
    /// Whether an item goes on with a row's list (1) or begins another's (0). `None` where there are no lists.
    repetition: Option<Vec<i16>>,
}

impl Levels {
    /// Those of a column in which some rows say something: one value each, or as many as `counts` says.
    fn new(row_count: u32, rows: &[u32], counts: Option<&[usize]>, optional: bool) -> Self {
        match counts {
            None if !optional => Self::default(),
            None => {
                let mut present = rows.iter().copied().peekable();
                let level = |row| i16::from(present.next_if_eq(&row).is_some());
                Self { definition: Some((0..row_count).map(level).collect()), repetition: None }
            }
            Some(counts) => {
                let (mut definition, mut repetition) = (Vec::new(), Vec::new());
                let mut present = rows.iter().copied().zip(counts.iter().copied()).peekable();
                // An optional list is there with level 1 and has an item with level 2; a list that must be there with 0 and 1.
                let there = i16::from(optional);
                for row in 0..row_count {
                    let count = present.next_if(|(at, _)| *at == row).map(|(_, count)| count);
                    match count {
                        None | Some(0) => {
                            definition.push(if count.is_some() { there } else { 0 });
                            repetition.push(0);
                        }
                        Some(count) => {
                            definition.extend(std::iter::repeat_n(there + 1, count));
                            repetition.push(0);
                            repetition.extend(std::iter::repeat_n(1, count - 1));
                        }
                    }
                }
                Self { definition: Some(definition), repetition: Some(repetition) }
            }
        }
    }
}

fn put<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    levels: &Levels,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has no more columns".into()));
    };
    column.typed::<T>().write_batch(values, levels.definition.as_deref(), levels.repetition.as_deref())?;
    column.close()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The levels expected are worked out by hand after parquet-format, "Nested Encoding".

    #[test]
    fn a_row_that_says_nothing_is_a_level_and_no_value() {
        let levels = Levels::new(5, &[1, 2, 4], None, true);
        assert_eq!(levels, Levels { definition: Some(vec![0, 1, 1, 0, 1]), repetition: None });
        assert_eq!(Levels::new(3, &[0, 1, 2], None, false), Levels::default());
    }

    #[test]
    fn no_list_an_empty_one_and_items_are_told_apart() {
        let levels = Levels::new(4, &[1, 2, 3], Some(&[0, 3, 1]), true);
        assert_eq!(levels.definition, Some(vec![0, 1, 2, 2, 2, 2]));
        assert_eq!(levels.repetition, Some(vec![0, 0, 0, 1, 1, 0]));
    }

    #[test]
    fn a_map_is_always_there_and_may_be_empty() {
        let levels = Levels::new(3, &[0, 2], Some(&[2, 0]), false);
        assert_eq!(levels.definition, Some(vec![1, 1, 0, 0]));
        assert_eq!(levels.repetition, Some(vec![0, 1, 0, 0]));
    }

    #[test]
    fn an_amount_is_nine_bytes_with_its_sign() {
        assert_eq!(decimal(1).data(), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(decimal(-2).data(), [255, 255, 255, 255, 255, 255, 255, 255, 254]);
        assert_eq!(decimal(i64::MIN).data(), [255, 128, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_cell_of_another_type_or_none_where_one_must_be_is_refused() {
        let mut cells = Cells::new(&Column::new("wait_ms", Holds::Whole).always());
        assert!(cells.push(0, Cell::Whole(4)).is_ok());
        assert!(cells.push(1, Cell::Number(4.0)).is_err());
        assert!(cells.push(1, Cell::Absent).is_err());
    }
}
