//! One customer for those who follow them: as they are now, and again whenever something about them has changed.
//!
//! Nobody is told of a change: whoever follows looks when they are ready for more, at the views as they are then. So what
//! happened meanwhile comes together, however much it was, and a slow follower keeps nobody waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::customer::Customer;
use super::error::EngineError;
use super::novelo::{Novelo, Shared};
use super::picture::{Lookup, Picture};
use crate::event::{Position, SubjectId};
use crate::identity::{Member, StrandRow, Suggestion};

/// Who found nothing new does not look again for so long: the views may move on some hundred times in a second, and each time
/// everybody who waits is woken.
const PAUSE: Duration = Duration::from_millis(10);

/// While the views cannot be read, but will be, they are tried so often.
const TRIES_AGAIN: Duration = Duration::from_millis(100);

/// A customer, followed.
#[derive(Debug)]
pub struct Changes {
    shared: Arc<Shared>,
    by: Lookup,
    projected: watch::Receiver<Position>,
    looked: Option<Looked>,
}

/// What was found when it was looked last.
#[derive(Debug)]
struct Looked {
    through: Position,
    epoch: u64,
    /// The strands whose rows tell of a change; none while it is not known whom the look-up means.
    strands: Vec<SubjectId>,
    shown: Option<Shown>,
}

/// The rows that change whenever anything about a customer does.
#[derive(Debug, PartialEq)]
struct Shown {
    members: Vec<Member>,
    rows: Vec<Option<StrandRow>>,
    suggestions: Vec<Suggestion>,
}

impl Novelo {
    /// Follows the customer whom a look-up finds, now or once somebody is known by it.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when the identifier is none; others when the store fails.
    pub fn changes(&self, by: Lookup) -> Result<Changes, EngineError> {
        match Picture::new(self.shared.clone()).and_then(|picture| picture.subject(&by, None)) {
            Ok(_) => {}
            Err(cause) if cause.passes() => {}
            Err(cause) => return Err(cause),
        }
        Ok(Changes { shared: self.shared.clone(), by, projected: self.shared.projected.clone(), looked: None })
    }
}

impl Changes {
    /// The customer, once they differ from what was given last; `None` when the store is being closed.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub async fn next(&mut self) -> Result<Option<Customer>, EngineError> {
        loop {
            let through = *self.projected.borrow_and_update();
            if self.may_differ(through) {
                match self.look() {
                    Ok((Some(customer), true)) => return Ok(Some(customer)),
                    Ok(_) => {}
                    Err(cause) if cause.passes() => match self.recover().await {
                        true => continue,
                        false => return Ok(None),
                    },
                    Err(cause) => return Err(cause),
                }
            }
            tokio::time::sleep(PAUSE).await;
            if self.projected.changed().await.is_err() {
                return Ok(None);
            }
        }
    }

    /// The customer as they are now, whether that differs or not.
    pub(super) fn now(&mut self) -> Result<Option<Customer>, EngineError> {
        Ok(self.look()?.0)
    }

    /// Lets some time go by for the views to come back; false when the store is being closed.
    pub(super) async fn recover(&self) -> bool {
        tokio::time::sleep(TRIES_AGAIN).await;
        self.projected.has_changed().is_ok()
    }

    /// Waits until the views hold an event; false when the store is being closed.
    pub(super) async fn reach(&mut self, position: Position) -> bool {
        self.projected.wait_for(|through| *through > position).await.is_ok()
    }

    /// By whom the customer is looked for.
    pub(super) fn subject(&self, picture: &Picture) -> Result<Option<SubjectId>, EngineError> {
        picture.subject(&self.by, None)
    }

    /// A picture of now.
    pub(super) fn picture(&self) -> Result<Arc<Picture>, EngineError> {
        Picture::new(self.shared.clone()).map(Arc::new)
    }

    /// Whether the rows may be others than those that were seen.
    fn may_differ(&mut self, through: Position) -> bool {
        let touched = &self.shared.touched;
        let Some(looked) = &mut self.looked else { return true };
        if looked.epoch != touched.epoch() {
            return true;
        }
        if through <= looked.through {
            return false;
        }
        let same = |strand: &SubjectId| touched.is_the_same(strand, looked.through, through);
        if looked.strands.is_empty() || !looked.strands.iter().all(same) {
            return true;
        }
        looked.through = through;
        false
    }

    /// The customer as they are now, and whether that differs from what was seen before.
    fn look(&mut self) -> Result<(Option<Customer>, bool), EngineError> {
        let picture = self.picture()?;
        let subject = picture.subject(&self.by, None)?;
        let customer = match subject {
            Some(subject) => Customer::of(picture.clone(), subject, None)?,
            None => None,
        };
        let shown = customer.as_ref().map(Shown::of).transpose()?;
        let strands = match &customer {
            Some(customer) => customer.strands().to_vec(),
            None => subject.into_iter().collect(),
        };
        let before = self.looked.take().and_then(|looked| looked.shown);
        let differs = before != shown;
        self.looked = Some(Looked { through: picture.through(), epoch: picture.epoch, strands, shown });
        Ok((customer, differs))
    }
}

impl Shown {
    fn of(customer: &Customer) -> Result<Self, EngineError> {
        let rows = customer.strands().iter().map(|strand| customer.strand(strand)).collect::<Result<_, _>>()?;
        Ok(Self { members: customer.members().to_vec(), rows, suggestions: customer.suggestions()? })
    }
}
