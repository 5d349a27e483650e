//! The yardstick: an async-graphql server over axum that answers the context query from constants, with the same shape and
//! about the same size. What a store answers more slowly than this is its own work; the rest is the library's.

use async_graphql::{EmptyMutation, EmptySubscription, Enum, InputObject, Object, Request, Schema, SimpleObject};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use tokio::net::TcpListener;

type Yardstick = Schema<Query, EmptyMutation, EmptySubscription>;

struct Query;

#[derive(InputObject)]
struct IdentifierInput {
    kind: String,
    value: String,
}

#[derive(InputObject)]
struct Lookup {
    identifier: IdentifierInput,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Status {
    Open,
}

#[Object]
impl Query {
    async fn customer(&self, by: Lookup) -> Option<Customer> {
        (by.identifier.kind.len() + by.identifier.value.len() > 3).then_some(Customer)
    }
}

struct Customer;

#[Object]
impl Customer {
    async fn id(&self) -> &'static str {
        "customer_5b1c0f0e9a7d4c3b8e2f1a6d7c9b0e4f"
    }

    async fn display_name(&self) -> &'static str {
        "Ana Beatriz Moura"
    }

    async fn timeline(&self, last: i32) -> Timeline {
        let node = |number: i32| Event {
            id: format!("event_{}", 1_000_000 + number),
            position: (1_000_000 + number).to_string(),
            kind: "message.sent",
            occurred_at: format!("2026-01-05T13:07:{number:02}.123Z"),
            channel: "whatsapp",
            direction: "inbound",
            contact: (number % 3 != 0).then_some("c-1-125000-0"),
            text: (number % 5 == 0).then_some(TEXT),
        };
        Timeline { total_count: 412, nodes: (0..last).map(node).collect() }
    }

    async fn channel_preference(&self) -> Preference {
        let channel = |channel| Ranked { channel, score: 0.25, contacts: 12 };
        let ranking = ["whatsapp", "voice", "email", "chat"].into_iter().map(channel).collect();
        Preference { preferred: Some("whatsapp"), stated: false, confidence: 0.62, ranking }
    }

    async fn cases(&self, #[graphql(name = "status")] _status: Status) -> Vec<Case> {
        let id = "k-1-125000";
        vec![Case {
            id,
            protocol: "202512345678",
            title: "Sobre entrega",
            opened_at: "2026-01-02T09:00:00Z",
            due_at: "2026-01-07T09:00:00Z",
        }]
    }

    async fn feedback(&self) -> Feedback {
        Feedback { complaints: 3, suggestions: 1, praises: 2 }
    }

    async fn totals(&self) -> Totals {
        Totals { events: 412, contacts: 61, open_cases: 1 }
    }
}

const TEXT: &str = "Boa tarde, minha encomenda ainda não chegou no pedido 88412, podem verificar? Aguardo retorno.";

#[derive(SimpleObject)]
struct Timeline {
    total_count: i32,
    nodes: Vec<Event>,
}

#[derive(SimpleObject)]
struct Event {
    id: String,
    position: String,
    kind: &'static str,
    occurred_at: String,
    channel: &'static str,
    direction: &'static str,
    contact: Option<&'static str>,
    text: Option<&'static str>,
}

#[derive(SimpleObject)]
struct Preference {
    preferred: Option<&'static str>,
    stated: bool,
    confidence: f64,
    ranking: Vec<Ranked>,
}

#[derive(SimpleObject)]
struct Ranked {
    channel: &'static str,
    score: f64,
    contacts: i32,
}

#[derive(SimpleObject)]
struct Case {
    id: &'static str,
    protocol: &'static str,
    title: &'static str,
    opened_at: &'static str,
    due_at: &'static str,
}

#[derive(SimpleObject)]
struct Feedback {
    complaints: i32,
    suggestions: i32,
    praises: i32,
}

#[derive(SimpleObject)]
struct Totals {
    events: i32,
    contacts: i32,
    open_cases: i32,
}

async fn answer(State(schema): State<Yardstick>, Json(request): Json<Request>) -> impl IntoResponse {
    let response = schema.execute(request).await;
    ([(header::CONTENT_TYPE, "application/json")], serde_json::to_string(&response).unwrap_or_default())
}

/// Serves until the process ends. The same limits as the store's own schema.
pub(crate) async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let schema =
        Schema::build(Query, EmptyMutation, EmptySubscription).limit_depth(12).limit_complexity(5_000).finish();
    axum::serve(listener, axum::Router::new().route("/graphql", post(answer)).with_state(schema)).await
}
