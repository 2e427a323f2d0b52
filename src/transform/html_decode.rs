use super::{Transformation, hex, push_code_point};
use crate::byte_set::ByteSet;

/// Undoes character references, as a browser does in attribute values: `&#60;`, `&#x3c`, `&lt;`.
pub(super) const HTML_DECODE: Transformation =
    Transformation { name: "html_decode", triggers: ByteSet::of(b"&"), apply: html_decode };

/// The named references that stand for ASCII; the others cannot make a keyword or a bracket.
/// Source: the WHATWG list of named character references.
static NAMED: [(&[u8], u8); 42] = [
    (b"lt", b'<'),
    (b"LT", b'<'),
    (b"gt", b'>'),
    (b"GT", b'>'),
    (b"amp", b'&'),
    (b"AMP", b'&'),
    (b"quot", b'"'),
    (b"QUOT", b'"'),
    (b"apos", b'\''),
    (b"Tab", b'\t'),
    (b"NewLine", b'\n'),
    (b"excl", b'!'),
    (b"num", b'#'),
    (b"dollar", b'$'),
    (b"percnt", b'%'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"ast", b'*'),
    (b"midast", b'*'),
    (b"plus", b'+'),
    (b"comma", b','),
    (b"period", b'.'),
    (b"sol", b'/'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"equals", b'='),
    (b"quest", b'?'),
    (b"commat", b'@'),
    (b"lsqb", b'['),
    (b"lbrack", b'['),
    (b"bsol", b'\\'),
    (b"rsqb", b']'),
    (b"rbrack", b']'),
    (b"Hat", b'^'),
    (b"lowbar", b'_'),
    (b"grave", b'`'),
    (b"lcub", b'{'),
    (b"lbrace", b'{'),
    (b"verbar", b'|'),
    (b"rcub", b'}'),
    (b"rbrace", b'}'),
    (b"nbsp", b' '),
];

/// These need no semicolon (WHATWG, "named character references").
const WITHOUT_SEMICOLON: [&[u8]; 9] = [b"lt", b"LT", b"gt", b"GT", b"amp", b"AMP", b"quot", b"QUOT", b"nbsp"];

fn html_decode(value: &[u8], view: &mut Vec<u8>) {
    let mut index = 0;
    while let Some(offset) = memchr::memchr(b'&', &value[index..]) {
        view.extend_from_slice(&value[index..index + offset]);
        index += offset + 1;
        let rest = &value[index..];
        match numeric(rest).or_else(|| named(rest)) {
            Some((code_point, used)) => {
                push_code_point(code_point, view);
                index += used;
            }
            None => view.push(b'&'),
        }
    }
    view.extend_from_slice(&value[index..]);
}

/// `#60;` or `#x3c;`, the semicolon optional, any number of leading zeros.
fn numeric(rest: &[u8]) -> Option<(u32, usize)> {
    let rest = rest.strip_prefix(b"#")?;
    let (digits, radix, prefix) = match rest.first()? {
        b'x' | b'X' => (&rest[1..], 16, 2),
        _ => (rest, 10, 1),
    };
    let valid = |digit: &u8| hex(*digit).is_some_and(|value| u32::from(value) < radix);
    let count = digits.iter().take_while(|digit| valid(digit)).count();
    if count == 0 {
        return None;
    }
    let number = digits[..count]
        .iter()
        .filter_map(|&digit| hex(digit))
        .fold(0_u32, |number, digit| number.saturating_mul(radix).saturating_add(u32::from(digit)));
    let semicolon = usize::from(digits.get(count) == Some(&b';'));
    Some((number, prefix + count + semicolon))
}

fn named(rest: &[u8]) -> Option<(u32, usize)> {
    let count = rest.iter().take(8).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let closed = rest.get(count) == Some(&b';');
    if closed {
        return NAMED.iter().find(|(name, _)| *name == &rest[..count]).map(|&(_, byte)| (u32::from(byte), count + 1));
    }
    let name = WITHOUT_SEMICOLON.iter().find(|name| rest.starts_with(name))?;
    let (_, byte) = NAMED.iter().find(|(known, _)| known == name)?;
    Some((u32::from(*byte), name.len()))
}
