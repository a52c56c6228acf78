//! Much that waits for somebody else, several at once: what is made on a thread of its own, one after the
//! other, is worked on together, and never much of it is in memory.

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::task::JoinError;

/// How much is worked on at once: so many calls a table answers as fast as one.
pub const AT_ONCE: usize = 32;
/// How much waits to be worked on.
const WAITING: usize = 32;

/// Nobody takes what is made any more: whoever worked on it has failed, and says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes what is made")]
pub struct Untaken;

/// Where what is made goes.
pub struct Taker<T>(mpsc::Sender<T>);

impl<T> Taker<T> {
    /// Hands it over, once there is room.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn give(&self, made: T) -> Result<(), Untaken> {
        self.0.blocking_send(made).map_err(|_| Untaken)
    }
}

/// Works on everything that `make` gives. What it comes to goes to `done`, in no order.
///
/// # Errors
/// What `work` or `done` said first, or else what `make` said.
pub async fn each<T, R, E, F>(
    make: impl FnOnce(&Taker<T>) -> Result<(), E> + Send + 'static,
    work: impl FnMut(T) -> F,
    mut done: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send + 'static,
    E: From<JoinError> + Send + 'static,
    F: Future<Output = Result<R, E>>,
{
    let (sender, mut waiting) = mpsc::channel(WAITING);
    let maker = tokio::task::spawn_blocking(move || make(&Taker(sender)));
    let given = stream::poll_fn(move |context| waiting.poll_recv(context));
    // On the heap: whoever fails leaves nobody who waits for room.
    let mut worked = Box::pin(given.map(work).buffer_unordered(AT_ONCE));
    let mut ended = Ok(());
    while ended.is_ok()
        && let Some(it) = worked.next().await
    {
        ended = it.and_then(&mut done);
    }
    drop(worked);
    let outcome = maker.await?;
    ended.and(outcome)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::{Barrier, Semaphore};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error("{0}")]
        At(usize),
        #[error(transparent)]
        Untaken(#[from] Untaken),
        #[error(transparent)]
        Ended(#[from] JoinError),
    }

    fn numbers(to: usize) -> impl FnOnce(&Taker<usize>) -> Result<(), Failed> + Send + 'static {
        move |taker| (0..to).try_for_each(|it| Ok(taker.give(it)?))
    }

    #[tokio::test]
    async fn everything_is_worked_on_once_and_so_many_at_once() {
        let (all, sum) = (AT_ONCE * 5, Cell::new(0));
        // Nobody passes before so many are there: one after the other it would never end.
        let together = Barrier::new(AT_ONCE);
        let work = |it: usize| {
            let together = &together;
            async move {
                together.wait().await;
                Ok(it)
            }
        };
        let done = |it| {
            sum.set(sum.get() + it);
            Ok(())
        };
        each(numbers(all), work, done).await.unwrap();
        assert_eq!(sum.get(), all * (all - 1) / 2);
    }

    #[tokio::test]
    async fn never_much_of_it_is_in_memory() {
        let made = Arc::new(AtomicUsize::new(0));
        let making = Arc::clone(&made);
        let counting = move |taker: &Taker<usize>| {
            (0..AT_ONCE * 20).try_for_each(|it| {
                making.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Failed>(taker.give(it)?)
            })
        };
        let (most, ended) = (Cell::new(0), Cell::new(0));
        let work = |_| async {
            tokio::task::yield_now().await;
            most.set(most.get().max(made.load(Ordering::SeqCst) - ended.get()));
            ended.set(ended.get() + 1);
            Ok(())
        };
        each(counting, work, Ok).await.unwrap();
        assert_eq!(ended.get(), AT_ONCE * 20);
        // Those that are worked on, those that wait, and the one that is being handed over.
        assert!(most.get() <= AT_ONCE + WAITING + 1, "{}", most.get());
    }

    #[tokio::test]
    async fn what_fails_ends_all_of_it() {
        let forever = Semaphore::new(0);
        let work = |it| {
            let forever = &forever;
            async move {
                if it == 7 {
                    return Err(Failed::At(it));
                }
                let _held = forever.acquire().await;
                Ok(())
            }
        };
        let ended = each(numbers(usize::MAX), work, Ok).await;
        assert!(matches!(ended, Err(Failed::At(7))), "{ended:?}");
        let ended = each(
            numbers(usize::MAX),
            |it| async move { Ok(it) },
            |it| {
                if it == 9 { Err(Failed::At(it)) } else { Ok(()) }
            },
        );
        assert!(matches!(ended.await, Err(Failed::At(9))));
    }

    #[tokio::test]
    async fn what_can_not_be_made_is_told_after_what_was_made() {
        let (made, failed) = (Cell::new(0), |taker: &Taker<usize>| {
            taker.give(1)?;
            Err(Failed::At(3))
        });
        let done = |it| {
            made.set(it);
            Ok(())
        };
        let ended = each(failed, |it| async move { Ok(it) }, done).await;
        assert!(matches!(ended, Err(Failed::At(3))), "{ended:?}");
        assert_eq!(made.get(), 1);
    }
}
