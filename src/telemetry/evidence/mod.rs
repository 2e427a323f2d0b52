//! Evidence for incident work: what a request held that was alerted or refused, encrypted to the operator's public key in
//! the format of age, as lines of JSON to a writer of yours.
//!
//! The incident id, the time and the number of the configuration stand in clear, so that a line is found; everything else
//! is in an armored age file under `evidence`, which `rasp evidence open` reads, and `jq -r .evidence | age -d -i KEYFILE`
//! too. The request path copies what was found and the head into a bounded queue, and never waits; whoever calls
//! [`EvidenceLines::write_to`], in a thread of the program's own, encrypts and writes.
//!
//! # What this does not protect from
//!
//! Whoever has the public key can write lines too: evidence is secret, and not signed. A credential that no name tells of
//! is in it. What finds the queue full, or what the limit of `[telemetry]` holds back, is dropped and counted in
//! `rasp.events.dropped`; what waits when the process ends is lost.

mod case;
mod document;
mod open;

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use age::x25519::Recipient;
use serde_json::json;

use super::audit::milliseconds;
use super::event::{About, version};
use super::lines::{self, Lost};
use super::names;
use crate::build_error::BuildError;
use case::Case;

pub use open::{EvidenceKeys, SealedEvidence};

/// What the limit of events knows evidence by.
pub(super) const LIMITED_AS: &str = "rasp.evidence";
/// Requests whose evidence waits at most.
const QUEUED_MAX: usize = 1024;
/// Bytes of requests that wait at most.
const QUEUED_BYTES_MAX: usize = 8 << 20;

/// The end into which evidence goes; give it to [`RaspBuilder::evidence`](crate::RaspBuilder::evidence).
#[derive(Clone)]
pub struct Evidence {
    queue: SyncSender<Case>,
    waiting: Arc<AtomicUsize>,
    lost: Lost,
}

/// The end from which lines of encrypted evidence come.
pub struct EvidenceLines {
    recipient: Recipient,
    queue: Receiver<Case>,
    lost: Lost,
}

impl Evidence {
    /// Begins evidence that the holder of one key can read; the evidence of 1,024 requests, and of 8 MiB of them, may wait in it.
    ///
    /// `public_key` is what `rasp evidence keygen` or `age-keygen` prints: `age1...`.
    ///
    /// ```
    /// use tower_rasp::{Evidence, Rasp};
    ///
    /// # let public_key = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
    /// let (evidence, mut lines) = Evidence::new(public_key)?;
    /// let writer = std::thread::spawn(move || lines.write_to(std::io::stdout()));
    /// let rasp = Rasp::builder().evidence(evidence).build()?;
    /// # drop(rasp);
    /// # writer.join().unwrap().unwrap();
    /// # Ok::<(), tower_rasp::BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no such key. The error holds nothing of what was given, since that may be a secret key.
    pub fn new(public_key: &str) -> Result<(Self, EvidenceLines), BuildError> {
        let recipient = public_key.trim().parse().map_err(|_| no_public_key(public_key.trim()))?;
        let (sender, receiver) = sync_channel(QUEUED_MAX);
        let lost = Lost::default();
        let evidence = Self { queue: sender, waiting: Arc::default(), lost: lost.clone() };
        Ok((evidence, EvidenceLines { recipient, queue: receiver, lost }))
    }

    /// How much evidence could not be written since this was asked.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.take()
    }

    /// Whether the settings ask for the evidence of this request.
    pub(super) fn wants(about: &About<'_>) -> bool {
        about.settings.evidence.is_some_and(|least| about.verdict.action >= least)
    }

    /// Puts the evidence of a request into the queue; false when it had no room, or when nobody reads it any more.
    pub(super) fn offer(&self, about: &About<'_>) -> bool {
        let Some(room) = Room::take(&self.waiting, about.context.head().bytes().len()) else { return false };
        Case::of(about, room).is_some_and(|case| self.queue.try_send(case).is_ok())
    }
}

