//! `novelo serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use super::config::Config;
use super::failure::Failure;
use super::{output, store};
use crate::engine::Novelo;
use crate::http::{ServeError, Server};
use crate::playbook::Playbook;

/// Files that the store itself may have open.
const STORE_FILES: u64 = 512;

pub(super) fn run(config: &Config) -> Result<ExitCode, Failure> {
    let folder = store::folder(config)?;
    // What is refused should be before the store is opened, which may take its time.
    let (playbook, options) = match (check_address(config), store::playbook(config), store::options(config, folder)) {
        (Ok(()), Ok(playbook), Ok(options)) => (playbook, options),
        (address, playbook, options) => {
            return Err(Failure::of_all([address.err(), playbook.err(), options.err()].into_iter().flatten()));
        }
    };
    let novelo = store::opened(options)?;
    serve(novelo, config, playbook, |address| output::note(&format!("listening on http://{address}")))
}

/// What would be refused beside a configuration that has mistakes already.
pub(super) fn refusals(config: &Config) -> Vec<Failure> {
    let address = loopback(config.listen).err();
    let options = store::options(config, std::path::Path::new("")).err();
    [address, store::playbook(config).err(), options].into_iter().flatten().collect()
}

/// Refuses an address that is not of this machine.
fn loopback(address: SocketAddr) -> Result<(), Failure> {
    if address.ip().is_loopback() { Ok(()) } else { Err(ServeError::NotLoopback(address).into()) }
}

/// Refuses an address that is not of this machine, or that somebody else has.
pub(super) fn check_address(config: &Config) -> Result<(), Failure> {
    let address = config.listen;
    loopback(address)?;
    // Only tried: whoever connects before the store is open should not wait.
    drop(std::net::TcpListener::bind(address).map_err(|cause| ServeError::Bind { address, cause })?);
    Ok(())
}

/// Serves until the process is told to stop.
pub(super) fn serve(
    novelo: Arc<Novelo>,
    config: &Config,
    playbook: Playbook,
    ready: impl FnOnce(SocketAddr),
) -> Result<ExitCode, Failure> {
    allow_open_files(config.limits.connections as u64 + STORE_FILES);
    let runtime = store::runtime()?;
    runtime.block_on(async {
        let server = Server::bind(novelo, config.listen).await?.with_limits(config.limits).with_playbook(playbook);
        let server = server.with_panel_origins(config.panel_origins.clone());
        ready(server.address());
        server.run(told_to_stop()).await;
        Ok::<_, Failure>(())
    })?;
    drop(runtime);
    output::note("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Raises the limit of open files as far as this process may: many systems begin with 1024, which fewer connections use up
/// than are let in.
fn allow_open_files(wanted: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    if enough(limit.current) {
        return;
    }
    let current = if enough(limit.maximum) { Some(wanted) } else { limit.maximum };
    let raised = setrlimit(Resource::Nofile, Rlimit { current, ..limit });
    if raised.is_err() || !enough(current) {
        let allowed = getrlimit(Resource::Nofile).current;
        tracing::warn!(allowed, wanted, "fewer files may be open than max_connections needs; raise `ulimit -n`");
    }
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
