//! Serialised objects: forms that make a deserialiser build objects of the sender's choice.
//!
//! Data in the same formats (a PHP array of strings, a YAML tuple) builds nothing and passes.
//!
//! # What this does not protect from
//!
//! Formats without a mark of their own (Kryo, Hessian, MessagePack) look like any bytes, and an
//! encrypted or compressed object cannot be read.

use super::{CodeMatcher, Match};
use crate::lexer::{Cursor, decode_base64, is_base64, is_word, quoted};
use crate::rule::Confidence;

/// Bytes of a binary format.
pub(super) const BYTES: CodeMatcher =
    CodeMatcher { name: "serialized_bytes", find: |value| first(BYTE_FORMATS, value) };
/// A Python pickle of the textual protocol.
pub(super) const PICKLE: CodeMatcher = CodeMatcher { name: "serialized_pickle", find: |value| first(&[pickle], value) };
/// An object of PHP.
pub(super) const PHP: CodeMatcher = CodeMatcher { name: "serialized_php", find: |value| first(&[php_object], value) };
/// A YAML tag that builds an object.
pub(super) const YAML: CodeMatcher = CodeMatcher { name: "serialized_yaml", find: |value| first(&[yaml_tag], value) };
/// A type or a function in JSON.
pub(super) const JSON: CodeMatcher =
    CodeMatcher { name: "serialized_json", find: |value| first(&[function_text, json_type], value) };
/// An object in XML.
pub(super) const XML: CodeMatcher = CodeMatcher { name: "serialized_xml", find: |value| first(&[xml_object], value) };
/// Any of these in base64 or hexadecimal.
pub(super) const ENCODED: CodeMatcher =
    CodeMatcher { name: "serialized_encoded", find: |value| first(&[in_base64, in_hexadecimal], value) };
/// The name of a type, where the location says that a deserialiser will build it.
pub(super) const TYPE_NAME: CodeMatcher = CodeMatcher { name: "serialized_type_name", find: type_name };

/// The name of a class whose making alone does harm, where honest values are names of classes too.
pub(super) const GADGET: CodeMatcher = CodeMatcher { name: "serialized_gadget_name", find: gadget };

/// How much of a value in base64 is looked at.
const BASE64_BYTES_MAX: usize = 4096;

