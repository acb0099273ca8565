//! The threads that share the work.

use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use rayon::{ThreadBuilder, ThreadPoolBuilder};

/// Makes the present thread one of as many as there are cores, or as `RAYON_NUM_THREADS` sets, and starts the
/// others. Where the system gives fewer (a container of few processes, little address space), those do all
/// the work.
pub fn start() {
    let wanted = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse().ok());
    let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let wanted = wanted.filter(|&number| number > 0).unwrap_or_else(cores);
    // A pool that could not start one of its threads would end the program, so they are there first.
    let (give, taken) = mpsc::channel::<ThreadBuilder>();
    let taken = Arc::new(Mutex::new(taken));
    let wait = |taken: &Mutex<mpsc::Receiver<ThreadBuilder>>| taken.lock().ok()?.recv().ok();
    let others = (1..wanted).map_while(|_| {
        let taken = Arc::clone(&taken);
        thread::Builder::new().spawn(move || wait(&taken).map(ThreadBuilder::run)).ok()
    });
    // What the present thread asks of the pool it does itself, without waking another.
    let _started = ThreadPoolBuilder::new()
        .num_threads(1 + others.count())
        .use_current_thread()
        .spawn_handler(|thread| give.send(thread).map_err(|_| io::ErrorKind::BrokenPipe.into()))
        .build_global();
    // It fails only where there is a pool already, which will do.
}
