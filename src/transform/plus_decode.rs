use super::Transformation;
use crate::byte_set::ByteSet;

/// Reads `+` as a blank, as forms do: what stands in a header, a cookie or an undecoded tail may be
/// one. A value that has blanks is no form, and is left as it is.
pub(super) const PLUS_DECODE: Transformation =
    Transformation { name: "plus_decode", triggers: ByteSet::of(b"+"), apply: plus_decode };

fn plus_decode(value: &[u8], view: &mut Vec<u8>) {
    let is_form = memchr::memchr(b' ', value).is_none();
    view.extend(value.iter().map(|&byte| if byte == b'+' && is_form { b' ' } else { byte }));
}
