//! Values and times as text that a terminal can be shown.

use std::fmt::Write as _;
use std::time::SystemTime;

/// How many characters of a value are shown.
const EXCERPT_CHARACTERS_MAX: usize = 240;

/// A value in quotes: cut, with control characters and bytes that are no UTF-8 escaped, so that
/// what an attacker wrote cannot steer the terminal.
pub fn excerpt(value: &[u8]) -> String {
    let mut text = String::from("\"");
    let mut characters = 0;
    'cut: for chunk in value.utf8_chunks() {
        let escapes =
            chunk.valid().chars().map(escape).chain(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
        for escape in escapes {
            if characters == EXCERPT_CHARACTERS_MAX {
                break 'cut;
            }
            text.push_str(&escape);
            characters += 1;
        }
    }
    text.push('"');
    if characters == EXCERPT_CHARACTERS_MAX {
        // Writing to a String does not fail.
        let _ = write!(text, " .. ({} bytes)", value.len());
    }
    text
}

fn escape(character: char) -> String {
    match character {
        '\'' | '"' => character.to_string(),
        _ => character.escape_debug().to_string(),
    }
}

/// Text that keeps everything but control characters, so that a pattern reads as it was written.
pub fn plain(text: &str) -> String {
    text.chars().map(|character| if character == '\\' { "\\".to_owned() } else { escape(character) }).collect()
}

/// The day of a time in UTC: `2027-03-01`.
pub fn date(time: SystemTime) -> String {
    let days = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    // Years begin in March here, so that the leap day is the last of its year; an era has 400 of
    // them and 146,097 days. 719,468 days lie between 0000-03-01 and 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `1 rule`, `2 rules`.
pub fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn control_characters_and_broken_text_are_escaped() {
        assert_eq!(excerpt(b"it's \"\x1b[31m\xff\n"), r#""it's "\u{1b}[31m\xff\n""#);
        assert_eq!(excerpt("\u{202e}é".as_bytes()), "\"\\u{202e}é\"");
        assert!(excerpt(&[b'a'; 300]).ends_with("a\" .. (300 bytes)"));
        assert_eq!(excerpt(b""), "\"\"");
    }

    #[test]
    fn days_are_dates() {
        for (days, text) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_878, "2027-03-01")]
        {
            assert_eq!(date(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400)), text);
        }
    }
}
