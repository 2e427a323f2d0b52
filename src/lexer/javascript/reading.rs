//! What a text would do if it ran as JavaScript.
//!
//! This is no parser: it follows operands and operators, brackets and the ends of statements, which
//! is enough to tell script from prose. In prose two words stand side by side; in script hardly ever.
//!
//! # What this does not protect from
//!
//! What acts is a call, an assignment or an import. Script that acts by a getter alone is inert to it.

use super::tokens::{Kind, Token, Tokens};
use super::words::{BROWSER_FUNCTIONS, DELAYED, DIALOGS, ENDINGS, Meaning, meaning, without_escapes};

/// What stands before the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing: a statement begins.
    Statement,
    /// A string that has just been closed, maybe within brackets.
    AfterString,
    /// Script of which nothing is known.
    Anywhere,
}

/// How the text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// With a complete expression or statement.
    Complete,
    /// Within an expression that the page goes on with.
    Dangling,
    /// With a comment, which hides what the page goes on with.
    Comment,
    /// With a string that the page closes.
    Reopened(u8),
    /// With the end tag of the script.
    EndTag,
    /// It is no script: there the grammar broke.
    Broken,
}

/// What was learnt of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// A call was made, before anything broke.
    pub(crate) calls: bool,
    /// Something was assigned, before anything broke.
    pub(crate) assigns: bool,
    /// A function was named that only script in a page has a use for.
    pub(crate) names_browser: bool,
    /// One of them that runs at once or makes script of text, and not in a block of code.
    pub(crate) names_at_top: bool,
    /// One of those that only show something: what a probe calls.
    pub(crate) opens_dialog: bool,
    /// It declares things, as source code does.
    pub(crate) declares: bool,
    /// Brackets that were not closed.
    pub(crate) open: bool,
    /// How it ends.
    pub(crate) tail: Tail,
    /// How far it was read.
    pub(crate) read_to: usize,
}

impl Reading {
    /// Whether it did something.
    pub(crate) const fn acts(&self) -> bool {
        self.calls || self.assigns
    }

    /// Whether it was script to its end.
    pub(crate) fn is_whole(&self) -> bool {
        self.tail != Tail::Broken
    }
}

/// Reads the text as script.
pub(crate) fn read(text: &[u8], start: Start) -> Reading {
    Reader {
        text,
        start,
        frames: Vec::new(),
        blocks: 0,
        expect: match start {
            Start::Statement => Expect::Operand,
            Start::AfterString => Expect::Operator,
            Start::Anywhere => Expect::Either,
        },
        last: None,
        head: false,
        operator_word: false,
        global: Global::None,
        global_member: Global::None,
        reading: Reading {
            calls: false,
            assigns: false,
            names_browser: false,
            names_at_top: false,
            opens_dialog: false,
            declares: false,
            open: false,
            tail: Tail::Complete,
            read_to: 0,
        },
    }
    .run()
}

/// Whether a function of the browser is called anywhere in the text, be the rest script or not.
pub(crate) fn calls_browser(text: &[u8]) -> bool {
    let mut named = false;
    Tokens::new(text, false).any(|token| {
        let called = named && !token.spaced && matches!(token.kind, Kind::Open(b'(') | Kind::Template { .. });
        named = token.kind == Kind::Word
            && BROWSER_FUNCTIONS.contains(&text.get(token.start..token.end).unwrap_or_default());
        called
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Operand,
    Operator,
    Either,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Call,
    /// The brackets after `if`, `function` and the like.
    Head,
    /// `window[..]`
    Member(Global),
    Other,
}

/// Whether a name is one of the page's own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Global {
    None,
    /// `this` and `self` are the page's global object, or another.
    Maybe,
    Page,
}

struct Frame {
    bracket: u8,
    role: Role,
    spaced: bool,
    /// The tokens inside, counted to two.
    tokens: u8,
    /// The last of them.
    word: (usize, usize),
}

struct Reader<'t> {
    text: &'t [u8],
    start: Start,
    frames: Vec<Frame>,
    /// How many of the frames are braces.
    blocks: usize,
    expect: Expect,
    last: Option<Kind>,
    /// After `if`, `function` and the like, until their brackets.
    head: bool,
    /// The last word was an operator, after which brackets call nothing.
    operator_word: bool,
    /// What the last word named of the page.
    global: Global,
    /// A member of the page's global object was just reached by brackets.
    global_member: Global,
    reading: Reading,
}

