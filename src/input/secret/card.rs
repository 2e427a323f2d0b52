//! Numbers of payment cards.

use std::ops::Range;

/// How many digits a card has.
const DIGITS_MIN: usize = 13;
const DIGITS_MAX: usize = 19;
/// Bytes that may stand between two groups of the digits of a card: `", "`, a dash of three bytes between spaces, or tags.
const GAP_BYTES_MAX: usize = 12;
/// So many digits are a group that goes on behind anything but one space, dash or plus. Those of an address have fewer.
const GROUP_DIGITS_MIN: usize = 4;

/// Numbers of payment cards: 13 to 19 digits with signs between, by their check digit. Linear in the text.
pub(crate) fn cards(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut run = Run::default();
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => run.digit(index, byte, found),
            _ if run.digits.is_empty() => {}
            _ if run.gap(index).len() >= GAP_BYTES_MAX => run.end(found),
            // One letter, or those of a tag, but of no word.
            _ if byte.is_ascii_alphabetic() && !run.gap(index).is_empty() && text[run.end] != b'<' => run.end(found),
            _ => run.is_plain = run.gap(index).is_empty() && b" -+".contains(&byte),
        }
    }
    run.end(found);
}

/// Groups of digits that may be one number.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    start: usize,
    /// Behind the last digit.
    end: usize,
    /// Digits of the last group.
    group: usize,
    /// Whether what follows the last digit is one space, dash or plus.
    is_plain: bool,
}

impl Run {
    /// What is between the last digit and an index.
    fn gap(&self, index: usize) -> Range<usize> {
        self.end..index
    }

    fn digit(&mut self, index: usize, digit: u8, found: &mut Vec<Range<usize>>) {
        if !self.gap(index).is_empty() {
            if !self.is_plain && self.group < GROUP_DIGITS_MIN {
                self.end(found);
            }
            self.group = 0;
        }
        if self.digits.is_empty() {
            self.start = index;
        }
        self.digits.push(digit - b'0');
        self.group += 1;
        self.end = index + 1;
    }

    /// Digits of something else may stand before or behind, so any stretch counts.
    fn end(&mut self, found: &mut Vec<Range<usize>>) {
        if (DIGITS_MIN..=DIGITS_MAX).any(|length| self.digits.windows(length).any(has_check_digit)) {
            found.push(self.start..self.end);
        }
        self.digits.clear();
        self.group = 0;
    }
}

/// The check of Luhn (ISO/IEC 7812-1).
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit) * 2) {
            (0, _) => u32::from(digit),
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_card(text: &str) -> bool {
        let mut found = Vec::new();
        cards(text.as_bytes(), &mut found);
        !found.is_empty()
    }

    #[test]
    fn cards_are_seen_whatever_stands_between_their_groups() {
        for text in [
            "4111111111111111",
            "x4111-1111-1111-1111' or 1=1",
            "4111.1111.1111.1111",
            "curl 4111_1111_1111_1111",
            "/pay/4111/1111/1111/1111",
            "3782/822463/10005",
            "4111\t1111\t1111\t1111",
            "4111,1111,1111,1111",
            "4111  1111  1111  1111",
            "4111 – 1111 – 1111 – 1111",
            "[\"4111\", \"1111\", \"1111\", \"1111\"]",
            "4111<br>1111<br/>1111</td><td>1111",
            "1. 4111.1111.1111.1111",
            "4111.1111.1111.1111. 2",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            "4111%1111%1111%1111",
            "4111x1111x1111x1111",
        ] {
            assert!(has_card(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_cards() {
        for text in [
            "411111111111",
            "0000000000000000",
            "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14",
            "192.168.100.200:8080, 192.168.100.201:8080, 192.168.100.202",
            "between 2019 and 2020 or 2021 and 2022 and 2023",
            "2026-11-24T14:10:00.123Z 2026-11-25T14:10:00.123Z",
            "union select 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18",
        ] {
            assert!(!has_card(text), "{text}");
        }
    }
}
