//! Work beside the window's own thread: begun under a name, polled by the frame, stopped when asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::{Builder, JoinHandle};

use eframe::egui::Context;

use crate::store::Stop;

/// Work under way that ends in a `T`, or in a sentence where the program failed at it. Dropped, it goes on unheard.
pub(super) struct Task<T> {
    end: Receiver<Result<T, String>>,
    ended: Option<Result<T, String>>,
    stop: Stop,
    /// What is said where the thread ends without a word.
    lost: String,
    /// Joined on drop.
    held: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Task<T> {
    /// Runs `work` on a thread called `name` and wakes the window at its end; `lost` is what is said should it panic.
    pub(super) fn start(ctx: &Context, name: &str, lost: &str, work: impl FnOnce(&Stop) -> T + Send + 'static) -> Self {
        let mut task = Self::held(ctx, name, lost, work);
        task.held = None;
        task
    }

    /// As [`Task::start`]; dropped, it is stopped and waited for, because what it holds must be free then.
    pub(super) fn held(ctx: &Context, name: &str, lost: &str, work: impl FnOnce(&Stop) -> T + Send + 'static) -> Self {
        let (sender, end) = channel();
        let (stop, ctx, words) = (Stop::default(), ctx.clone(), lost.to_owned());
        let asked = stop.clone();
        let run = move || {
            let ended = catch_unwind(AssertUnwindSafe(|| work(&asked))).map_err(|_| words);
            // A window that is gone hears nothing.
            drop(sender.send(ended));
            ctx.request_repaint();
        };
        // A system without room for a thread drops the sender: the task is lost.
        let held = Builder::new().name(name.to_owned()).spawn(run).ok();
        Self { end, ended: None, stop, lost: lost.to_owned(), held }
    }
}

impl<T> Task<T> {
    /// What breaks it off.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Whether it has ended.
    pub(super) fn is_ended(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = match self.end.try_recv() {
                Ok(ended) => Some(ended),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => Some(Err(std::mem::take(&mut self.lost))),
            };
        }
        self.ended.is_some()
    }

    /// Takes the end of a task out of `slot`, which is empty then; nothing while it goes on.
    pub(super) fn poll(slot: &mut Option<Self>) -> Option<Result<T, String>> {
        slot.take_if(|task| task.is_ended())?.ended.take()
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if let Some(thread) = self.held.take() {
            self.stop.ask();
            // One that panicked has ended, too.
            drop(thread.join());
        }
    }
}
