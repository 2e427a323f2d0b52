//! Where in the document the reader stands: frames, pointer, keys seen.

/// An object or array that is open.
#[derive(Clone, Copy)]
struct Frame {
    is_object: bool,
    /// The length of the pointer to the container itself.
    base: usize,
    /// The index of the next element of an array.
    index: u64,
    /// Stands for the pointer, uncut.
    hash: u64,
}

/// The open containers and the pointer (RFC 6901) to the present value, in one reused buffer.
pub(super) struct Position {
    frames: Vec<Frame>,
    pointer: Vec<u8>,
    hash: u64,
    pointer_bytes_max: usize,
    /// Whether the pointer was cut.
    is_cut: bool,
    documents: u64,
    keys: KeysSeen,
}

impl Position {
    pub(super) fn new(pointer_bytes_max: usize) -> Self {
        Self {
            frames: Vec::new(),
            pointer: Vec::new(),
            hash: HASH_SEED,
            pointer_bytes_max,
            is_cut: false,
            documents: 0,
            keys: KeysSeen(Vec::new()),
        }
    }

    pub(super) fn pointer(&self) -> &[u8] {
        &self.pointer
    }

    /// Whether a pointer was cut since this was last asked, so that rules which go by it may have
    /// missed something.
    pub(super) const fn take_cut(&mut self) -> bool {
        std::mem::replace(&mut self.is_cut, false)
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn is_in(&self, is_object: bool) -> bool {
        self.frames.last().is_some_and(|frame| frame.is_object == is_object)
    }

    /// A container begins where the pointer stands.
    pub(super) fn open(&mut self, is_object: bool) {
        self.frames.push(Frame { is_object, base: self.pointer.len(), index: 0, hash: self.hash });
    }

    /// The innermost container ends; the pointer is its own again.
    pub(super) fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.pointer.truncate(frame.base);
        }
    }

    /// A document of several is complete.
    pub(super) fn next_document(&mut self) {
        self.documents += 1;
        self.pointer.clear();
        self.hash = hash_number(HASH_SEED, self.documents);
    }

    /// The next element of the present array.
    pub(super) fn begin_element(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let index = frame.index;
        frame.index += 1;
        self.hash = hash_number(frame.hash, index);
        self.pointer.truncate(frame.base);
        let mut digits = [b'/'; 21];
        let mut begin = digits.len();
        let mut rest = index;
        loop {
            begin -= 1;
            digits[begin] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        // The slash before the digits was there from the start.
        self.append(&digits[begin - 1..], self.pointer_bytes_max);
    }

    /// A key of the present object begins.
    pub(super) fn begin_key(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        // No key of UTF-8 holds this byte, so that none is taken for a path of others.
        self.hash = hash(frame.hash, &[0xFF]);
        self.pointer.truncate(frame.base);
        self.append(b"/", self.pointer_bytes_max);
    }

    /// A piece of the present key, as it is. A key takes half of the room that is left at the most,
    /// so that a long one does not hide those below it.
    pub(super) fn extend_key(&mut self, mut piece: &[u8]) {
        self.hash = hash(self.hash, piece);
        let base = self.frames.last().map_or(0, |frame| frame.base);
        let end = self.pointer_bytes_max - (self.pointer_bytes_max - base) / 2;
        while !piece.is_empty() && !self.is_full(end) {
            let Some(special) = memchr::memchr2(b'~', b'/', piece) else {
                self.append(piece, end);
                return;
            };
            self.append(&piece[..special], end);
            self.append(if piece[special] == b'~' { b"~0" } else { b"~1" }, end);
            piece = &piece[special + 1..];
        }
    }

    fn is_full(&mut self, end: usize) -> bool {
        let is_full = self.pointer.len() >= end;
        self.is_cut |= is_full;
        is_full
    }

    /// Whether the key that is now complete stands twice in its object.
    pub(super) fn is_duplicate_key(&mut self) -> bool {
        self.keys.insert(self.hash)
    }

    // A pointer is cut, since everything that looks at a leaf may look at its pointer: deep, long
    // keys before many small elements would otherwise cost far more than their bytes.
    fn append(&mut self, piece: &[u8], end: usize) {
        self.is_cut |= self.pointer.len() + piece.len() > end;
        crate::decode::gather::extend_cut(&mut self.pointer, piece, end);
    }
}

/// How many keys are remembered; of those that share a slot, the last.
const KEYS_SEEN_SLOTS: usize = 256;

const HASH_SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, which may be fed in pieces.
fn hash(seed: u64, piece: &[u8]) -> u64 {
    piece.iter().fold(seed, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn hash_number(seed: u64, number: u64) -> u64 {
    (seed.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hashes of pointers to keys, in a table of fixed size: a twin that comes after many other keys
/// may be missed, and the memory is bounded.
struct KeysSeen(Vec<u64>);

impl KeysSeen {
    /// Remembers a key; returns whether it was there.
    fn insert(&mut self, hash: u64) -> bool {
        if self.0.is_empty() {
            self.0.resize(KEYS_SEEN_SLOTS, 0);
        }
        let slot = (hash ^ hash >> 32) as usize % KEYS_SEEN_SLOTS;
        self.0.get_mut(slot).is_some_and(|seen| std::mem::replace(seen, hash) == hash)
    }
}
