//! What all decoders are held to, and the runner.

use proptest::prelude::*;

use super::*;
use crate::input::Aspect;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Notice;
use crate::input::Place;

mod body_tests;
mod form_tests;
mod head_tests;
mod json_tests;
mod memory_tests;
mod multipart_tests;

/// What a sink was told, owned.
#[derive(Default, Clone, PartialEq, Eq)]
struct Told {
    leaves: Vec<Owned>,
    causes: Vec<Cause>,
    notices: Vec<Notice>,
}

#[derive(Clone, PartialEq, Eq)]
struct Owned {
    place: Place,
    name: Vec<u8>,
    aspect: String,
    value: Vec<u8>,
}

impl std::fmt::Debug for Owned {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.value[..self.value.len().min(200)];
        write!(
            formatter,
            "{}{} `{}` = `{}`",
            self.place.as_str(),
            self.aspect,
            self.name.escape_ascii(),
            shown.escape_ascii()
        )
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:#?} {:?} {:?}", self.leaves, self.causes, self.notices)
    }
}

impl Sink for Told {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        let aspect = match leaf.aspect {
            Aspect::Value => String::new(),
            Aspect::Name => ".name".to_owned(),
            Aspect::Filename => ".filename".to_owned(),
            Aspect::Header(name) => format!(".header.{}", name.escape_ascii()),
        };
        self.leaves.push(Owned { place: leaf.place, name: leaf.name.into(), aspect, value: leaf.value.into() });
    }

    // They are a set.
    fn incomplete(&mut self, cause: Cause) {
        if let Err(place) = self.causes.binary_search(&cause) {
            self.causes.insert(place, cause);
        }
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }
}

/// A sink that only counts.
#[derive(Default)]
struct Count {
    leaves: usize,
    bytes: usize,
    largest: usize,
    causes: Vec<Cause>,
}

impl Sink for Count {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.leaves += 1;
        self.bytes += leaf.value.len();
        self.largest = self.largest.max(leaf.value.len()).max(leaf.name.len());
    }

    fn incomplete(&mut self, cause: Cause) {
        self.causes.push(cause);
    }

    fn notice(&mut self, _: Notice) {}
}

/// Reads `body` in chunks of these sizes, over and over; an empty list means one chunk.
fn read_in(mut decoder: Decoder, body: &[u8], sizes: &[usize]) -> Told {
    let mut told = Told::default();
    let mut rest = body;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().map_or(rest.len(), |&size| size.clamp(1, rest.len()));
        let (chunk, next) = rest.split_at(size);
        decoder.push(chunk, &mut told);
        rest = next;
    }
    decoder.end(&mut told);
    told
}

/// Reads `body` whole, and byte by byte, and in these chunks: all must agree.
fn read(decoder: impl Fn() -> Decoder, body: &[u8], sizes: &[usize]) -> Told {
    let whole = read_in(decoder(), body, &[]);
    for sizes in [&[1], sizes] {
        let pieces = read_in(decoder(), body, sizes);
        assert_eq!(whole, pieces, "chunks of {sizes:?} change what is read from `{}`", body.escape_ascii());
    }
    whole
}

impl Told {
    /// The same in an order that does not depend on which reading came first.
    fn sorted(&self) -> (Vec<String>, Vec<Cause>, Vec<&'static str>) {
        let (mut lines, mut causes) = (self.lines(), self.causes.clone());
        let mut notices: Vec<_> = self.notices.iter().map(|notice| notice.as_str()).collect();
        lines.sort_unstable();
        causes.sort_unstable();
        notices.sort_unstable();
        (lines, causes, notices)
    }

    /// Each leaf as `place.aspect name=value`, for tables.
    fn lines(&self) -> Vec<String> {
        let line = |leaf: &Owned| {
            let Owned { place, name, aspect, value } = leaf;
            format!("{}{aspect} {}={}", place.as_str(), name.escape_ascii(), value.escape_ascii())
        };
        self.leaves.iter().map(line).collect()
    }
}

