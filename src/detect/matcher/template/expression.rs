//! What an expression between the brackets of a template does.

use crate::detect::matcher::call;
use crate::lexer::expression::{Lexer, Token};
use crate::rule::Confidence::{self, Certain, Likely};

/// Which languages use these brackets, and with that what is everyday between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flavour {
    /// `{{ }}`: Jinja, Twig, Handlebars, Angular.
    Curly,
    /// `[[ ]]`: Thymeleaf within a text; but also lists in lists.
    Square,
    /// `{% %}`.
    Statement,
    /// `${ }`: EL, FreeMarker, Mako; but also JavaScript and the shell.
    Dollar,
    /// `#{ }`, `*{ }`: Spring, Ruby, Pug.
    Expression,
    /// `<% %>`: ERB, EJS, JSP, ASP.
    Scriptlet,
    /// `@( )`.
    Razor,
    /// `{ }`: Smarty, Latte; and everything else in the world.
    Brace,
}

type Finding = (Confidence, &'static str);

pub(super) const CALCULATES: &str = "a template expression that calculates with constants";
const REACHES: &str = "a template expression that walks from an object to its class";
const CALLS: &str = "a template expression that calls into the system";
const OBEYS: &str = "a server page that runs what the request says";
const EXPOSES: &str = "a template expression that shows the engine's own objects";

/// Judges what stands between the brackets. `rest` is the value from the opener on, for
/// brackets inside that closed too early; `whole` says that nothing stands around it.
pub(super) fn judge(inner: &[u8], rest: &[u8], flavour: Flavour, whole: bool) -> Option<Finding> {
    if flavour == Flavour::Square && inner.contains(&b'\n') {
        return None;
    }
    if calculates(inner, flavour, whole) {
        return Some((Certain, CALCULATES));
    }
    if flavour == Flavour::Brace {
        return brace(inner);
    }
    // Maps and lambdas have braces of their own: read on to the last one.
    let nested = inner.contains(&b'{') || memchr::memchr2(b'\'', b'"', inner).is_some();
    let read_on = matches!(flavour, Flavour::Dollar | Flavour::Expression) && nested;
    let text = if read_on { up_to_closing_brace(rest.get(2..).unwrap_or(inner)) } else { inner };
    walk(text, flavour)
        .or_else(|| exposes(inner, flavour, whole))
        .or_else(|| (flavour == Flavour::Scriptlet && obeys_request(inner)).then_some((Certain, OBEYS)))
}

/// Whether code of a server page hands what the request says to what runs it: `eval request("x")`,
/// `Process.Start(Request["c"])`. VBScript knows no case.
fn obeys_request(inner: &[u8]) -> bool {
    let (mut asks, mut runs) = (false, false);
    let mut before = None;
    let mut lexer = Lexer::at(inner, 0);
    while let Some(token) = lexer.next() {
        if let Token::Name(name) = token {
            let is = |words: &[&str]| words.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(name));
            let used = matches!(lexer.ahead(0), Some(Token::Mark(b'(' | b'[' | b'.')));
            asks |= used && is(&["request"]);
            runs |= is(&["eval", "execute", "executeglobal"]) && before != Some(Token::Mark(b'.'))
                || before == Some(Token::Mark(b'.')) && used && is(&["start", "exec", "run", "eval", "defineClass"]);
        }
        before = Some(token);
    }
    asks && runs
}

/// How far an expression with braces of its own is read.
const NESTED_BYTES_MAX: usize = 1024;

/// The text up to the brace that closes the expression, if its own ones are balanced.
fn up_to_closing_brace(text: &[u8]) -> &[u8] {
    let text = text.get(..NESTED_BYTES_MAX).unwrap_or(text);
    let mut depth = 0_usize;
    let mut lexer = Lexer::at(text, 0);
    while let Some(token) = lexer.next() {
        match token {
            Token::Mark(b'{') => depth += 1,
            Token::Mark(b'}') if depth == 0 => return text.get(..lexer.offset()).unwrap_or(text),
            Token::Mark(b'}') => depth -= 1,
            _ => {}
        }
    }
    text
}