type Found = Option<(Confidence, std::ops::Range<usize>, &'static str)>;
type Reader = fn(&[u8]) -> Found;

static BYTE_FORMATS: &[Reader] = &[java, dotnet, binary_pickle, ruby_marshal];
static TEXT_FORMATS: &[Reader] = &[pickle, php_object, yaml_tag, function_text, json_type, xml_object];

/// The surest that one of the readers finds.
fn first(readers: &[Reader], value: &[u8]) -> Option<Match> {
    let best = readers.iter().fold(None, |best, read| surer(best, read(value)));
    best.map(|(confidence, span, structure)| Match::new(confidence, span, structure))
}

fn surer(one: Found, other: Found) -> Found {
    match (&one, &other) {
        (Some((first, ..)), Some((second, ..))) if first >= second => one,
        (_, None) => one,
        _ => other,
    }
}

/// How each format begins in base64, in three or four digits.
static BASE64_HEADS: &[&[u8]] = &[
    b"rO0A", // Java
    b"AAEA", // .NET
    b"/wEy", b"_wEy", // a view state with binary data
    b"gASV", b"gAWV", b"gAJj", b"gANj", b"gAJ9", b"gAN9", b"gAJd", b"gANd", b"gAIo",
    b"gAMo", // pickle, protocols 2 to 5
    b"Y1", b"Y2", b"Y3", b"KGN", b"KGR", b"KGx", b"KGl", b"KFM", // pickle, protocol 0
    b"BAhv", b"BAh7", b"BAhb", b"BAhJ", b"BAhV", b"BAhj", b"BAhl", // Ruby
    b"Tzo", b"YTo", b"Qzo", // PHP
    b"XyQk", b"eyJA", b"eyIk", b"eyJf", b"eyJw", // JSON that begins with an odd key
    b"ISF", b"IXJ", b"LS0t", // YAML
    b"PGph", b"PG9i", b"PD94", b"PHNv", // XML
];

/// Each run of base64 that may hold an object; a run begins behind a byte of no base64.
fn in_base64(value: &[u8]) -> Found {
    let mut best: Found = None;
    let mut cursor = Cursor::new(value, 0);
    while !cursor.is_done() {
        cursor.take_while(|byte| !is_base64(byte));
        let start = cursor.at();
        let run = cursor.take_while(is_base64);
        // A path such as `/a` and an option such as `--x` have marks of the alphabet in front.
        let lead = run.iter().take_while(|byte| b"/+-_".contains(byte)).count();
        for skipped in [0, lead] {
            if best.is_none() {
                best = base64_run(&run[skipped..], start + skipped);
            }
        }
    }
    best
}

fn base64_run(run: &[u8], start: usize) -> Found {
    if run.len() < 12 || !BASE64_HEADS.iter().any(|head| run.starts_with(head)) {
        return None;
    }
    let decoded = decode_base64(run, BASE64_BYTES_MAX);
    let best = BYTE_FORMATS.iter().chain(TEXT_FORMATS).fold(None, |best, read| surer(best, read(&decoded)));
    best.map(|(confidence, _, _)| (confidence, start..start + run.len(), "a serialised object in base64"))
}

/// `aced0005` and a type code, in hexadecimal.
fn in_hexadecimal(value: &[u8]) -> Found {
    let at = value
        .windows(10)
        .position(|window| window[..9].eq_ignore_ascii_case(b"aced00057") && window[9].is_ascii_hexdigit())?;
    let begins = value[..at].last().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    begins.then_some((Confidence::Certain, at..at + 10, "a serialised Java object in hexadecimal"))
}

/// The magic number, the version, and the code of a type.
fn java(value: &[u8]) -> Found {
    let at = memchr::memmem::find(value, &[0xac, 0xed, 0, 5])?;
    let typed = value.get(at + 4).is_none_or(|code| (0x70..=0x7e).contains(code));
    typed.then_some((Confidence::Certain, at..value.len(), "a serialised Java object"))
}

/// The header of the `BinaryFormatter`, or a view state that holds one.
fn dotnet(value: &[u8]) -> Found {
    let formatter = [0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0];
    let at = memchr::memmem::find(value, &formatter).or_else(|| value.starts_with(&[0xff, 1, 0x32]).then_some(0))?;
    Some((Confidence::Certain, at..value.len(), "a serialised .NET object"))
}

/// Python's pickle in a binary protocol: a global is loaded and called.
fn binary_pickle(value: &[u8]) -> Found {
    let [0x80, 2..=5, body @ ..] = value else { return None };
    // By protocol 4 on a global's names lie on the stack (0x93).
    let global = body.contains(&0x93) || body.windows(2).any(|pair| pair[0] == b'c' && is_word(pair[1]));
    let called = body.iter().any(|byte| [b'R', b'b', b'o', 0x81].contains(byte));
    (global && called).then_some((Confidence::Certain, 0..value.len(), "a Python pickle that calls a function"))
}

/// Python's pickle in the textual protocol.
fn pickle(value: &[u8]) -> Found {
    let mut lines = 0;
    for at in memchr::memchr_iter(b'\n', value) {
        lines += 1;
        let start = value[..at].iter().rposition(|byte| !is_word(*byte) && *byte != b'.').map_or(0, |at| at + 1);
        let opcode = value.get(start);
        let begins = start == 0 || b"(\n.".contains(&value[start - 1]);
        if !begins || !matches!(opcode, Some(b'c' | b'i')) || at - start < 3 {
            continue;
        }
        let mut cursor = Cursor::new(value, at + 1);
        let named = !cursor.word().is_empty() && cursor.eat(b"\n");
        if named && pickle_opcode(cursor) && pickle_call(cursor.rest(), value) {
            return Some((Confidence::Certain, start..value.len(), "a Python pickle that calls a function"));
        }
        if lines > 64 {
            break;
        }
    }
    None
}

/// Whether what follows a global is an opcode: a mark, a memo, a constant, with what it takes.
fn pickle_opcode(mut cursor: Cursor<'_>) -> bool {
    match cursor.next() {
        Some(b'(' | b']' | b'}' | b')' | b'N' | b'.') => true,
        Some(b'S') => matches!(cursor.peek(), Some(b'\'' | b'"')),
        Some(b'V' | b'X' | b'U' | b'q') => !cursor.is_done(),
        Some(b'p' | b'I') => !cursor.take_while(|byte| byte.is_ascii_digit()).is_empty() && cursor.eat(b"\n"),
        _ => false,
    }
}

/// Whether a pickle goes on to a call: of what lies below a tuple (`tR`, `)R`), or behind a memo.
fn pickle_call(rest: &[u8], value: &[u8]) -> bool {
    let ends = rest.trim_ascii_end();
    let called = memchr::memchr_iter(b'R', rest).any(|at| {
        let after = rest.get(at + 1).is_none_or(|next| b".pq(0)tsbu\n".contains(next));
        let before = at.checked_sub(1).and_then(|at| rest.get(at));
        after && before.is_some_and(|before| b"t)\n".contains(before))
    });
    called || [b"o.".as_slice(), b"b.", b"\n."].iter().any(|end| ends.ends_with(end)) && value.contains(&b'(')
}

/// Ruby's Marshal 4.8 with an object in it.
fn ruby_marshal(value: &[u8]) -> Found {
    let body = value.strip_prefix(&[4, 8])?;
    let object = body.windows(4).any(|window| {
        // `o:` or `c`, then the length of a name and its capital.
        matches!(window, [b'o' | b'U' | b'e', b':', 6..=80, b'A'..=b'Z'])
            || matches!(window, [b'c' | b'm', 6..=80, b'A'..=b'Z', _])
    });
    object.then_some((Confidence::Certain, 0..value.len(), "a serialised Ruby object"))
}

/// `O:8:"Name":1:{`, also inside an array.
fn php_object(value: &[u8]) -> Found {
    for at in memchr::memchr_iter(b':', value) {
        let Some(kind) = at.checked_sub(1) else { continue };
        let begins = value[..kind].last().is_none_or(|byte| !is_word(*byte));
        if !begins || !matches!(value[kind], b'O' | b'C') {
            continue;
        }
        let mut cursor = Cursor::new(value, at + 1);
        cursor.eat(b"+");
        let length = cursor.take_while(|byte| byte.is_ascii_digit()).len();
        if length == 0 || length > 6 || !(cursor.eat(b":\"") || cursor.eat(b":\\\"")) {
            continue;
        }
        // The quotes may be those of an escaped string: `O:4:\"Name\":0:{`.
        let name = cursor.take_while(|byte| byte != b'"' && byte != b'{' && byte != b';');
        let counted = cursor.eat(b"\":") && !cursor.take_while(|byte| byte.is_ascii_digit()).is_empty();
        if !name.is_empty() && name.len() <= 256 && counted && cursor.eat(b":{") {
            return Some((Confidence::Certain, kind..cursor.at(), "a serialised PHP object"));
        }
    }
    None
}

/// A YAML tag that names a class of the language: `!!python/object/apply:`, `!ruby/object:`,
/// `!!javax.script.ScriptEngineManager`.
fn yaml_tag(value: &[u8]) -> Found {
    let behind_word = |at: usize| value[..at].last().is_some_and(u8::is_ascii_alphanumeric);
    let short = memchr::memchr_iter(b'!', value).filter(|&at| !behind_word(at)).map(|at| at + 1);
    let long = memchr::memmem::find_iter(value, b"yaml.org,2002:").map(|at| at + b"yaml.org,2002:".len());
    let mut best: Found = None;
    for at in short.chain(long) {
        let mut cursor = Cursor::new(value, at);
        let classes = cursor.eat(b"!") || value[at - 1] == b':';
        if let Some(confidence) = tag(&mut cursor, classes) {
            best = surer(best, Some((confidence, at - 1..cursor.at(), "a YAML tag that builds an object")));
        }
    }
    best
}

fn tag(cursor: &mut Cursor<'_>, classes: bool) -> Option<Confidence> {
    for (language, kinds) in [
        (b"python/".as_slice(), [b"object".as_slice(), b"name", b"module"].as_slice()),
        (b"ruby/", &[b"object", b"hash", b"struct", b"class", b"module", b"regexp"]),
        (b"php/", &[b"object", b"const"]),
        (b"js/", &[b"function"]),
        (b"perl/", &[b"hash", b"code", b"array"]),
    ] {
        if cursor.eat(language) {
            if !kinds.contains(&cursor.word()) {
                return None;
            }
            // `/apply:os.system`, `:Gem::Installer`, or a function's text.
            if cursor.eat(b"/") {
                cursor.word();
            }
            let named = cursor.eat_any(b":/").is_some() && cursor.peek().is_some_and(is_word);
            let function = language == b"js/" && cursor.peek().is_some_and(|byte| byte.is_ascii_whitespace());
            return Some(if named || function { Confidence::Certain } else { Confidence::Weak });
        }
    }
    let name = qualified_name(cursor);
    let opens = cursor.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"[{\"'>,".contains(&byte));
    let known = name.starts_with(b"System.") || classes && library_class(name).is_some();
    (opens && known).then_some(Confidence::Certain)
}

