use std::collections::VecDeque;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run what may wait. They come when they are needed and end with the pool.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

/// More operations than this wait for one to end.
const MOST: usize = 16;

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    threads: Vec<thread::JoinHandle<()>>,
    is_ending: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                // A job catches its own panics; this is for those of what it drops.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.lock();
            } else if state.is_ending {
                return;
            } else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

impl Pool {
    pub(super) fn new() -> Pool {
        Pool { shared: Arc::new(Shared::default()) }
    }

    /// Fails, with the job dropped, if there is no thread and none can be made.
    pub(super) fn run(&self, job: Job) -> io::Result<()> {
        let mut state = self.shared.lock();
        if state.idle <= state.jobs.len() && state.threads.len() < MOST {
            let shared = self.shared.clone();
            match thread::Builder::new().name("operation".to_owned()).spawn(move || shared.run()) {
                Ok(thread) => state.threads.push(thread),
                Err(error) if state.threads.is_empty() => return Err(error),
                // The others get to it.
                Err(_) => {}
            }
        }
        state.jobs.push_back(job);
        drop(state);
        self.shared.work.notify_one();
        Ok(())
    }

    /// Waits until the threads have done what was asked of them, and ends them.
    pub(super) fn end(&self) {
        let threads = {
            let mut state = self.shared.lock();
            state.is_ending = true;
            std::mem::take(&mut state.threads)
        };
        self.shared.work.notify_all();
        for thread in threads {
            // Its panics are caught inside.
            let _ = thread.join();
        }
    }
}
