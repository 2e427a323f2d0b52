//! Bytes to bytes: each file undoes one disguise.
//!
//! A [`Transformation`] says which bytes must be present for it to change anything, so that an
//! undisguised value is never copied. [`views`] applies them in the order of [`ALL`], round by
//! round, and shows each step: a back end may decode once, or twice, or in another place.
//!
//! # What this does not protect from
//!
//! Encodings that only one application knows, and compressed or encrypted values, stay closed.

mod compatibility_fold;
mod html_decode;
mod javascript_decode;
mod plus_decode;
mod remove_nulls;
mod url_decode;
mod utf8_fold;
mod view;

pub use view::{Chain, Scratch, TRIGGERS, ViewLimits, views};

use crate::byte_set::ByteSet;

/// One disguise and how to take it off.
pub struct Transformation {
    /// The name that chains show.
    pub name: &'static str,
    /// Without one of these bytes it changes nothing.
    pub triggers: ByteSet,
    /// Appends the rewritten value to the (empty) view.
    pub apply: fn(&[u8], &mut Vec<u8>),
}

/// Every transformation, in the order in which they are tried: adding one is a file and a line.
pub const ALL: [&Transformation; 7] = [
    &plus_decode::PLUS_DECODE,
    &url_decode::URL_DECODE,
    &utf8_fold::UTF8_FOLD,
    &html_decode::HTML_DECODE,
    &javascript_decode::JAVASCRIPT_DECODE,
    &compatibility_fold::COMPATIBILITY_FOLD,
    &remove_nulls::REMOVE_NULLS,
];

/// The value of a hexadecimal digit.
const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The number that exactly `count` hexadecimal digits at the start of `bytes` spell.
fn hex_digits(bytes: &[u8], count: usize) -> Option<u32> {
    let digits = bytes.get(..count)?;
    digits.iter().try_fold(0_u32, |number, &digit| Some(number << 4 | u32::from(hex(digit)?)))
}

/// Appends a code point as UTF-8. A lone surrogate, which no UTF-8 can hold, becomes U+FFFD.
fn push_code_point(code_point: u32, view: &mut Vec<u8>) {
    let character = char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER);
    view.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests;
