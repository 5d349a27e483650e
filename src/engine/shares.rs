//! Work that is shared among threads.

use std::sync::LazyLock;

/// How many threads share it: as many as there are processors, at most four. Asked of the system once.
static THREADS: LazyLock<usize> = LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from).min(4));

/// Has `work` turn items into others, in their order, up to the first error. More than `least` items are cut into shares for
/// several threads; should one of them panic, `panicked` is the error.
pub(super) fn share<'a, T: Sync, R: Send, E: Send>(
    items: &'a [T],
    least: usize,
    panicked: impl Fn() -> E,
    work: impl Fn(&'a [T]) -> Result<Vec<R>, E> + Sync,
) -> Result<Vec<R>, E> {
    let mut shares = items.chunks(items.len().div_ceil(*THREADS).max(least.max(1)));
    let own = shares.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = shares.map(|share| scope.spawn(move || work(share))).collect();
        let mut done = work(own)?;
        for other in others {
            done.extend(other.join().unwrap_or_else(|_| Err(panicked()))?);
        }
        Ok(done)
    })
}

/// Turns items into others up to the first error. An iterator that may end early does not say how long it is, so that room is
/// made here.
pub(super) fn each<'a, T, R, E>(items: &'a [T], turn: impl Fn(&'a T) -> Result<R, E>) -> Result<Vec<R>, E> {
    let mut done = Vec::with_capacity(items.len());
    for item in items {
        done.push(turn(item)?);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept_and_the_first_error_counts() {
        let numbers: Vec<u32> = (0..1_000).collect();
        let double = |number: &u32| Ok::<_, u32>(number * 2);
        assert_eq!(
            share(&numbers, 10, || 0, |share| each(share, double)),
            Ok(numbers.iter().map(|number| number * 2).collect())
        );
        assert_eq!(share(&[], 0, || 0, |share| each(share, double)), Ok(Vec::new()));
        let odd = |number: &u32| if *number >= 300 { Err(*number) } else { Ok(*number) };
        assert_eq!(share(&numbers, 10, || 0, |share| each(share, odd)), Err(300));
    }

    #[test]
    fn a_panic_in_another_thread_is_an_error() {
        let first = std::thread::current().id();
        let elsewhere = |share: &[u32]| {
            assert_eq!(std::thread::current().id(), first, "another thread");
            Ok(share.to_vec())
        };
        let alone = *THREADS == 1;
        let expected = if alone { Ok(vec![1, 2, 3, 4]) } else { Err("panicked") };
        assert_eq!(share(&[1, 2, 3, 4], 1, || "panicked", elsewhere), expected);
    }
}