fn no_public_key(text: &str) -> BuildError {
    let (wrong, mend) = match text {
        "" => ("the public key for evidence is empty", "`rasp evidence keygen FILE` makes one"),
        _ if text.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY")) => (
            "the key for evidence is a secret key, and a service needs only the public one",
            "give the one that begins with `age1`, and take the secret one off this machine",
        ),
        _ if text.starts_with("ssh-") => {
            ("the public key for evidence is one of SSH", "make one of age: `rasp evidence keygen FILE`")
        }
        _ if text.starts_with("age1") => (
            "the public key for evidence is no X25519 key of age: a character is wrong or missing, or it is of another kind",
            "copy it again; it has 62 characters",
        ),
        _ => ("the public key for evidence is no key of age", "give one that begins with `age1`"),
    };
    BuildError::new(wrong).mend(mend)
}

impl EvidenceLines {
    /// Encrypts and writes line after line, and flushes when none waits, until every [`Evidence`] and every handle with it
    /// is gone. It blocks its thread. Encrypting takes about a tenth of a millisecond a line.
    ///
    /// Evidence that cannot be written, since the disk is full, is lost; it goes on with the next, and the loss is told as
    /// that of [`AuditLines::write_to`](crate::AuditLines::write_to) is.
    ///
    /// # Errors
    ///
    /// When the last line cannot be written or flushed.
    pub fn write_to(&mut self, writer: impl Write) -> io::Result<()> {
        let line = |case: &Case| self.line(case).map(|line| Some(line.to_string()));
        lines::write(&self.queue, &self.lost, "evidence", writer, line)
    }

    fn line(&self, case: &Case) -> io::Result<serde_json::Value> {
        let document = document::of(case).to_string();
        let sealed = age::encrypt_and_armor(&self.recipient, document.as_bytes()).map_err(io::Error::other)?;
        Ok(json!({
            names::ATTRIBUTE_REQUEST_ID: case.id,
            "time": milliseconds(case.head.time()),
            names::ATTRIBUTE_CONFIG_VERSION: version(case.config_version),
            "evidence": sealed,
        }))
    }
}

/// Bytes in the queue; given back when dropped.
struct Room {
    waiting: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    fn take(waiting: &Arc<AtomicUsize>, bytes: usize) -> Option<Self> {
        let mut room = Self { waiting: Arc::clone(waiting), bytes: 0 };
        room.grow(bytes).then_some(room)
    }

    /// Takes so many bytes more, or none when there is no room for them.
    fn grow(&mut self, bytes: usize) -> bool {
        let more = |waiting: usize| waiting.checked_add(bytes).filter(|bytes| *bytes <= QUEUED_BYTES_MAX);
        let grown = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        self.bytes += if grown { bytes } else { 0 };
        grown
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Evidence").finish_non_exhaustive()
    }
}

impl fmt::Debug for EvidenceLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EvidenceLines").field("recipient", &self.recipient).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_none_is_told_with_the_mend_and_never_shown() {
        for (key, told) in [
            ("", "is empty; `rasp evidence keygen FILE`"),
            ("AGE-SECRET-KEY-1SECRETSECRET", "is a secret key"),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "is one of SSH; make one of age"),
            ("age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7px", "a character is wrong"),
            ("hunter2", "is no key of age; give one that begins with `age1`"),
        ] {
            let error = Evidence::new(key).expect_err(told).to_string();
            assert!(error.contains(told), "{error}");
            assert!(key.is_empty() || !error.contains(&key[key.len() - 6..]), "{error}");
        }
    }

    #[test]
    fn past_the_bytes_of_the_queue_nothing_more_is_taken_and_all_comes_back() {
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut room = Room::take(&waiting, QUEUED_BYTES_MAX - 10).expect("room");
        assert!(!room.grow(11) && room.grow(10));
        assert!(Room::take(&waiting, 1).is_none() && !room.grow(usize::MAX));
        drop(room);
        assert_eq!(waiting.load(Ordering::Relaxed), 0);
    }
}
