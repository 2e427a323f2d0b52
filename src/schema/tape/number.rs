//! Numbers by their text: exact where they are whole, and never larger than a double.

use std::borrow::Cow;

use jsonschema::json::JsonNumber;
use serde_json::Number;

use super::TEXT_BYTES_A_STEP;

/// Longer ones no honest client sends, and comparing them costs.
const NUMBER_BYTES_MAX: usize = 128;

/// Up to so many digits, exponent included, a number is divided with the means of the machine.
const PLAIN_DIGITS_MAX: usize = 30;

/// The steps that a larger one stands for.
const EXACT_STEPS: usize = 512;

/// Whether a text is a number of JSON (RFC 8259) that a double can hold, as `serde_json` asks.
pub(in crate::schema) fn is_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    let (integer, rest) = rest.split_at(whole);
    if integer.is_empty() || integer.len() > 1 && integer.starts_with('0') || text.len() > NUMBER_BYTES_MAX {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => match digits(fraction) {
            0 => return false,
            length => &fraction[length..],
        },
        None => rest,
    };
    // Without an exponent so short a text is within a double.
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else { return rest.is_empty() };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !exponent.is_empty() && digits(exponent) == exponent.len() && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A number of the tape.
#[derive(Clone, Copy)]
pub struct TapeNumber<'a>(pub(super) &'a str);

impl TapeNumber<'_> {
    fn to_f64(self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }

    /// What a look at it costs: divisions of very large and very small ones are done exactly.
    pub(super) fn steps(self) -> usize {
        if self.0.len() < TEXT_BYTES_A_STEP && self.is_written_as_integer() {
            return 0;
        }
        let exponent = self.0.find(['e', 'E']).and_then(|at| self.0.get(at + 1..)?.parse::<i32>().ok());
        let digits = self.0.len() + exponent.map_or(0, |exponent| exponent.unsigned_abs() as usize);
        if digits > PLAIN_DIGITS_MAX { EXACT_STEPS } else { digits / TEXT_BYTES_A_STEP }
    }

    /// One text for all ways to write the same number.
    pub(super) fn canonical(self) -> String {
        if let Ok(whole) = self.0.parse::<i128>() {
            return whole.to_string();
        }
        let number = self.to_f64();
        // Exact as an integer up to here.
        if number.fract() == 0.0 && number.abs() < 1e30 { (number as i128).to_string() } else { number.to_string() }
    }
}

impl JsonNumber for TapeNumber<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        let number = self.to_f64();
        // Rounding must not lift what is below the least integer of 64 bits to it.
        let is_least = number == i64::MIN as f64 && self.as_i64().is_none();
        let is_below = is_least && self.0.parse::<i128>().is_ok_and(|whole| whole < i128::from(i64::MIN));
        Some(if is_below { number.next_down() } else { number })
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn to_number(&self) -> Cow<'_, Number> {
        let whole = self.as_u64().map(Number::from).or_else(|| self.as_i64().map(Number::from));
        Cow::Owned(whole.or_else(|| Number::from_f64(self.to_f64())).unwrap_or_else(|| Number::from(0)))
    }

    fn is_written_as_integer(&self) -> bool {
        !self.0.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
    }

    fn is_integer(&self) -> bool {
        self.is_written_as_integer() || self.to_f64().fract() == 0.0
    }
}
