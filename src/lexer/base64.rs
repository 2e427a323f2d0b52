//! Base64 in either alphabet, as far as it can be read.

/// Decodes up to `bytes_max` bytes of base64; stops at the first byte of neither alphabet.
#[must_use]
pub fn decode_base64(text: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes_max.min(text.len()));
    let (mut bits, mut held) = (0_u32, 0);
    for digit in text.iter().map_while(|&byte| digit(byte)) {
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            // Only the low byte is meant.
            decoded.push((bits >> held) as u8);
            if decoded.len() == bytes_max {
                break;
            }
        }
    }
    decoded
}

/// Whether a byte is a digit of base64, in either alphabet.
#[must_use]
pub const fn is_base64(byte: u8) -> bool {
    digit(byte).is_some()
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_is_decoded() {
        for (text, expected) in [
            ("aGVsbG8=", b"hello".as_slice()),
            ("aGVsbG8", b"hello"),
            ("_-8", &[0xff, 0xef]),
            ("aGVs bG8", b"hel"),
            ("", b""),
        ] {
            assert_eq!(decode_base64(text.as_bytes(), 64), expected, "{text}");
        }
        assert_eq!(decode_base64(b"aGVsbG8=", 2), b"he");
    }
}
