//! What is found to be damaged while the views are read: whoever finds it tells here, and whoever mends it looks here.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::error::ViewError;

/// The first damage that was found, until it is mended.
#[derive(Default)]
pub struct Damage {
    found: Mutex<Option<Arc<ViewError>>>,
    tell: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl std::fmt::Debug for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Damage").field(&self.found()).finish()
    }
}

impl Damage {
    /// What was found, if anything.
    #[must_use]
    pub fn found(&self) -> Option<Arc<ViewError>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether anything was found.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.found().is_some()
    }

    /// Who is told when something is found. Only the first who asks.
    pub fn tell(&self, whom: impl Fn() + Send + Sync + 'static) {
        drop(self.tell.set(Box::new(whom)));
    }

    /// Takes a result of the database; notes it when it tells of damage.
    pub(super) fn note<T>(&self, result: fjall::Result<T>) -> Result<T, ViewError> {
        result.map_err(|cause| {
            let cause = ViewError::Store(cause);
            if is_damage(&cause) {
                self.add(&cause);
            }
            cause
        })
    }

    fn add(&self, cause: &ViewError) {
        {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            if found.is_some() {
                return;
            }
            *found = Some(Arc::new(ViewError::NotWhole(cause.to_string())));
        }
        if let Some(tell) = self.tell.get() {
            tell();
        }
    }

    pub(super) fn mended(&self) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Whether an error means that the files are not as they should be, rather than that they are out of reach.
#[must_use]
pub fn is_damage(cause: &ViewError) -> bool {
    use std::io::ErrorKind::{AlreadyExists, InvalidData, InvalidInput, NotFound, UnexpectedEof};
    let of_files = |io: &std::io::Error| {
        matches!(io.kind(), AlreadyExists | InvalidData | InvalidInput | NotFound | UnexpectedEof)
    };
    match cause {
        ViewError::Store(fjall::Error::Io(io) | fjall::Error::Storage(fjall::LsmError::Io(io))) => of_files(io),
        ViewError::Store(fjall::Error::Locked | fjall::Error::Poisoned | fjall::Error::KeyspaceDeleted) => false,
        ViewError::Store(_) | ViewError::NotWhole(_) | ViewError::Row { .. } => true,
        ViewError::Io(_)
        | ViewError::Panicked
        | ViewError::Event { .. }
        | ViewError::NoTable(_)
        | ViewError::Projection { .. }
        | ViewError::Locked
        | ViewError::Reopening => false,
    }
}