/// A function in a JSON string that a deserialiser evaluates.
fn function_text(value: &[u8]) -> Found {
    let marked = memchr::memmem::find(value, b"_$$ND_FUNC$$_");
    let keyed = || memchr::memmem::find(value, b"\"__js_function\"");
    let at = marked.or_else(keyed)?;
    Some((Confidence::Certain, at..value.len(), "a function in JSON that a deserialiser runs"))
}

/// A dotted name of letters, digits, `_` and `$`.
fn qualified_name<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    cursor.take_while(|byte| is_word(byte) || byte == b'.' || byte == b'$')
}

/// Where classes live that every Java process has, or many.
static JAVA_PACKAGES: &[&[u8]] = &[
    b"ch.qos.logback.",
    b"clojure.",
    b"com.alibaba.",
    b"com.caucho.",
    b"com.ibatis.",
    b"com.ibm.",
    b"com.mchange.",
    b"com.mysql.",
    b"com.newrelic.",
    b"com.oracle.",
    b"com.rometools.",
    b"com.sun.",
    b"com.zaxxer.",
    b"groovy.",
    b"java.",
    b"javassist.",
    b"javax.",
    b"jdk.",
    b"net.sf.",
    b"oracle.",
    b"org.apache.",
    b"org.codehaus.",
    b"org.eclipse.",
    b"org.hibernate.",
    b"org.jboss.",
    b"org.mozilla.",
    b"org.python.",
    b"org.quartz.",
    b"org.springframework.",
    b"sun.",
];

