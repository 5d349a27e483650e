//! Pages, after the Relay cursor connections specification.

use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{Object, Result, SimpleObject};

use super::errors::of_engine;
use super::event::Event;
use super::scalars::{ChannelScalar, PositionScalar};
use crate::engine::{Customer, Picture};
use crate::event::Channel;
use crate::timeline::{Cursor, EventFilter, TimelineFilter};

/// An entry of a timeline, and where it stands.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct TimelineEdge {
    /// Give it back as `after` or `before` to go on from here.
    cursor: String,
    /// The entry.
    node: Arc<EventNode>,
}

/// Entries of one kind that came in one channel.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct TimelineGroup {
    /// The channel.
    channel: ChannelScalar,
    /// The kind, by wire name.
    kind: &'static str,
    /// How many.
    entries: u64,
}

/// Shared between `edges` and `nodes`.
type EventNode = Event;

/// A page of a timeline, in time order.
pub struct TimelineConnection {
    pub(super) customer: Customer,
    pub(super) filter: TimelineFilter,
    pub(super) nodes: Vec<Arc<Event>>,
    pub(super) has_previous: bool,
    pub(super) has_next: bool,
}

fn cursor_of(event: &Event) -> String {
    Cursor::from(event.entry().place()).to_string()
}

/// A page of a timeline: oldest first, whichever end it was asked from.
#[Object(serial)]
impl TimelineConnection {
    /// The entries with their cursors.
    async fn edges(&self) -> Vec<TimelineEdge> {
        self.nodes.iter().map(|node| TimelineEdge { cursor: cursor_of(node), node: node.clone() }).collect()
    }

    /// The entries.
    async fn nodes(&self) -> &[Arc<Event>] {
        &self.nodes
    }

    /// Whether there is more, and where this page begins and ends.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.nodes.first().map(|node| cursor_of(node)),
            end_cursor: self.nodes.last().map(|node| cursor_of(node)),
        }
    }

    /// How many entries the timeline has: the N of "n of N".
    async fn total_count(&self) -> Result<u64> {
        self.customer.count_all().map_err(of_engine)
    }

    /// How many of them the filter lets through: the n of "n of N".
    async fn filtered_count(&self) -> Result<u64> {
        if self.filter.is_open() {
            return self.customer.count_all().map_err(of_engine);
        }
        self.customer.count(&self.filter).map_err(of_engine)
    }

    /// How many of what the filter lets through came in which channel, and are of which kind: the numbers beside an agent's
    /// filters.
    async fn groups(&self) -> Result<Vec<TimelineGroup>> {
        let groups = self.customer.groups(&self.filter).map_err(of_engine)?;
        let group =
            |(channel, kind, entries): (Channel, _, _)| TimelineGroup { channel: (&channel).into(), kind, entries };
        Ok(groups.into_iter().map(group).collect())
    }
}

/// An event of the log, and where it stands.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct EventEdge {
    /// Its position: give it back as `after` to go on from here.
    cursor: String,
    /// The event.
    node: Arc<Event>,
}

/// A page of the log.
pub struct EventConnection {
    pub(super) picture: Arc<Picture>,
    pub(super) filter: EventFilter,
    pub(super) nodes: Vec<Arc<Event>>,
    pub(super) has_previous: bool,
    pub(super) has_next: bool,
}

/// A page of the log, in its order.
#[Object(serial)]
impl EventConnection {
    /// The events with their cursors.
    async fn edges(&self) -> Vec<EventEdge> {
        let cursor = |node: &Event| node.entry().position.to_string();
        self.nodes.iter().map(|node| EventEdge { cursor: cursor(node), node: node.clone() }).collect()
    }

    /// The events.
    async fn nodes(&self) -> &[Arc<Event>] {
        &self.nodes
    }

    /// Whether there is more, and where this page begins and ends.
    async fn page_info(&self) -> PageInfo {
        let cursor = |node: &Arc<Event>| node.entry().position.to_string();
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.nodes.first().map(cursor),
            end_cursor: self.nodes.last().map(cursor),
        }
    }

    /// How many events of the whole log the filter lets through.
    async fn total_count(&self) -> Result<u64> {
        self.picture.count_events(&self.filter).map_err(of_engine)
    }

    /// Which events are in this answer: all before this position.
    async fn through(&self) -> PositionScalar {
        self.picture.through().into()
    }
}
