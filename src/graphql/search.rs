//! Customers that a search finds.

use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{ID, Object, Result, SimpleObject};

use super::customer::Customer;
use super::errors::of_engine;
use super::inputs::subject;
use super::node_id::NodeId;
use crate::engine::{self, Picture};

/// A customer who was found, and where the list stands.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct CustomerEdge {
    /// Give it back as `after` to go on from here.
    cursor: String,
    /// The customer.
    node: Arc<Customer>,
}

/// Customers that a search finds: those found exactly first, then by the beginnings of names.
pub struct CustomerConnection {
    nodes: Vec<Arc<Customer>>,
    next: Option<String>,
    has_previous: bool,
}

impl CustomerConnection {
    /// Searches.
    pub(super) fn find(picture: &Arc<Picture>, text: &str, first: usize, after: Option<&str>) -> Result<Self> {
        let after = after.map(|cursor| subject(&ID(cursor.to_owned()), "after")).transpose()?;
        let engine::SearchPage { customers, next } = picture.search(text, first, after).map_err(of_engine)?;
        let nodes = customers.into_iter().map(|customer| Arc::new(Customer::new(customer))).collect();
        let next = next.map(|subject| NodeId::Customer(subject).to_string());
        Ok(Self { nodes, next, has_previous: after.is_some() })
    }
}

/// Customers that a search finds.
#[Object(serial)]
impl CustomerConnection {
    /// The customers with their cursors.
    async fn edges(&self) -> Vec<CustomerEdge> {
        let edge = |node: &Arc<Customer>| CustomerEdge { cursor: node.cursor(), node: node.clone() };
        self.nodes.iter().map(edge).collect()
    }

    /// The customers.
    async fn nodes(&self) -> &[Arc<Customer>] {
        &self.nodes
    }

    /// Whether there are more; `endCursor` is where to go on.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.next.is_some(),
            start_cursor: self.nodes.first().map(|node| node.cursor()),
            end_cursor: self.next.clone().or_else(|| self.nodes.last().map(|node| node.cursor())),
        }
    }
}