/// Packages of plain values: numbers, texts, times and collections.
static VALUE_PACKAGES: &[&[u8]] = &[b"java.math.", b"java.time.", b"java.util."];
static VALUE_CLASSES: &[&[u8]] = &[
    b"java.lang.Boolean",
    b"java.lang.Double",
    b"java.lang.Float",
    b"java.lang.Integer",
    b"java.lang.Long",
    b"java.lang.Object",
    b"java.lang.String",
];

/// How sure a class's name makes it that building one does harm; nothing where the name is none
/// of a known library's.
fn library_class(name: &[u8]) -> Option<Confidence> {
    let bare = name.strip_prefix(b"L").filter(|bare| bare.contains(&b'.')).unwrap_or(name);
    let name = if JAVA_PACKAGES.iter().any(|package| bare.starts_with(package)) { bare } else { name };
    let known = JAVA_PACKAGES.iter().any(|package| name.starts_with(package));
    let class = name.rsplit(|&byte| byte == b'.').next()?.first()?.is_ascii_uppercase();
    let plain = VALUE_CLASSES.contains(&name) || VALUE_PACKAGES.iter().any(|package| name.starts_with(package));
    (known && class).then_some(if plain { Confidence::Weak } else { Confidence::Certain })
}

/// How sure a .NET type's name makes it, assembly and all.
fn dotnet_type(name: &[u8]) -> Option<Confidence> {
    if name.starts_with(b"System.") || name.starts_with(b"Microsoft.") {
        let plain = name.starts_with(b"System.Collections.Generic.") || !name[7..].contains(&b'.');
        return Some(if plain { Confidence::Weak } else { Confidence::Certain });
    }
    None
}

fn type_name(value: &[u8]) -> Option<Match> {
    let mut cursor = Cursor::new(value, 0);
    cursor.space();
    cursor.eat(b"[");
    let start = cursor.at();
    let name = qualified_name(&mut cursor);
    let mut ahead = cursor;
    ahead.eat_any(b";");
    ahead.space();
    // `Name, Assembly` of .NET may carry a version and generic arguments.
    let alone = ahead.is_done();
    let assembly = ahead.eat(b",") || ahead.eat(b"`") || ahead.eat(b"[");
    let confidence = if alone { library_class(name).or_else(|| dotnet_type(name)) } else { None };
    let confidence = confidence.or_else(|| assembly.then(|| dotnet_type(name))?)?;
    Some(Match::new(confidence, start..cursor.at(), "a type that a deserialiser would build"))
}