/// The grammar broke.
struct Broken;

impl Reader<'_> {
    fn run(mut self) -> Reading {
        let mut tokens = Tokens::new(self.text, self.start == Start::AfterString);
        while let Some(token) = tokens.next() {
            self.reading.read_to = tokens.furthest();
            if self.is_end_tag(token) {
                self.reading.tail = Tail::EndTag;
                return self.reading;
            }
            if self.is_reopened(token) {
                let quote = self.text.get(token.start).copied().unwrap_or_default();
                self.reading.tail = Tail::Reopened(quote);
                return self.reading;
            }
            if self.take(token).is_err() {
                self.reading.tail = Tail::Broken;
                return self.reading;
            }
            self.last = Some(token.kind);
            if !matches!(token.kind, Kind::Close(b']') | Kind::Dot) {
                self.global_member = Global::None;
            }
            self.operator_word &= token.kind == Kind::Word;
        }
        self.reading.read_to = self.text.len();
        self.reading.open = !self.frames.is_empty();
        let dangles = self.expect == Expect::Operand
            && !matches!(self.last, None | Some(Kind::Semicolon | Kind::Open(_) | Kind::Close(_)));
        self.reading.tail = match (tokens.after_comment(), dangles) {
            (true, _) => Tail::Comment,
            (_, true) => Tail::Dangling,
            _ => Tail::Complete,
        };
        self.reading
    }

    fn bytes(&self, token: Token) -> &[u8] {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    fn is_end_tag(&self, token: Token) -> bool {
        const END: &[u8] = b"</script";
        self.text.get(token.start..token.start + END.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(END))
    }

    fn is_reopened(&self, token: Token) -> bool {
        let open = matches!(token.kind, Kind::Text { closed: false } | Kind::Template { closed: false });
        open && token.end == self.text.len() && (self.expect != Expect::Operator || token.on_new_line)
    }

    fn take(&mut self, token: Token) -> Result<(), Broken> {
        if let Some(frame) = self.frames.last_mut()
            && !matches!(token.kind, Kind::Close(_))
        {
            frame.tokens = frame.tokens.saturating_add(1).min(2);
            frame.word = if token.kind == Kind::Word { (token.start, token.end) } else { (0, 0) };
        }
        if token.on_new_line && self.expect == Expect::Operator && begins_operand(token.kind) {
            self.expect = Expect::Operand;
        }
        match token.kind {
            Kind::Word => self.word(token),
            Kind::Template { .. } if self.expect != Expect::Operand => self.tagged_template(token),
            // Not at the end, or it would have been reopened: a line ended within a string.
            Kind::Text { closed: false } => Err(Broken),
            Kind::Number | Kind::Text { .. } | Kind::Template { .. } | Kind::Regex => {
                if matches!(token.kind, Kind::Template { .. })
                    && memchr::memmem::find(self.bytes(token), b"${").is_some()
                {
                    self.reading.calls |= memchr::memchr(b'(', self.bytes(token)).is_some();
                }
                self.operand()
            }
            Kind::Open(bracket) => self.open(bracket, token.spaced),
            Kind::Close(bracket) => self.close(bracket),
            Kind::Assign => {
                self.operator()?;
                self.reading.assigns = true;
                Ok(())
            }
            Kind::Step => {
                self.reading.assigns = true;
                Ok(())
            }
            Kind::Prefix | Kind::Spread if self.expect != Expect::Operator => Ok(()),
            Kind::Sign => {
                self.expect = Expect::Operand;
                Ok(())
            }
            Kind::Semicolon => {
                self.head = false;
                self.expect = Expect::Operand;
                Ok(())
            }
            Kind::Comma if matches!(self.last, Some(Kind::Open(b'[') | Kind::Comma)) => Ok(()),
            Kind::Arrow | Kind::Dot | Kind::Comma | Kind::Colon | Kind::Binary => self.operator(),
            Kind::Prefix | Kind::Spread | Kind::Unknown => Err(Broken),
        }
    }

    fn operand(&mut self) -> Result<(), Broken> {
        if self.expect == Expect::Operator {
            return Err(Broken);
        }
        self.expect = Expect::Operator;
        self.global = Global::None;
        Ok(())
    }

    fn operator(&mut self) -> Result<(), Broken> {
        if self.expect == Expect::Operand {
            return Err(Broken);
        }
        self.expect = Expect::Operand;
        Ok(())
    }

    fn word(&mut self, token: Token) -> Result<(), Broken> {
        let mut plain = [0; 24];
        let word = without_escapes(self.text.get(token.start..token.end).unwrap_or_default(), &mut plain);
        let member = self.last == Some(Kind::Dot);
        self.operator_word = false;
        match if member { Meaning::Name } else { meaning(word) } {
            Meaning::Name => {
                let global = if member { self.global } else { Global::Page };
                if global != Global::None && BROWSER_FUNCTIONS.contains(&word) && self.is_used(word, token.end) {
                    self.browser_function(word, global);
                }
                self.operand()?;
                self.global = match word {
                    _ if member && global != Global::Page => Global::None,
                    b"window" | b"top" | b"parent" | b"frames" | b"globalThis" | b"opener" => Global::Page,
                    b"self" | b"this" => Global::Maybe,
                    _ => Global::None,
                };
                return Ok(());
            }
            Meaning::Declaration => {
                self.reading.declares |= self.frames.is_empty() && self.expect != Expect::Operator;
                self.operand()?;
                self.expect = Expect::Either;
            }
            Meaning::Head => {
                self.reading.declares |= self.frames.is_empty() && self.expect != Expect::Operator;
                self.operand()?;
                self.head = true;
                self.expect = Expect::Either;
            }
            Meaning::Prefix => {
                self.operand()?;
                self.operator_word = true;
                self.expect = Expect::Either;
            }
            Meaning::Modifier => {
                self.operand()?;
                self.expect = Expect::Either;
            }
            Meaning::Import => {
                let rest = self.text.get(token.end..).unwrap_or_default().trim_ascii_start();
                self.operand()?;
                self.expect = Expect::Either;
                self.reading.calls |= matches!(rest, [b'"' | b'\'' | b'(' | b'{' | b'*', _, ..]);
            }
            Meaning::Infix => self.operator()?,
        }
        Ok(())
    }

    /// Whether a function is called here, or handed on to something that calls it; `prompt: x`,
    /// `prompt = x` and `run(prompt)` are about something else of that name.
    fn is_used(&self, word: &[u8], end: usize) -> bool {
        let rest = self.text.get(end..).unwrap_or_default().trim_ascii_start();
        let is_grouped = self.frames.last().is_some_and(|frame| frame.role == Role::Other);
        match rest {
            [] | [b'(' | b'`', ..] | [b'?', b'.', ..] => true,
            [b')' | b']' | b'}' | b',' | b';' | b'/' | b'-' | b'+' | b'|' | b'&', ..] => {
                is_grouped || !matches!(word, b"prompt" | b"confirm")
            }
            _ => [&b".call"[..], b".apply", b".bind"].iter().any(|method| rest.starts_with(method)),
        }
    }

    fn browser_function(&mut self, word: &[u8], global: Global) {
        let is_dialog = DIALOGS.contains(&word);
        let begins = self.frames.is_empty()
            && !matches!(self.last, Some(Kind::Assign | Kind::Word | Kind::Arrow | Kind::Comma | Kind::Colon));
        self.reading.names_browser = true;
        // As a method it is called by whatever uses the object: `{valueOf: alert}`.
        self.reading.calls |= self.blocks > 0 && self.last == Some(Kind::Colon);
        if global == Global::Page && self.blocks == 0 && (is_dialog || (begins && !DELAYED.contains(&word))) {
            self.reading.names_at_top = true;
        }
        self.reading.opens_dialog |= is_dialog;
    }

    /// A template right after a function calls it; after white space it may be prose with code in it.
    fn tagged_template(&mut self, token: Token) -> Result<(), Broken> {
        self.reading.calls |= !token.spaced && self.last.is_some();
        self.reading.names_browser |= self.global_member != Global::None;
        self.expect = Expect::Operator;
        Ok(())
    }

    fn open(&mut self, bracket: u8, spaced: bool) -> Result<(), Broken> {
        // `alert?.(1)` is a call as well.
        let after_operand = self.expect != Expect::Operand || self.last == Some(Kind::Dot);
        let role = match bracket {
            b'(' if self.head => Role::Head,
            b'(' if self.operator_word => Role::Other,
            b'(' if after_operand && matches!(self.last, Some(Kind::Text { .. } | Kind::Number) | None) => {
                return if self.start == Start::Anywhere {
                    self.push(bracket, Role::Other, spaced)
                } else {
                    Err(Broken)
                };
            }
            b'(' if after_operand => {
                self.reading.names_browser |= self.global_member != Global::None;
                self.reading.names_at_top |= self.global_member == Global::Page && self.blocks == 0;
                Role::Call
            }
            b'[' if after_operand => Role::Member(self.global),
            b'{' if self.expect == Expect::Operator && !self.head && self.last != Some(Kind::Close(b')')) => {
                return Err(Broken);
            }
            _ => Role::Other,
        };
        self.head = false;
        self.push(bracket, role, spaced)
    }

    fn push(&mut self, bracket: u8, role: Role, spaced: bool) -> Result<(), Broken> {
        self.blocks += usize::from(bracket == b'{');
        self.frames.push(Frame { bracket, role, spaced, tokens: 0, word: (0, 0) });
        self.expect = Expect::Operand;
        Ok(())
    }

    fn close(&mut self, bracket: u8) -> Result<(), Broken> {
        let after_operand = self.expect != Expect::Operand;
        let complete = after_operand
            || matches!(self.last, None | Some(Kind::Open(_) | Kind::Comma | Kind::Semicolon | Kind::Close(b'}')));
        let Some(frame) = self.frames.pop() else {
            if self.start == Start::Statement || !complete {
                return Err(Broken);
            }
            self.expect = if bracket == b'}' { Expect::Operand } else { Expect::Either };
            return Ok(());
        };
        self.blocks -= usize::from(frame.bracket == b'{');
        if frame.bracket != opening(bracket) || !complete {
            return Err(Broken);
        }
        if frame.role == Role::Call {
            self.reading.calls |= !self.reads_as_prose(&frame);
        }
        self.global_member = if let Role::Member(global) = frame.role { global } else { Global::None };
        self.expect = match (bracket, frame.role) {
            (b'}', _) | (_, Role::Head) => Expect::Either,
            _ => Expect::Operator,
        };
        Ok(())
    }

    /// `name(s)`, `matte (black)`: the brackets of a sentence.
    fn reads_as_prose(&self, frame: &Frame) -> bool {
        let word = self.text.get(frame.word.0..frame.word.1).unwrap_or_default();
        frame.tokens == 1 && !word.is_empty() && (frame.spaced || ENDINGS.contains(&word))
    }
}

