//! The audit log: each event as one line of JSON, in the words of OCSF or of ECS, to a writer of yours.
//!
//! The request path only puts the event into a bounded queue, and never waits. Lines are made and
//! written by whoever calls [`AuditLines::write_to`], in a thread of the program's own.
//!
//! # What this does not protect from
//!
//! An event that finds the queue full is dropped, and counted in `rasp.events.dropped`. Events that
//! wait when the process ends are lost.

mod ecs;
mod ocsf;

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use serde_json::Value;

use super::event::Event;

/// Events that wait at most; further ones are dropped.
const QUEUED_MAX: usize = 1024;

/// The words in which an audit log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditFormat {
    /// OCSF 1.5: HTTP Activity (4002) with the profiles `security_control` and `trace` for events about a request, and
    /// Detection Finding (2004) for a flood of them, created with its first report and updated with each further one;
    /// none closes it. Events about configurations have no class there and are left out.
    Ocsf,
    /// The names of the Elastic Common Schema, and ours for what it has none for; `rasp.location` is
    /// `rasp.location.path` here, since Elasticsearch takes no key that is a value and the object of another at once.
    Ecs,
}

/// The end of an audit log into which events go; give it to
/// [`RaspBuilder::audit_log`](crate::RaspBuilder::audit_log).
#[derive(Clone)]
pub struct AuditLog {
    format: AuditFormat,
    queue: SyncSender<Event>,
}

/// The end of an audit log from which lines come.
pub struct AuditLines {
    format: AuditFormat,
    queue: Receiver<Event>,
}

impl AuditLog {
    /// Begins an audit log; 1,024 events may wait in it.
    ///
    /// ```
    /// use tower_rasp::{AuditFormat, AuditLog, Rasp};
    ///
    /// let (log, mut lines) = AuditLog::new(AuditFormat::Ocsf);
    /// let writer = std::thread::spawn(move || lines.write_to(std::io::stdout()));
    /// let rasp = Rasp::builder().audit_log(log).build()?;
    /// # drop(rasp);
    /// # writer.join().unwrap().unwrap();
    /// # Ok::<(), tower_rasp::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(format: AuditFormat) -> (Self, AuditLines) {
        let (sender, receiver) = sync_channel(QUEUED_MAX);
        (Self { format, queue: sender }, AuditLines { format, queue: receiver })
    }

    /// Puts an event into the queue; false when it had no room, or when nobody reads it any more.
    pub(super) fn offer(&self, event: &Event) -> bool {
        let told = self.format == AuditFormat::Ecs || ocsf::has_class(event);
        !told || self.queue.try_send(event.clone()).is_ok()
    }
}

impl AuditLines {
    /// Writes line after line, and flushes when none waits, until every [`AuditLog`] and every
    /// handle with it is gone. It blocks its thread.
    ///
    /// # Errors
    ///
    /// When the writer fails; the event in hand is lost. It may be called again.
    pub fn write_to(&mut self, mut writer: impl Write) -> io::Result<()> {
        loop {
            let event = match self.queue.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Disconnected) => return writer.flush(),
                Err(TryRecvError::Empty) => {
                    writer.flush()?;
                    let Ok(event) = self.queue.recv() else { return Ok(()) };
                    event
                }
            };
            if let Some(line) = line(self.format, &event) {
                writeln!(writer, "{line}")?;
            }
        }
    }
}

fn line(format: AuditFormat, event: &Event) -> Option<Value> {
    match format {
        AuditFormat::Ocsf => ocsf::object(event),
        AuditFormat::Ecs => Some(ecs::document(event)),
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AuditLog").field("format", &self.format).finish_non_exhaustive()
    }
}

impl fmt::Debug for AuditLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AuditLines").field("format", &self.format).finish_non_exhaustive()
    }
}

/// What both formats need of a moment: milliseconds since the epoch.
pub(super) fn milliseconds(time: std::time::SystemTime) -> u64 {
    let since = time.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
