//! The bytes since the last string, from which text begins if the grammar breaks.

use crate::decode::limits::SHED_OVERLAP_BYTES;

/// How far back text begins, at most.
const RUN_BYTES_MAX: usize = 4_096;

/// What structure and numbers were read since the last string inside a container.
///
/// They yielded little, and may belong to what is no JSON: `{{7*7}}`, `[[${x}]]`, `1 or 1=1`. So
/// when the grammar breaks they are read again, with what follows, as text.
pub(super) struct Run {
    carried: Vec<u8>,
    /// Where in the present chunk the run begins.
    begin: usize,
}

impl Run {
    pub(super) const fn new() -> Self {
        Self { carried: Vec::new(), begin: 0 }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.carried.capacity()
    }

    /// Gives memory back: text would begin less far back.
    pub(super) fn shed(&mut self) {
        let excess = self.carried.len().saturating_sub(SHED_OVERLAP_BYTES);
        self.carried.drain(..excess);
        self.carried.shrink_to_fit();
    }

    /// The run begins anew at this place of the chunk.
    pub(super) fn restart(&mut self, at: usize) {
        self.carried.clear();
        self.begin = at;
    }

    /// The chunk ends inside the run.
    pub(super) fn carry(&mut self, chunk: &[u8]) {
        let piece = last(chunk.get(self.begin..).unwrap_or_default(), RUN_BYTES_MAX);
        self.carried.extend_from_slice(piece);
        if self.carried.len() > 2 * RUN_BYTES_MAX {
            self.carried.drain(..self.carried.len() - RUN_BYTES_MAX);
        }
        self.begin = 0;
    }

    /// What was carried here, and where in the chunk text begins, if the grammar breaks at `at`.
    pub(super) fn before(&self, at: usize) -> (&[u8], usize) {
        let begin = self.begin.max(at.saturating_sub(RUN_BYTES_MAX));
        if self.begin < begin {
            return (&[], begin);
        }
        (last(&self.carried, RUN_BYTES_MAX - at.saturating_sub(begin)), begin)
    }
}

fn last(bytes: &[u8], count: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(count)..]
}