const fn begins_operand(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Number | Kind::Text { .. } | Kind::Prefix | Kind::Open(b'{'))
}

const fn opening(closing: u8) -> u8 {
    match closing {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(text: &str) -> Reading {
        read(text.as_bytes(), Start::Statement)
    }

    #[test]
    fn script_acts() {
        for text in [
            "alert(1)",
            "javascript:alert(1)",
            "\\u0061lert(1)",
            "alert`1`",
            "a=1",
            "top['al'+'ert'](1)",
            "(function(){alert(1)})()",
            "if(1){f('x')}",
            "+[](f(2))",
            "({set a(b){_=1}}).c=d",
            "x=>f(x)",
            "/*y*/f(/x/.source)",
            "for(var i in x)f(i)",
            "import('x')",
            "a\nb()",
            "a(b)?c:d",
        ] {
            assert!(statement(text).acts() && statement(text).is_whole(), "{text}");
        }
    }

    #[test]
    fn prose_does_not() {
        for text in [
            "the good parts",
            " in a nutshell (2nd edition)",
            "name(s)",
            "continue",
            "return false",
            "void(0)",
            "use `foo` here",
            "black (matte)",
            "see foo(bar)",
            "",
        ] {
            assert!(!statement(text).acts(), "{text}");
        }
    }

    #[test]
    fn the_tail_says_what_becomes_of_the_rest() {
        for (text, tail) in [
            (";alert(1)//", Tail::Comment),
            ("-alert(1)-", Tail::Dangling),
            ("-alert(1)-'", Tail::Reopened(b'\'')),
            (");alert(1);", Tail::Complete),
            (";alert(1)</script>", Tail::EndTag),
            ("s a word", Tail::Broken),
            ("}]);f({a:'", Tail::Reopened(b'\'')),
        ] {
            assert_eq!(read(text.as_bytes(), Start::AfterString).tail, tail, "{text}");
        }
    }
}
