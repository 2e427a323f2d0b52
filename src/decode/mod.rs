//! Bytes to leaves, resumable: each file knows one format.
//!
//! A decoder is pushed chunks of any size and emits each leaf as soon as it is complete. It
//! never fails: what it cannot read it reports, and goes on with what follows.
//!
//! How the bytes were cut into chunks changes no leaf. A value larger than a window comes in
//! windows that overlap, under one location. Past a limit the rest is read as text. Where memory runs
//! short whoever pushes asks a decoder to give it back: then windows end early.
//!
//! # What this does not protect from
//!
//! A decoder reads as common back ends do; one that reads a format in a way of its own may see
//! values that we did not.

mod body;
mod codec;
mod content_type;
mod cookie;
mod form;
mod gather;
mod head;
mod inside;
mod json;
mod limits;
mod multipart;
mod parameters;
mod path;
mod percent;
mod sink;
mod sniff;
mod text;

#[cfg(any(fuzzing, test))]
pub mod check;
#[cfg(test)]
mod tests;

pub use body::BodyDecoder;
#[cfg(feature = "schema")]
pub use content_type::has_boundary;
pub use form::Form;
pub use head::{head, header, method, parameters};
pub use inside::inside;
pub use json::Json;
pub use limits::DecodeLimits;
pub use multipart::Multipart;
pub use path::path_segments;
pub use sink::Sink;
pub use text::Text;

/// One way to read a body.
pub enum Decoder {
    /// Pairs of names and values.
    Form(Form),
    /// JSON documents.
    Json(Json),
    /// Parts between boundaries.
    Multipart(Box<Multipart>),
    /// The whole as one value.
    Text(Text),
}

impl Decoder {
    /// Reads on.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        match self {
            Self::Form(form) => form.push(chunk, sink),
            Self::Json(json) => json.push(chunk, sink),
            Self::Multipart(multipart) => multipart.push(chunk, sink),
            Self::Text(text) => text.push(chunk, sink),
        }
    }

    /// Bytes of memory that are held, beside the decoder itself.
    fn held_bytes(&self) -> usize {
        match self {
            Self::Form(form) => form.held_bytes(),
            Self::Json(json) => json.held_bytes(),
            Self::Multipart(multipart) => size_of::<Multipart>() + multipart.held_bytes(),
            Self::Text(text) => text.held_bytes(),
        }
    }

    /// Gives memory back: what was read of a value that goes on is emitted as a window.
    fn shed(&mut self, sink: &mut dyn Sink) {
        match self {
            Self::Form(form) => form.shed(sink),
            Self::Json(json) => json.shed(sink),
            Self::Multipart(multipart) => multipart.shed(sink),
            Self::Text(text) => text.shed(sink),
        }
    }

    /// The body is at its end: emits what was held.
    pub fn end(&mut self, sink: &mut dyn Sink) {
        match self {
            Self::Form(form) => form.end(sink),
            Self::Json(json) => json.end(sink),
            Self::Multipart(multipart) => multipart.end(sink),
            Self::Text(text) => text.end(sink),
        }
    }
}
