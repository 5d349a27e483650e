//! Listening, routing, and stopping in good order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::answer::Problem;
use super::body::discard;
use super::gate::Gate;
use super::graphql::Endpoint;
use super::limits::Limits;
use super::origins::Origins;
use super::{connections, cors, graphql, guard, health, ingest, log, metrics, panel, proof, traffic};
use crate::engine::Novelo;
use crate::playbook::Playbook;

/// The server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Not a loopback address.
    #[error(
        "{0} is not a loopback address; without authentication the server listens on loopback only: \
         use 127.0.0.1 or [::1], and put a proxy that authenticates before it"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {cause}; choose another with --listen")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    novelo: Arc<Novelo>,
    playbook: Arc<Playbook>,
    limits: Limits,
    origins: Origins,
}

/// What handlers share.
#[derive(Clone)]
struct Shared {
    novelo: Arc<Novelo>,
    endpoint: Endpoint,
    origins: Arc<Origins>,
}

impl FromRef<Shared> for Arc<Novelo> {
    fn from_ref(shared: &Shared) -> Self {
        shared.novelo.clone()
    }
}

impl FromRef<Shared> for Endpoint {
    fn from_ref(shared: &Shared) -> Self {
        shared.endpoint.clone()
    }
}

impl FromRef<Shared> for Arc<Gate> {
    fn from_ref(shared: &Shared) -> Self {
        shared.endpoint.gate.clone()
    }
}

impl FromRef<Shared> for Arc<Origins> {
    fn from_ref(shared: &Shared) -> Self {
        shared.origins.clone()
    }
}

impl Server {
    /// Listens; port 0 takes a free one.
    ///
    /// # Errors
    /// [`ServeError`] when the address is not loopback or cannot be had.
    pub async fn bind(novelo: Arc<Novelo>, address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let bind = |cause| ServeError::Bind { address, cause };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let (playbook, limits) = (Arc::new(Playbook::usual()), Limits::default());
        Ok(Self { listener, address, novelo, playbook, limits, origins: Origins::default() })
    }

    /// The same server, with other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same server, with another playbook than the usual one.
    #[must_use]
    pub fn with_playbook(self, playbook: Playbook) -> Self {
        Self { playbook: Arc::new(playbook), ..self }
    }

    /// The same server, whose panel pages of these origins may frame, load and talk to.
    #[must_use]
    pub fn with_panel_origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` is done; those that were begun are finished, if they take no longer than
    /// [`Limits::stop`].
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let schema = Arc::new(crate::graphql::schema(self.novelo.clone(), self.playbook));
        let gate = Arc::new(Gate::new(self.limits));
        let origins = Arc::new(self.origins);
        let endpoint = Endpoint { schema, gate: gate.clone(), origins: origins.clone() };
        let router = routes(Shared { novelo: self.novelo, endpoint, origins });
        connections::serve(self.listener, router, gate, stop).await;
    }
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/v1/events", post(ingest::post))
        .route("/v1/log", get(log::get))
        .route("/v1/checkpoint", get(proof::last).post(proof::sign))
        .route("/v1/proof", get(proof::prove))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::get))
        .route("/panel", get(panel::panel))
        .route("/panel/settings.json", get(panel::settings))
        .route("/panel/{*path}", get(panel::below))
        .route("/", get(panel::pages))
        .route("/tour", get(panel::tour))
        .route("/journey", get(panel::journey))
        .route("/analyses", get(panel::analyses))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(shared.clone(), cors::listed))
        .layer(from_fn(guard::loopback_host))
        .layer(from_fn_with_state(shared.endpoint.gate.clone(), traffic::counted))
        .with_state(shared)
}

async fn not_found(body: Body) -> Problem {
    discard(body).await;
    let help = "there are /graphql, /panel, /journey, /analyses, /tour, /v1/events, /v1/log, /v1/checkpoint, /v1/proof, /healthz, /readyz and /metrics";
    Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is nothing at this path", help)
}

async fn not_allowed(body: Body) -> Problem {
    discard(body).await;
    let help = "see the Allow header for those that it does";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "INVALID_INPUT", "the path does not take this method", help)
}
