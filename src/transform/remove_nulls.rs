use super::Transformation;
use crate::byte_set::ByteSet;

/// Drops NUL bytes, which some back ends ignore in the middle of a keyword.
pub(super) const REMOVE_NULLS: Transformation =
    Transformation { name: "remove_nulls", triggers: ByteSet::of(b"\0"), apply: remove_nulls };

fn remove_nulls(value: &[u8], view: &mut Vec<u8>) {
    view.extend(value.iter().copied().filter(|&byte| byte != 0));
}
