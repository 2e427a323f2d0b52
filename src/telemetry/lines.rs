//! Lines that a thread of the program's own writes: those of the audit log, and those of evidence.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};

use super::names;

/// How many lines could not be written: the writer adds, and who counts takes.
#[derive(Clone, Default)]
pub(super) struct Lost(Arc<AtomicU64>);

impl Lost {
    pub(super) fn take(&self) -> u64 {
        if self.0.load(Ordering::Relaxed) == 0 { 0 } else { self.0.swap(0, Ordering::Relaxed) }
    }
}

/// Writes a line for each that comes, and flushes when none waits, until the other end is gone. What cannot be written is
/// lost, counted, and told once until a line was written again.
///
/// # Errors
///
/// When the last line cannot be written or flushed.
pub(super) fn write<T>(
    queue: &Receiver<T>,
    lost: &Lost,
    what: &str,
    mut writer: impl Write,
    line: impl Fn(&T) -> io::Result<Option<String>>,
) -> io::Result<()> {
    let tell = |error: &io::Error| {
        tracing::event!(target: names::DIAGNOSTICS, tracing::Level::WARN, "{what} cannot be written: {error}");
    };
    let mut last = Ok(());
    loop {
        let one = match queue.try_recv() {
            Ok(one) => one,
            Err(TryRecvError::Disconnected) => return last.and_then(|()| writer.flush()),
            Err(TryRecvError::Empty) => {
                if last.is_ok() {
                    last = writer.flush().inspect_err(tell);
                }
                let Ok(one) = queue.recv() else { return last };
                one
            }
        };
        // What is left of a line that broke off must not begin the next one.
        let mend = if last.is_ok() { "" } else { "\n" };
        let written = match line(&one) {
            Ok(Some(line)) => writer.write_all(format!("{mend}{line}\n").as_bytes()),
            Ok(None) => continue,
            Err(error) => Err(error),
        };
        if let Err(error) = &written {
            lost.0.fetch_add(1, Ordering::Relaxed);
            if last.is_ok() {
                tell(error);
            }
        }
        last = written;
    }
}
