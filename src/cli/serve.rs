//! `novelo serve`

use std::process::ExitCode;
use std::sync::Arc;

use super::config::Config;
use super::failure::Failure;
use super::{output, store};
use crate::engine::Novelo;
use crate::http::Server;

pub(super) fn run(config: &Config) -> Result<ExitCode, Failure> {
    // An address that is refused should be before the store is opened, which may take its time.
    check_address(config)?;
    let novelo = store::open(config, store::folder(config)?)?;
    serve(novelo, config, |address| output::note(&format!("listening on http://{address}")))
}

/// Refuses an address that is not of this machine.
pub(super) fn check_address(config: &Config) -> Result<(), Failure> {
    if config.listen.ip().is_loopback() {
        return Ok(());
    }
    Err(crate::http::ServeError::NotLoopback(config.listen).into())
}

/// Serves until the process is told to stop.
pub(super) fn serve(
    novelo: Arc<Novelo>,
    config: &Config,
    ready: impl FnOnce(std::net::SocketAddr),
) -> Result<ExitCode, Failure> {
    let runtime = store::runtime()?;
    runtime.block_on(async {
        let server = Server::bind(novelo, config.listen).await?;
        ready(server.address());
        server.run(told_to_stop()).await?;
        Ok::<_, Failure>(())
    })?;
    drop(runtime);
    output::note("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Done on Ctrl-C, and on SIGTERM where there is one.
async fn told_to_stop() {
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
