//! Compression on the other cores, in bounded memory.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, Scope, ScopedJoinHandle, available_parallelism};

use flate2::{Compress, CompressError, Compression, FlushCompress, Status};

use super::PdfError;

/// How hard to try.
const LEVEL: u32 = 6;

/// A stream and its place in the order of pushing.
type Numbered = (usize, Vec<u8>);

/// Takes streams in order and gives them back compressed, in the same order.
pub(super) struct Deflate<'scope> {
    waiting: SyncSender<Numbered>,
    workers: Vec<ScopedJoinHandle<'scope, Result<Vec<Numbered>, CompressError>>>,
    pushed: usize,
}

impl<'scope> Deflate<'scope> {
    /// One worker a core; dropping the result lets them end.
    pub(super) fn start<'env>(scope: &'scope Scope<'scope, 'env>) -> Result<Self, PdfError> {
        let cores = available_parallelism().map_or(1, usize::from).min(8);
        // Few may wait: what waits is uncompressed, and the memory of a large ledger must not depend on its length.
        let (waiting, queue) = sync_channel(cores * 4);
        let queue = Arc::new(Mutex::new(queue));
        let workers = (0..cores)
            .map(|_| {
                let queue = Arc::clone(&queue);
                Builder::new().name("pdf-deflate".into()).spawn_scoped(scope, move || work(&queue))
            })
            .collect::<io::Result<Vec<_>>>()
            .map_err(PdfError::Threads)?;
        Ok(Self { waiting, workers, pushed: 0 })
    }

    /// Hands over a stream; waits while the workers are behind. Returns its place in what [`Self::finish`] returns.
    pub(super) fn push(&mut self, stream: Vec<u8>) -> Result<usize, PdfError> {
        let at = self.pushed;
        self.waiting.send((at, stream)).map_err(|_| PdfError::Threads(io::Error::from(io::ErrorKind::BrokenPipe)))?;
        self.pushed += 1;
        Ok(at)
    }

    /// All streams, compressed, in the order they were pushed.
    pub(super) fn finish(self) -> Result<Vec<Vec<u8>>, PdfError> {
        drop(self.waiting);
        let mut streams = vec![Vec::new(); self.pushed];
        for worker in self.workers {
            let done = worker.join().map_err(|_| PdfError::Threads(io::Error::other("panic")))?;
            for (at, stream) in done.map_err(PdfError::Compress)? {
                streams[at] = stream;
            }
        }
        Ok(streams)
    }
}

/// Compresses what comes until nothing more can come.
fn work(queue: &Mutex<Receiver<Numbered>>) -> Result<Vec<Numbered>, CompressError> {
    let (mut done, mut scratch) = (Vec::new(), Vec::new());
    let mut compress = Compress::new(Compression::new(LEVEL), true);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((at, stream)) = next else { return Ok(done) };
        compress.reset();
        scratch.clear();
        deflate(&mut compress, &stream, &mut scratch)?;
        done.push((at, scratch.as_slice().to_vec()));
    }
}

fn deflate(compress: &mut Compress, stream: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
    loop {
        let read = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = stream.get(read..).unwrap_or_default();
        out.reserve(rest.len() / 2 + 1024);
        match compress.compress_vec(rest, out, FlushCompress::Finish)? {
            Status::StreamEnd => return Ok(()),
            Status::Ok | Status::BufError => {}
        }
    }
}
