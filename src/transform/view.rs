//! A value as some back end would read it.

use super::ALL;
use crate::byte_set::ByteSet;

/// The transformations that made a view, in their order. At most [`Chain::STEPS_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    steps: [u8; Self::STEPS_MAX],
    length: u8,
}

impl Chain {
    /// How many transformations one view can have behind it.
    pub const STEPS_MAX: usize = 12;

    fn push(&mut self, step: usize) {
        if let Some(slot) = self.steps.get_mut(usize::from(self.length)) {
            *slot = step as u8;
            self.length += 1;
        }
    }

    /// The names of the transformations; none for the value as it came.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.steps[..usize::from(self.length)].iter().filter_map(|&step| ALL.get(usize::from(step))).map(|t| t.name)
    }

    /// Whether this is the value as it came.
    #[must_use]
    pub const fn is_raw(&self) -> bool {
        self.length == 0
    }
}

impl std::fmt::Display for Chain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, name) in self.names().enumerate() {
            write!(formatter, "{}{name}", if index > 0 { "|" } else { "" })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Chain({self})")
    }
}

/// Two buffers that views are made in, kept between values.
#[derive(Default)]
pub struct Scratch {
    current: Vec<u8>,
    next: Vec<u8>,
}

impl Scratch {
    /// Bytes that stay at hand for the next value.
    const BYTES_KEPT: usize = 512;

    /// Gives back what a large value took.
    pub fn trim(&mut self) {
        for buffer in [&mut self.current, &mut self.next] {
            if buffer.capacity() > Self::BYTES_KEPT {
                *buffer = Vec::new();
            }
        }
    }
}

/// The bytes without one of which no transformation changes anything.
pub const TRIGGERS: ByteSet = {
    let mut triggers = ByteSet::EMPTY;
    let mut index = 0;
    while index < ALL.len() {
        triggers = triggers.union(ALL[index].triggers);
        index += 1;
    }
    triggers
};

/// How far disguises are followed.
#[derive(Clone, Copy, Debug)]
pub struct ViewLimits {
    /// How many views of one value are made at the most.
    pub views_max: usize,
}

/// Shows each view of `value` that differs from the one before it; `present` are the bytes of
/// `value`. Answers whether the limit cut the chain: what lies deeper was not looked at.
///
/// The work is at most `views_max` times six passes over the value, since no transformation
/// makes a value longer.
#[must_use]
pub fn views(
    value: &[u8],
    present: ByteSet,
    limits: ViewLimits,
    scratch: &mut Scratch,
    mut show: impl FnMut(&[u8], ByteSet, Chain),
) -> bool {
    if !TRIGGERS.intersects(present) {
        return false;
    }
    let (mut present, mut chain, mut made) = (present, Chain::default(), 0);
    scratch.current.clear();
    loop {
        let mut changed = false;
        for (step, transformation) in ALL.iter().enumerate() {
            if !transformation.triggers.intersects(present) {
                continue;
            }
            scratch.next.clear();
            let source = if chain.is_raw() { value } else { &scratch.current };
            (transformation.apply)(source, &mut scratch.next);
            if scratch.next == source {
                continue;
            }
            if made == limits.views_max.min(Chain::STEPS_MAX) {
                return true;
            }
            made += 1;
            changed = true;
            chain.push(step);
            std::mem::swap(&mut scratch.current, &mut scratch.next);
            present = ByteSet::present_in(&scratch.current);
            show(&scratch.current, present, chain);
        }
        if !changed {
            return false;
        }
    }
}