/// What is in the names of classes that look up, connect, load or run when they are built or
/// their properties are set; what logs are full of (pools, repositories, templates) is left out.
static GADGET_WORDS: &[&[u8]] = &[
    b"ClassPathXmlApplicationContext",
    b"DriverManagerConnectionSource",
    b"FileSystemXmlApplicationContext",
    b"JEditorPane",
    b"JNDI",
    b"JdbcRowSetImpl",
    b"Jndi",
    b"ProcessBuilder",
    b"PropertyPathFactoryBean",
    b"ScriptEngineManager",
    b"TemplatesImpl",
    b".jndi.",
];

fn gadget(value: &[u8]) -> Option<Match> {
    let name = value.trim_ascii();
    let whole = name.len() <= 256 && qualified_name(&mut Cursor::new(name, 0)).len() == name.len();
    let known = whole && library_class(name).is_some();
    let harmful = known && GADGET_WORDS.iter().any(|word| memchr::memmem::find(name, word).is_some());
    harmful.then(|| Match::new(Confidence::Certain, 0..value.len(), "a class that does harm when it is built"))
}

/// The keys under which JSON libraries keep a type.
static TYPE_KEYS: &[&[u8]] = &[b"@class", b"@type", b"$type", b"_class", b"javaClass", b"class"];

/// `"@type":"com.sun.X"`, `["com.sun.X",{`, `"$type":"System.X, Y"`, `"py/reduce":`.
fn json_type(value: &[u8]) -> Found {
    let mut best: Found = None;
    for (start, text, mut after) in quoted(value, b'"').chain(quoted(value, b'\'')) {
        let span = start..after.at();
        after.space();
        let confidence = if after.eat(b":") {
            after.space();
            typed_value(text, after)
        } else if after.eat(b",") && value[..start].last() == Some(&b'[') {
            // Jackson's array form: the class, then its fields.
            after.space();
            library_class(text).filter(|_| matches!(after.peek(), Some(b'{' | b'[' | b'"')))
        } else {
            None
        };
        best = surer(best, confidence.map(|confidence| (confidence, span, "a type named in JSON")));
    }
    best
}

fn typed_value(key: &[u8], mut cursor: Cursor<'_>) -> Option<Confidence> {
    if matches!(key, b"py/object" | b"py/reduce" | b"py/type" | b"py/function") {
        return Some(Confidence::Certain);
    }
    if !TYPE_KEYS.contains(&key) {
        return None;
    }
    type_name(cursor.string()?).map(|found| found.confidence)
}

