//! The audit log: each event as one line of JSON, in the words of OCSF or of ECS, to a writer of yours.
//!
//! The request path only puts the event into a bounded queue, and never waits. Lines are made and
//! written by whoever calls [`AuditLines::write_to`], in a thread of the program's own.
//!
//! # What this does not protect from
//!
//! An event that finds the queue full is dropped, and so is one that cannot be written; both are counted in
//! `rasp.events.dropped`, by their reason, and the alert `RaspEventsDropped` tells of it. Events that wait when the
//! process ends are lost.

mod ecs;
mod ocsf;

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde_json::Value;

use super::event::Event;
use super::lines::{self, Lost};

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
    queue: SyncSender<Arc<Event>>,
    lost: Lost,
}

/// The end of an audit log from which lines come.
pub struct AuditLines {
    format: AuditFormat,
    queue: Receiver<Arc<Event>>,
    lost: Lost,
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
        let lost = Lost::default();
        (Self { format, queue: sender, lost: lost.clone() }, AuditLines { format, queue: receiver, lost })
    }

    /// How many events could not be written since this was asked.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.take()
    }

    /// Puts an event into the queue; false when it had no room, or when nobody reads it any more.
    pub(super) fn offer(&self, event: &Arc<Event>) -> bool {
        let told = self.format == AuditFormat::Ecs || ocsf::has_class(event);
        !told || self.queue.try_send(Arc::clone(event)).is_ok()
    }
}

impl AuditLines {
    /// Writes line after line, and flushes when none waits, until every [`AuditLog`] and every
    /// handle with it is gone. It blocks its thread.
    ///
    /// An event that cannot be written, since the disk is full, is lost; it goes on with the next one, after an empty
    /// line that ends what was written of it. The first of them is told through
    /// `tracing`, and so is the first after a line that was written; `rasp.events.dropped` counts each as `write_failed`
    /// when the next event comes.
    ///
    /// # Errors
    ///
    /// When the last line cannot be written or flushed.
    pub fn write_to(&mut self, writer: impl Write) -> io::Result<()> {
        let line = |event: &Arc<Event>| Ok(line(self.format, event).map(|line| line.to_string()));
        lines::write(&self.queue, &self.lost, "the audit log", writer, line)
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

/// A time as RFC 3339 has it, in UTC: `2026-11-24T14:10:00.123Z`. Readers of ECS take nothing else.
pub(super) fn date_time(time: std::time::SystemTime) -> String {
    let milliseconds = milliseconds(time);
    let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000);
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

/// The date so many days after 1970-01-01, by years that begin in March, so that the leap day ends one.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (400 * era + year + if month < 3 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::date_time;

    #[test]
    fn times_are_written_as_dates() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_795_529_400_123, "2026-11-24T14:10:00.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(date_time(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)), expected);
        }
    }
}