/// A row: a sentence, what is read, and the leaves that must come out, in order.
type Row<'a> = (&'a str, &'a [u8], &'a [&'a str]);

fn check(decoder: impl Fn() -> Decoder, rows: &[Row<'_>]) {
    for (name, body, leaves) in rows {
        let told = read(&decoder, body, &[2, 3]);
        assert_eq!(told.lines(), *leaves, "{name}: `{}`", body.escape_ascii());
    }
}

/// Sizes of chunks, small and large.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1..8_usize, 1..200_usize], 1..6)
}

/// Limits so small that short inputs pass them.
const SMALL: DecodeLimits =
    DecodeLimits { depth_max: 3, leaves_max: 6, leaf_bytes_max: 64, name_bytes_max: 16, part_header_bytes_max: 96 };

/// The windows of one value, from its definition.
fn windows(value: &[u8], limits: &DecodeLimits) -> Vec<Vec<u8>> {
    let (window, step) = (limits.window_bytes(), limits.window_bytes() - limits.overlap_bytes());
    let mut begin = 0;
    let mut windows = Vec::new();
    while value.len() - begin > window {
        windows.push(value[begin..begin + window].to_vec());
        begin += step;
    }
    windows.push(value[begin..].to_vec());
    windows
}

#[test]
fn text_comes_in_windows_that_overlap_and_begin_where_the_value_says() {
    let limits = DecodeLimits::default();
    for length in [1, 65_535, 65_536, 65_537, 300_000] {
        let body: Vec<u8> = (0..length).map(|index: u32| (index % 251) as u8).collect();
        for sizes in [vec![], vec![1_000], vec![65_536], vec![70_000], vec![1, 100_000]] {
            let told = read_in(Decoder::Text(Text::new(&limits)), &body, &sizes);
            let values: Vec<_> = told.leaves.into_iter().map(|leaf| leaf.value).collect();
            assert!(values == windows(&body, &limits), "{length} bytes in {sizes:?}");
        }
    }
}

#[test]
fn no_text_is_no_leaf() {
    assert_eq!(read_in(Decoder::Text(Text::new(&SMALL)), b"", &[]), Told::default());
}

proptest! {
    #[test]
    fn any_bytes_in_any_chunks_give_the_same_leaves(
        body in hostile(), sizes in sizes(), small in any::<bool>(),
    ) {
        let limits = if small { SMALL } else { DecodeLimits::default() };
        read(|| Decoder::Form(Form::new(Place::Form, &limits)), &body, &sizes);
        read(|| Decoder::Text(Text::new(&limits)), &body, &sizes);
        let told = read_in(Decoder::Multipart(Box::new(Multipart::new(b"B", &limits))), &body, &[]);
        for sizes in [&[1], &sizes[..]] {
            let pieces = read_in(Decoder::Multipart(Box::new(Multipart::new(b"B", &limits))), &body, sizes);
            // Where two readings run side by side, chunks decide which of them is heard first.
            prop_assert_eq!(told.sorted(), pieces.sorted(), "in {:?} of `{}`", sizes, body.escape_ascii());
        }
        for fallback in [json::Fallback::Text, json::Fallback::Silence] {
            read(|| Decoder::Json(Json::new(&limits, fallback)), &body, &sizes);
        }
    }
}

/// Bytes dense in what decoders look for.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(b"{}[]:,\"'\\/*-+=&%;.~ \r\n\tu0dDcC8eE9ntfrblaN_$".to_vec()).prop_map(|byte| vec![byte]),
        2 => prop::sample::select(vec![
            "true", "null", "NaN", "\\ud83d\\ude00", "\"a\":", "\"b\"", "//", "/*", "*/", "%41", "%f", "--B", "\r\n--B",
            "\n--B", "\r\n--B\r\n", "--B--", "--B\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"a\"\r\n\r\n",
            "Content-Transfer-Encoding: base64\r\n", "name=", "\u{feff}", "[[[[", "{\"k\":",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
        1 => (10..90_usize).prop_map(|count| vec![b'x'; count]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}
