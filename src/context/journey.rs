//! Stages and milestones.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::event::kind::MilestoneReached;
use crate::event::{Event, Micros};

/// The stage that a customer is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageVisit {
    /// Which.
    pub stage: String,
    /// Since when; entering it again while in it begins nothing new.
    pub since: Micros,
}

/// A milestone that a customer reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Which.
    pub name: String,
    /// When, the first time.
    pub reached_at: Micros,
}

/// The stage, and the first time of each milestone, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Journey {
    stage: Option<(CompactString, Micros)>,
    milestones: Vec<(CompactString, Micros)>,
}

impl Journey {
    pub(super) fn entered(&mut self, event: &Event) {
        let Some(stage) = &event.header.stage else { return };
        if self.stage.as_ref().is_none_or(|(current, _)| current != stage.as_str()) {
            self.stage = Some((stage.as_str().into(), event.header.occurred_at));
        }
    }

    pub(super) fn reached(&mut self, event: &Event, reached: &MilestoneReached) {
        let name = reached.milestone.as_str();
        if !self.milestones.iter().any(|(known, _)| known == name) {
            self.milestones.push((name.into(), event.header.occurred_at));
        }
    }

    pub(super) fn stage(&self) -> Option<StageVisit> {
        self.stage.as_ref().map(|(stage, since)| StageVisit { stage: stage.to_string(), since: *since })
    }

    pub(super) fn milestones(&self) -> Vec<Milestone> {
        let show = |(name, at): &(CompactString, Micros)| Milestone { name: name.to_string(), reached_at: *at };
        self.milestones.iter().map(show).collect()
    }
}