/// Constants, operators between them, and nothing else.
fn calculates(inner: &[u8], flavour: Flavour, whole: bool) -> bool {
    let inner = inner.trim_ascii();
    let printed = flavour == Flavour::Statement && inner.starts_with(b"print");
    let inner = if printed { inner.get(5..).unwrap_or_default() } else { inner };
    let inner = match flavour {
        Flavour::Scriptlet => inner.strip_prefix(b"=").or_else(|| inner.strip_prefix(b"-")).unwrap_or(inner),
        Flavour::Curly | Flavour::Square | Flavour::Brace | Flavour::Dollar => {
            inner.strip_prefix(b"=").unwrap_or(inner)
        }
        _ => inner,
    };
    let inner = inner.trim_ascii_matching(b"{}");
    let (mut operands, mut operators, mut strong, mut numbers) = (0, 0, 0, 0);
    let mut previous_operand = false;
    for token in Lexer::at(inner, 0) {
        match token {
            Token::Number(_) | Token::Text(_) if previous_operand => return false,
            Token::Number(_) | Token::Text(_) => {
                numbers += usize::from(matches!(token, Token::Number(_)));
                operands += 1;
                previous_operand = true;
            }
            Token::Mark(mark @ (b'*' | b'+' | b'-' | b'/' | b'%' | b'~' | b'^' | b'|')) => {
                operators += usize::from(previous_operand);
                strong += usize::from(matches!(mark, b'*' | b'+'));
                previous_operand = false;
            }
            Token::Mark(b'(' | b')') => {}
            _ => return false,
        }
    }
    let computes = operands > 1 && operators > 0 && previous_operand;
    computes
        && match flavour {
            Flavour::Brace => strong > 0 && whole && numbers > 1,
            // `${1-x}` and `${1/a/b}` are the shell's.
            Flavour::Dollar => strong > 0 || numbers == operands && inner.contains(&b' ') || inner.len() > 4,
            Flavour::Razor => numbers > 1 && (strong > 0 || whole),
            Flavour::Statement => printed,
            _ => true,
        }
}

trait TrimMatching {
    fn trim_ascii_matching(&self, bytes: &[u8]) -> &[u8];
}

impl TrimMatching for [u8] {
    fn trim_ascii_matching(&self, bytes: &[u8]) -> &[u8] {
        let belongs = |byte: &u8| bytes.contains(byte) || byte.is_ascii_whitespace();
        let start = self.iter().position(|byte| !belongs(byte)).unwrap_or(self.len());
        let end = self.iter().rposition(|byte| !belongs(byte)).map_or(start, |end| end + 1);
        self.get(start..end).unwrap_or_default()
    }
}

/// Passes over the tokens and looks for a step out of the data.
fn walk(text: &[u8], flavour: Flavour) -> Option<Finding> {
    let mut best: Option<Finding> = None;
    let mut lexer = Lexer::at(text, 0);
    let mut before = [None; 2];
    let mut first = true;
    while let Some(token) = lexer.next() {
        let found = match token {
            Token::Name(name) => name_step(name, before, &lexer, flavour, first),
            Token::Text(content) => text_step(content, before, &lexer),
            Token::Mark(b'@') => static_member(&lexer),
            Token::Mark(b'?') => built_in(&lexer),
            Token::Mark(b'`') if matches!(flavour, Flavour::Scriptlet | Flavour::Expression) => {
                backticks(text, lexer.offset())
            }
            _ => None,
        };
        if let Some(found) = found {
            if found.0 == Certain {
                return Some(found);
            }
            best = best.or(Some(found));
        }
        before = [before[1], Some(token)];
        first = false;
    }
    best
}

