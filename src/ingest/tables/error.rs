//! What goes wrong in writing tables.

use std::path::PathBuf;

use crate::event::Micros;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A file or folder.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Something is where the export should go.
    #[error("{} is there already and is not empty; name a folder that is not there, or delete this one", .0.display())]
    Occupied(PathBuf),
    /// Something that is no export that broke off is where one is made.
    #[error("{} is there and was not left by an export that broke off; move it away, or name another folder", .0.display())]
    InTheWay(PathBuf),
    /// The Parquet writer.
    #[error("{}: {reason}", path.display())]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// What it says.
        reason: String,
    },
    /// Columns that make no table.
    #[error("the columns of the table `{table}` make no schema: {reason}")]
    Schema {
        /// The table.
        table: String,
        /// Why.
        reason: String,
    },
    /// A row that does not fit the columns.
    #[error("a row of the table `{table}` does not fit its column `{column}`")]
    Misfit {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A moment that is in no month.
    #[error("a row of the table `{table}` has a moment beyond the year 9999: {at}")]
    Moment {
        /// The table.
        table: String,
        /// The moment.
        at: Micros,
    },
}

impl TableError {
    /// Of a file or folder.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}
