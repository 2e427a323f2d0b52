//! The words that matter: what keywords do to the grammar, and which names only a page's script uses.

/// What a word means where an operand or operator may stand.
pub(super) enum Meaning {
    Name,
    Declaration,
    Head,
    Prefix,
    Modifier,
    Import,
    Infix,
}

pub(super) fn meaning(word: &[u8]) -> Meaning {
    match word {
        b"var" | b"let" | b"const" | b"class" | b"export" | b"async" => Meaning::Declaration,
        b"function" | b"if" | b"for" | b"while" | b"with" | b"switch" | b"catch" => Meaning::Head,
        b"typeof" | b"void" | b"delete" | b"return" | b"throw" | b"new" | b"await" | b"yield" | b"case" | b"do"
        | b"else" | b"try" | b"finally" | b"default" => Meaning::Prefix,
        b"get" | b"set" | b"static" | b"extends" | b"from" => Meaning::Modifier,
        b"import" => Meaning::Import,
        b"in" | b"of" | b"instanceof" | b"as" => Meaning::Infix,
        _ => Meaning::Name,
    }
}

/// Functions by which script shows itself, or makes more script out of text.
pub(super) const BROWSER_FUNCTIONS: &[&[u8]] = &[
    b"alert",
    b"confirm",
    b"prompt",
    b"eval",
    b"Function",
    b"execScript",
    b"setTimeout",
    b"setInterval",
    b"atob",
    b"fetch",
];

/// Those of them that open a dialog.
pub(super) const DIALOGS: &[&[u8]] = &[b"alert", b"confirm", b"prompt"];

/// Those of them that source code is full of.
pub(super) const DELAYED: &[&[u8]] = &[b"setTimeout", b"setInterval", b"atob", b"fetch"];

/// What brackets add to a word: `name(s)`.
pub(super) const ENDINGS: &[&[u8]] =
    &[b"s", b"es", b"d", b"ed", b"er", b"r", b"n", b"ing", b"ly", b"y", b"ies", b"ation", b"ion"];

/// A word with its escapes resolved, if it is short enough to be one that matters.
pub(super) fn without_escapes<'w>(word: &'w [u8], plain: &'w mut [u8; 24]) -> &'w [u8] {
    if memchr::memchr(b'\\', word).is_none() {
        return word;
    }
    let (mut rest, mut length) = (word, 0);
    while let Some((&byte, after)) = rest.split_first() {
        let (letter, next) = match byte {
            b'\\' => unescape(after),
            _ => (byte, after),
        };
        let Some(slot) = plain.get_mut(length) else { return word };
        *slot = letter;
        length += 1;
        rest = next;
    }
    plain.get(..length).unwrap_or(word)
}

/// The ASCII letter of `u0061` or `u{61}`, and what follows it; another character is `?`.
fn unescape(after: &[u8]) -> (u8, &[u8]) {
    let digits = after.get(1..).unwrap_or_default();
    let (hex, rest) = if digits.first() == Some(&b'{') {
        let end = digits.iter().position(|&byte| byte == b'}').unwrap_or(digits.len());
        (digits.get(1..end).unwrap_or_default(), digits.get(end + 1..).unwrap_or_default())
    } else {
        (digits.get(..4).unwrap_or(digits), digits.get(4..).unwrap_or_default())
    };
    let code = hex.iter().fold(0_u32, |code, &digit| {
        code.saturating_mul(16).saturating_add((digit as char).to_digit(16).unwrap_or(0xFFFF))
    });
    (u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(b'?'), rest)
}