/// XStream and XMLDecoder: elements or `class` attributes that name a library's class.
fn xml_object(value: &[u8]) -> Found {
    let mut best: Found = None;
    for at in memchr::memchr_iter(b'<', value) {
        let mut cursor = Cursor::new(value, at + 1);
        let element = cursor.take_while(|byte| is_word(byte) || b".$-".contains(&byte));
        let confidence = match element {
            b"object" | b"java" | b"void" | b"new" | b"handler" | b"comparator" | b"iterator" | b"target"
            | b"value" => {
                let tag = cursor.take_while(|byte| byte != b'>' && byte != b'<');
                memchr::memmem::find(tag, b"class").and_then(|at| {
                    let mut cursor = Cursor::new(tag, at + b"class".len());
                    cursor.space();
                    cursor.eat(b"=").then_some(())?;
                    cursor.space();
                    library_class(cursor.string()?)
                })
            }
            b"dynamic-proxy" => {
                let proxies = memchr::memmem::find(cursor.rest(), b"<interface").is_some();
                Some(if proxies { Confidence::Certain } else { Confidence::Likely })
            }
            // XStream's own form of an object that writes itself.
            _ => library_class(element).map(|confidence| match cursor.eat(b" serialization=") {
                true => Confidence::Certain,
                false => confidence,
            }),
        };
        let found = confidence.map(|confidence| (confidence, at..cursor.at(), "an object in XML"));
        best = surer(best, found);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(found: Option<Match>) -> &'static str {
        found.map_or("", |found| found.confidence.as_str())
    }

    #[test]
    fn objects_are_told_from_data() {
        for (value, expected) in [
            (b"\xac\xed\x00\x05sr\x00\x03a.B".as_slice(), "certain"),
            (b"x=rO0ABXNyAANhLkI=", "certain"),
            (b"aced00057372", "certain"),
            (b"O:4:\"Evil\":1:{s:1:\"a\";s:1:\"b\";}", "certain"),
            (b"a:1:{i:0;O:+4:\"Evil\":0:{}}", "certain"),
            (b"Tzo0OiJFdmlsIjoxOntzOjE6ImEiO3M6MToiYiI7fQ==", "certain"),
            (b"cos\nsystem\n(S'id'\ntR.", "certain"),
            (b"Y29zCnN5c3RlbQooUydpZCcKdFIu", "certain"),
            (b"\x80\x04\x95\x1d\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.", "certain"),
            (b"AAEAAAD/////AQAAAAAAAAAMAgAAAE", "certain"),
            (b"/wEykwIAAQAAAP////8BAAAA", "certain"),
            (b"\x04\x08o:\x08Foo\x06", "certain"),
            (b"!!python/object/apply:os.system ['id']", "certain"),
            (b"!!javax.script.ScriptEngineManager [!!java.net.URL [\"http://h\"]]", "certain"),
            (b"- !ruby/object:Gem::Installer\n  i: x", "certain"),
            (b"!<tag:yaml.org,2002:python/object/new:os.system> [id]", "certain"),
            (b"{\"a\":\"_$$ND_FUNC$$_function(){}()\"}", "certain"),
            (b"{\"@type\":\"com.sun.rowset.JdbcRowSetImpl\"}", "certain"),
            (b"{\"@type\":\"Lcom.sun.rowset.JdbcRowSetImpl;\"}", "certain"),
            (b"[\"org.apache.x.Y\",{\"a\":1}]", "certain"),
            (b"{\"$type\":\"System.Windows.Data.ObjectDataProvider, PresentationFramework\"}", "certain"),
            (b"{\"py/reduce\":[{\"py/type\":\"os.system\"}]}", "certain"),
            (b"<object class=\"java.lang.ProcessBuilder\">", "certain"),
            (b"<java.lang.ProcessBuilder><command>", "certain"),
            (b"a:2:{i:0;s:1:\"a\";i:1;s:1:\"b\";}", ""),
            (b"O:8 \"clock\"", ""),
            (b"{\"@type\":\"Person\",\"$type\":\"dog\"}", ""),
            (b"{\"@type\":\"type.googleapis.com/a.B\"}", ""),
            (b"!!python/tuple [1, 2]", ""),
            (b"wow!!java.io is fun", ""),
            (b"Hello!!! This.Is great", ""),
            (b"cat\nsystem\n(other)", ""),
            (b"java.lang.NullPointerException: at com.sun.X", ""),
            (b"<object class=\"java.util.ArrayList\">", "weak"),
            (b"rO0ABout us", ""),
        ] {
            let readers: Vec<Reader> =
                BYTE_FORMATS.iter().chain(TEXT_FORMATS).copied().chain([in_base64 as Reader, in_hexadecimal]).collect();
            assert_eq!(level(first(&readers, value)), expected, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn a_type_is_judged_by_what_it_would_build() {
        for (value, expected) in [
            ("com.sun.rowset.JdbcRowSetImpl", "certain"),
            ("[com.sun.rowset.JdbcRowSetImpl", "certain"),
            ("System.Diagnostics.Process, System", "certain"),
            ("System.Collections.Generic.List`1[[System.String]], mscorlib", "weak"),
            ("java.util.HashMap", "weak"),
            ("com.example.shop.Order", ""),
            ("Person", ""),
            ("https://schema.org/Person", ""),
        ] {
            assert_eq!(level(type_name(value.as_bytes())), expected, "{value}");
        }
    }

    #[test]
    fn a_class_is_a_gadget_by_what_it_does() {
        for (value, expected) in [
            ("ch.qos.logback.core.db.JNDIConnectionSource", "certain"),
            ("com.sun.rowset.JdbcRowSetImpl", "certain"),
            ("org.springframework.context.support.ClassPathXmlApplicationContext", "certain"),
            ("java.lang.ProcessBuilder", "certain"),
            ("org.apache.shiro.jndi.X", "certain"),
            ("com.zaxxer.hikari.HikariDataSource", ""),
            ("org.springframework.web.client.RestTemplate", ""),
            ("com.example.shop.JndiHelper", ""),
            ("java.lang.ProcessBuilder failed", ""),
            ("JNDI", ""),
        ] {
            assert_eq!(level(gadget(value.as_bytes())), expected, "{value}");
        }
    }
}
