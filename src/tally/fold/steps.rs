//! Steps of the events between which they are.

use compact_str::CompactString;

use super::{ms, name};
use crate::event::{Event, Kind, NO_CHANNEL, channel_text};
use crate::tally::entity::{Step, Way};
use crate::tally::page::KindStep;

/// The steps of a customer.
#[derive(Debug, Default)]
pub(super) struct Steps {
    rows: Vec<Step>,
    /// The last row of each way: stage, touchpoint, channel.
    last: [Option<usize>; 3],
    kinds: Vec<KindStep>,
}

impl Steps {
    /// Takes an event in; `begun` is the channel of the contact that begins with it.
    pub(super) fn see(&mut self, event: &Event, begun: Option<CompactString>) {
        if let Some(stage) = name(event.header.stage.as_ref()) {
            self.go(event, Way::Stage, stage);
        }
        if let Some(touchpoint) = name(event.header.touchpoint.as_ref()) {
            self.go(event, Way::Touchpoint, touchpoint);
        }
        if let Some(channel) = begun {
            self.go(event, Way::Channel, channel);
        }
        // That somebody looked is no step of the customer's.
        if !matches!(event.kind, Kind::RecordViewed(_)) {
            self.kinds.push(KindStep { kind: event.kind.info().code, at: event.header.occurred_at });
        }
    }

    fn go(&mut self, event: &Event, of: Way, to: CompactString) {
        let Some(slot) = self.last.get_mut(of as usize) else { return };
        let before = slot.and_then(|at| self.rows.get(at));
        if of != Way::Channel && before.is_some_and(|before| before.to == to) {
            return;
        }
        let header = &event.header;
        let mut dimensions = Vec::new();
        super::add_dimensions(&mut dimensions, event);
        let row = Step {
            of,
            from: before.map(|before| before.to.clone()),
            elapsed_ms: before.map(|before| ms(header.occurred_at, before.at)),
            next: None,
            at: header.occurred_at,
            channel: (header.channel != NO_CHANNEL).then(|| channel_text(&header.channel).as_ref().into()),
            touchpoint: name(header.touchpoint.as_ref()),
            department: name(header.department.as_ref()),
            stage: name(header.stage.as_ref()),
            dimensions,
            position: event.position.0,
            to: to.clone(),
            customer: Default::default(),
        };
        if let Some(before) = slot.and_then(|at| self.rows.get_mut(at)) {
            before.next = Some(to);
        }
        *slot = Some(self.rows.len());
        self.rows.push(row);
    }

    /// The steps along stages, touchpoints and channels, and the kinds of all events.
    pub(super) fn finish(self) -> (Vec<Step>, Vec<KindStep>) {
        (self.rows, self.kinds)
    }
}