fn name_step(
    name: &[u8],
    before: [Option<Token<'_>>; 2],
    lexer: &Lexer<'_>,
    flavour: Flavour,
    first: bool,
) -> Option<Finding> {
    let called = lexer.ahead(0) == Some(Token::Mark(b'('));
    let dotted = before[1] == Some(Token::Mark(b'.'));
    let piped = before[1] == Some(Token::Mark(b'|'));
    let literal = matches!(before[0], Some(Token::Text(_) | Token::Mark(b']' | b')')));
    let scripted = matches!(flavour, Flavour::Dollar | Flavour::Scriptlet | Flavour::Square);
    // Alone between brackets it is an attribute of C, `[[__unused__]]`.
    let alone = first && lexer.ahead(0).is_none();
    if is_dunder(name) && !alone {
        return Some((Certain, REACHES));
    }
    match name {
        b"getClass"
        | b"forName"
        | b"getRuntime"
        | b"getClassLoader"
        | b"getEngineByName"
        | b"newInstance"
        | b"loadClass"
        | b"subclasses"
        | b"mro"
        | b"getProtectionDomain"
        | b"registerUndefinedFilterCallback"
        | b"getStreamVariable"
        | b"getFilter"
            if called =>
        {
            Some((Certain, REACHES))
        }
        b"class" | b"constructor" if dotted && (goes_deeper(lexer) || literal && !scripted) => {
            let ruby_name = matches!(lexer.ahead(1), Some(Token::Name(b"name" | b"to_s" | b"model_name")));
            (!ruby_name && (flavour != Flavour::Scriptlet || name == b"constructor")).then_some((Certain, REACHES))
        }
        b"constructor" if first && (called || goes_deeper(lexer)) => Some((Certain, REACHES)),
        b"attr" if piped && called => Some((Certain, REACHES)),
        b"T" if called && matches!(lexer.ahead(2), Some(Token::Mark(b'.'))) => Some((Certain, CALLS)),
        b"T" if called
            && matches!(lexer.ahead(1), Some(Token::Name(_)))
            && !matches!(flavour, Flavour::Curly | Flavour::Square) =>
        {
            Some((Likely, CALLS))
        }
        b"new"
            if matches!(
                (lexer.ahead(0), lexer.ahead(1)),
                (Some(Token::Name(b"java" | b"javax" | b"org")), Some(Token::Mark(b'.')))
            ) =>
        {
            Some((Certain, CALLS))
        }
        b"env" if dotted && before[0] == Some(Token::Name(b"_self")) => Some((Certain, EXPOSES)),
        b"mainModule" | b"SECRET_KEY" if dotted => Some((Certain, EXPOSES)),
        b"with" if matches!(before[1], Some(Token::Mark(b'#'))) && matches!(lexer.ahead(0), Some(Token::Text(_))) => {
            Some((Certain, REACHES))
        }
        b"import" if first && is_system_module(lexer.ahead(0)) => Some((Certain, CALLS)),
        b"File" | b"IO" | b"Dir" | b"Kernel" | b"System" | b"Process" if first || !dotted => system_object(lexer),
        b"filter" | b"map" | b"sort" | b"reduce" | b"find" if piped && called => {
            let runs = |skip| matches!(lexer.ahead(skip), Some(Token::Text(text)) if call::runs_commands(text));
            (runs(1) || lexer.ahead(2) == Some(Token::Mark(b',')) && runs(3)).then_some((Certain, CALLS))
        }
        b"file_excerpt" if piped => Some((Certain, CALLS)),
        b"include" | b"source" | b"open" | b"extends" if call::names_system_file(lexer) => Some((Certain, CALLS)),
        b"dump" | b"phpinfo" | b"var_dump" if called && flavour == Flavour::Curly => Some((Certain, EXPOSES)),
        b"items" | b"iteritems" | b"from_object" if called && matches!(before[0], Some(Token::Name(b"config"))) => {
            Some((Certain, EXPOSES))
        }
        b"request" if dotted && matches!(before[0], Some(Token::Name(b"app"))) => deep_request(lexer),
        b"debug" if first && flavour == Flavour::Statement && lexer.ahead(0).is_none() => Some((Certain, EXPOSES)),
        _ if piped && call::runs_commands(name) => Some((Certain, CALLS)),
        _ if call::runs_commands(name) && called => call_step(name, lexer, flavour),
        // `'a'.toUpperCase()`: a placeholder does not call methods of constants.
        _ if dotted && called && literal && !scripted && matches!(before[0], Some(Token::Text(_))) => {
            Some((Certain, CALLS))
        }
        b"print" | b"printf" | b"html" | b"js" | b"println" if first && flavour == Flavour::Curly => {
            only_constants(lexer)
        }
        _ => None,
    }
}

/// `class.`, `class[`: something is asked of the class itself.
fn goes_deeper(lexer: &Lexer<'_>) -> bool {
    matches!(lexer.ahead(0), Some(Token::Mark(b'.' | b'[' | b'(')))
}

/// `app.request` and then a call or filter, or something that is no attribute of a page.
fn deep_request(lexer: &Lexer<'_>) -> Option<Finding> {
    let server = matches!(
        lexer.ahead(1),
        Some(Token::Name(b"server" | b"query" | b"cookies" | b"headers" | b"request" | b"files"))
    );
    let more = matches!(lexer.ahead(2), Some(Token::Mark(b'.')));
    (server && more).then_some((Certain, EXPOSES))
}

fn only_constants(lexer: &Lexer<'_>) -> Option<Finding> {
    let mut copy = *lexer;
    let constants = matches!(copy.ahead(0), Some(Token::Text(_)))
        && copy.all(|token| matches!(token, Token::Text(_) | Token::Number(_)));
    constants.then_some((Certain, CALCULATES))
}

fn call_step(name: &[u8], lexer: &Lexer<'_>, flavour: Flavour) -> Option<Finding> {
    let argument = lexer.ahead(1);
    // In JavaScript `${exec(x)}` is somebody's own function.
    let own = flavour == Flavour::Dollar && matches!(argument, Some(Token::Name(_))) && !call::is_command(argument);
    let scripted = matches!(flavour, Flavour::Scriptlet | Flavour::Dollar);
    let name_is_plain = matches!(name, b"exec" | b"eval" | b"assert");
    match own || name_is_plain && scripted && !call::is_command(argument) {
        true => Some((Likely, CALLS)),
        false => Some((Certain, CALLS)),
    }
}

/// `__class__`, also in strings and with its underscores escaped.
fn is_dunder(name: &[u8]) -> bool {
    let inner = name.strip_prefix(b"__").and_then(|rest| rest.strip_suffix(b"__"));
    inner.is_some_and(|inner| inner.len() > 1 && inner.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_'))
}

fn text_step(content: &[u8], before: [Option<Token<'_>>; 2], lexer: &Lexer<'_>) -> Option<Finding> {
    let subscript = matches!(before[1], Some(Token::Mark(b'[' | b'(' | b',')));
    if subscript && (is_dunder(content) || content == b"__" && lexer.ahead(0) == Some(Token::Mark(b','))) {
        return Some((Certain, REACHES));
    }
    let escaped = content.starts_with(b"\\x5f\\x5f") || content.starts_with(b"\\u005f");
    if escaped || subscript && content == b"constructor" {
        return Some((Certain, REACHES));
    }
    // `"freemarker.template.utility.Execute"?new()` is judged at its question mark.
    None
}

/// `@java.lang.Runtime@getRuntime()`.
fn static_member(lexer: &Lexer<'_>) -> Option<Finding> {
    let mut copy = *lexer;
    let mut named = false;
    for _ in 0..16 {
        match copy.next()? {
            // Two words in a row are prose.
            Token::Name(_) if !named => named = true,
            Token::Mark(b'.') if named => named = false,
            Token::Mark(b'@') => return matches!(copy.next(), Some(Token::Name(_))).then_some((Certain, CALLS)),
            Token::Mark(b'(') => return call::named(lexer).then_some((Certain, CALLS)),
            _ => return None,
        }
    }
    None
}

/// FreeMarker's `?new()`, `?api`, `?eval`, `?interpret`.
fn built_in(lexer: &Lexer<'_>) -> Option<Finding> {
    let known = matches!(lexer.ahead(0), Some(Token::Name(b"new" | b"eval" | b"interpret" | b"api" | b"lower_abc")));
    let applied = matches!(lexer.ahead(1), Some(Token::Mark(b'(' | b'.'))) || lexer.ahead(1).is_none();
    (known && applied).then_some((Certain, REACHES))
}

fn backticks(text: &[u8], from: usize) -> Option<Finding> {
    let inner = text.get(from..)?;
    let command = inner.get(..memchr::memchr(b'`', inner.get(..256).unwrap_or(inner))?)?;
    call::is_command(Some(Token::Text(command))).then_some((Certain, CALLS))
}

fn is_system_module(token: Option<Token<'_>>) -> bool {
    matches!(token, Some(Token::Name(b"os" | b"sys" | b"subprocess" | b"socket" | b"pty" | b"commands")))
}

/// `File.open('/etc/passwd')`, `System.getenv()`, `Dir.entries('/')`.
fn system_object(lexer: &Lexer<'_>) -> Option<Finding> {
    let (Some(Token::Mark(b'.')), Some(Token::Name(method)), Some(Token::Mark(b'('))) =
        (lexer.ahead(0), lexer.ahead(1), lexer.ahead(2))
    else {
        return None;
    };
    let known = matches!(
        method,
        b"open"
            | b"read"
            | b"readlines"
            | b"popen"
            | b"entries"
            | b"glob"
            | b"exec"
            | b"system"
            | b"spawn"
            | b"getenv"
            | b"getProperty"
            | b"exit"
            | b"shell"
            | b"cmd"
            | b"mainModule"
    );
    let constant = matches!(lexer.ahead(3), Some(Token::Text(_) | Token::Mark(b')')));
    (known && constant).then_some((Certain, CALLS))
}

/// `{{ self }}`: the whole value asks for the engine's own objects.
fn exposes(inner: &[u8], flavour: Flavour, whole: bool) -> Option<Finding> {
    if !whole {
        return None;
    }
    let own: &[&[u8]] = match flavour {
        Flavour::Curly => &[
            b"self",
            b"_self",
            b"_context",
            b"config",
            b"request",
            b"app",
            b"settings.SECRET_KEY",
            b"_self.env",
            b"this",
            b"@root",
        ],
        Flavour::Dollar => &[b"applicationScope", b"sessionScope", b"requestScope", b"pageContext", b"self"],
        _ => &[],
    };
    own.contains(&inner.trim_ascii()).then_some((Certain, EXPOSES))
}

/// Smarty's `{system('id')}` and `{if system('id')}`; braces mean so much that only this counts.
fn brace(inner: &[u8]) -> Option<Finding> {
    let inner = inner.get(..256).unwrap_or(inner);
    let mut lexer = Lexer::at(inner, 0);
    let mut name = lexer.next()?;
    if name == Token::Name(b"if") || name == Token::Mark(b'@') || name == Token::Mark(b'=') {
        name = lexer.next()?;
    }
    match name {
        Token::Name(name) if call::runs_commands(name) && lexer.ahead(0) == Some(Token::Mark(b'(')) => {
            call::is_command(lexer.ahead(1)).then_some((Certain, CALLS))
        }
        Token::Text(_) | Token::Mark(b'$') => {
            let piped = lexer.by_ref().take(8).find(|token| *token == Token::Mark(b'|')).is_some();
            lexer.take_mark(b'@');
            let function = lexer.next();
            (piped && matches!(function, Some(Token::Name(name)) if call::runs_commands(name)))
                .then_some((Certain, CALLS))
        }
        _ => None,
    }
}
