//! Threads that end when there is nothing to do.
//!
//! What one thread allocates and another frees comes back to the first, which passes it on when it allocates again, or ends. A
//! thread that only waits holds it for good: after ten million events over HTTP that was as much again as was in use.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread::{Builder, Thread};
use std::time::{Duration, Instant};

/// How long a thread waits for more to do before it ends.
pub(super) const IDLE: Duration = Duration::from_secs(1);

/// Does some work in a thread of its own, which has the name and the priority of this one, and waits for its end. Where no
/// thread can be started it is done here.
pub(super) fn shift<R: Send>(mut work: impl FnMut() -> R + Send) -> R {
    let name = std::thread::current().name().unwrap_or("novelo").to_owned();
    let done = std::thread::scope(|scope| {
        let thread = Builder::new().name(name).spawn_scoped(scope, &mut work).ok()?;
        match thread.join() {
            Ok(done) => Some(done),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    done.unwrap_or_else(work)
}

/// Waits until something is over, but not longer than this; whether it is over.
pub(super) fn wait_at_most(at_most: Duration, something: impl Future<Output = ()>) -> bool {
    let (until, mut something) = (Instant::now() + at_most, pin!(something));
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    while something.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        std::thread::park_timeout(left);
    }
    true
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_elsewhere_under_the_same_name() {
        let here = std::thread::current();
        let (id, name) = shift(|| (std::thread::current().id(), std::thread::current().name().map(str::to_owned)));
        assert_ne!(id, here.id());
        assert_eq!(name.as_deref(), here.name());
    }

    #[test]
    fn a_panic_is_that_of_whoever_waits() {
        let caught = std::panic::catch_unwind(|| shift(|| -> u32 { panic!("on purpose") }));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
    }

    #[test]
    fn waiting_ends_with_what_is_waited_for_or_with_time() {
        assert!(!wait_at_most(Duration::from_millis(5), std::future::pending()));
        let (to, from) = tokio::sync::oneshot::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| to.send(()));
            assert!(wait_at_most(Duration::from_secs(60), async { assert_eq!(from.await, Ok(())) }));
        });
    }
}
