//! Values that an interpreter on the server would run: PHP, JavaScript, Python, Ruby, Perl, and
//! the expression languages of Java.
//!
//! People post source code, so that code alone proves nothing. A finding is a chain of calls
//! that reaches a process, the interpreter itself or a file of the system with an argument that
//! fits, or a form that only an attack has.
//!
//! # What this does not protect from
//!
//! Code that stays within the application's own functions. In texts of several lines, which may
//! be somebody's program, most chains only alert.

mod java;
mod php;
mod script;
#[cfg(test)]
mod tests;

use super::{CodeMatcher, Match, call};
use crate::lexer::expression::{Lexer, Token};
use crate::rule::Confidence::{self, Certain, Likely, Weak};

/// A chain of calls that leaves the language.
pub(super) static CALL: CodeMatcher = CodeMatcher { name: "code_call", find: code_call };
/// A command handed to the result of an expression: `('sys'.'tem')('id')`.
pub(super) static INDIRECT_CALL: CodeMatcher = CodeMatcher { name: "code_indirect_call", find: php::indirect_call };
/// A path of properties to the class loader, as a parameter's name.
pub(super) static PROPERTY_PATH: CodeMatcher = CodeMatcher { name: "code_property_path", find: java::property_path };

type Finding = (Confidence, &'static str);

const RUNS: &str = "a call that runs a command";
const EVALUATES: &str = "a call that evaluates code from a string";
const REACHES: &str = "a chain of calls to the runtime";
const OPENS: &str = "code that opens a file of the system";
const PROBES: &str = "code that prints a known value, to see whether it runs";
const LOOPS: &str = "code that never ends";

fn code_call(value: &[u8]) -> Option<Match> {
    let lines = memchr::memchr_iter(b'\n', value.trim_ascii()).take(4).count() > 3;
    let most = |confidence: Confidence| if lines { confidence.min(Likely) } else { confidence };
    if let Some(confidence) = endless_loop(value) {
        return Some(Match::new(confidence, 0..value.len(), LOOPS));
    }
    let mut best: Option<Match> = php::php_tag(value)
        .map(|(start, confidence)| Match::new(most(confidence), start..value.len(), "a PHP tag, which begins code"));
    // The first quote may end a string of the code around the value instead of beginning one.
    let inside = memchr::memchr2(b'\'', b'"', value).map(|quote| quote + 1);
    for from in [Some(0), inside].into_iter().flatten() {
        if best.as_ref().is_some_and(|best| best.confidence == Certain) {
            break;
        }
        let found = calls_from(value, from).map(|found| Match { confidence: most(found.confidence), ..found });
        if best.as_ref().map(|best| best.confidence) < found.as_ref().map(|found| found.confidence) {
            best = found;
        }
    }
    best
}

fn calls_from(value: &[u8], from: usize) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut lexer = Lexer::at(value, from);
    let mut before = [None; 3];
    let mut start = from;
    let mut buffer = [0; 24];
    while let Some(token) = lexer.next() {
        let found = match token {
            Token::Name(name) => name_step(value, name, before, &lexer, start)
                .or_else(|| name_step(value, lower_case(name, &mut buffer)?, before, &lexer, start)),
            Token::Mark(b'#' | b'@') => java::ognl(value, token, before, &lexer),
            Token::Text(b"__import__" | b"__builtins__") if before[2] == Some(Token::Mark(b'[')) => {
                Some((Certain, REACHES))
            }
            _ => None,
        };
        if let Some((confidence, structure)) = found {
            if best.as_ref().is_none_or(|best| best.confidence < confidence) {
                best = Some(Match::new(confidence, start..lexer.offset().min(value.len()), structure));
            }
            if confidence == Certain {
                break;
            }
        }
        before = [before[1], before[2], Some(token)];
        start = lexer.offset();
    }
    best
}

fn name_step<'a>(
    value: &[u8],
    name: &[u8],
    before: [Option<Token<'a>>; 3],
    lexer: &Lexer<'a>,
    start: usize,
) -> Option<Finding> {
    let called = lexer.ahead(0) == Some(Token::Mark(b'('));
    let dotted = before[2] == Some(Token::Mark(b'.'));
    let receiver = if dotted { before[1] } else { None };
    let argument = if called { lexer.ahead(1) } else { None };
    match name {
        b"require" | b"import" | b"__import__" if called => module(value, argument, lexer, start),
        b"mainModule" if dotted => {
            matches!(lexer.ahead(0), Some(Token::Mark(b'.' | b'['))).then_some((Certain, REACHES))
        }
        b"binding" if called && receiver == Some(Token::Name(b"process")) => {
            matches!(argument, Some(Token::Text(_))).then_some((Certain, REACHES))
        }
        b"process" if dotted && matches!(before[1], Some(Token::Name(b"global" | b"globalThis" | b"root"))) => {
            (lexer.ahead(0) == Some(Token::Mark(b'.')) && !is_environment(lexer.ahead(1))).then_some((Certain, REACHES))
        }
        b"exit" | b"_exit" | b"abort" | b"fork" | b"halt" | b"kill" if called && is_process(receiver) => {
            let alone = stands_first(value, receiver) && !matches!(argument, Some(Token::Mark(b'[')));
            Some((if alone || breaks_out(value, start) { Certain } else { Weak }, REACHES))
        }
        b"constructor" | b"Function" if called => constructor(name, receiver, argument),
        b"getRuntime" if called => {
            let exec = [b')', b'.'].iter().zip(1..).all(|(&mark, skip)| lexer.ahead(skip) == Some(Token::Mark(mark)));
            (exec && matches!(lexer.ahead(3), Some(Token::Name(b"exec" | b"load" | b"halt" | b"exit"))))
                .then_some((Certain, RUNS))
        }
        b"ProcessBuilder" if called || dotted => new_process(before, lexer),
        b"ScriptEngineManager" if called && !matches!(before[2], Some(Token::Mark(b';'))) => Some((Certain, EVALUATES)),
        b"T" if called && matches!(before[2], None | Some(Token::Mark(_))) => {
            call::named(&skip(lexer, 1)).then_some((Certain, REACHES))
        }
        b"eval" | b"assert" | b"exec" | b"execScript" | b"setTimeout" if called => {
            evaluates(argument, lexer).or_else(|| runs(name, receiver, argument, lexer))
        }
        b"call_user_func"
        | b"call_user_func_array"
        | b"array_map"
        | b"array_filter"
        | b"usort"
        | b"register_shutdown_function"
            if called =>
        {
            matches!(argument, Some(Token::Text(function)) if call::runs_commands(function)).then_some((Certain, RUNS))
        }
        b"print" | b"print_r" | b"echo" | b"die" | b"var_dump" | b"printf" | b"exit" => php::probe(lexer),
        b"phpinfo" if called && argument == Some(Token::Mark(b')')) && stands_alone(value, start) => {
            let goes_on = matches!(lexer.ahead(2), Some(Token::Name(_)));
            (!goes_on).then_some((Certain, REACHES))
        }
        b"file_get_contents" | b"readfile" | b"fopen" | b"file" | b"show_source" | b"highlight_file" | b"scandir"
        | b"include" | b"include_once" | b"require_once" | b"readFileSync" | b"readFile" | b"readdirSync" | b"open"
        | b"opendir"
            if (called || name.starts_with(b"include") || name.starts_with(b"require"))
                && call::names_system_file(lexer) =>
        {
            Some((if is_sentence(before[2]) { Likely } else { Certain }, OPENS))
        }
        b"DownloadString" | b"DownloadFile" if dotted && called => {
            matches!(argument, Some(Token::Text(url)) if url.starts_with(b"http")).then_some((Certain, RUNS))
        }
        b"Start" if called && receiver == Some(Token::Name(b"Process")) => {
            matches!(argument, Some(Token::Text(_))).then_some((Certain, RUNS))
        }
        b"forName" if called && dotted => {
            matches!(argument, Some(Token::Text(class)) if class.starts_with(b"java")).then_some((Certain, REACHES))
        }
        b"__class__" if dotted && !matches!(before[1], Some(Token::Name(_))) => {
            let deeper = matches!(
                lexer.ahead(1),
                Some(Token::Name(b"__mro__" | b"__base__" | b"__bases__" | b"__subclasses__" | b"mro"))
            );
            deeper.then_some((Certain, REACHES))
        }
        b"preg_replace" | b"create_function" if called => {
            let code = skip(lexer, 1).take(6).any(|token| matches!(token, Token::Text(code) if reaches_out(code)));
            code.then_some((Certain, EVALUATES))
        }
        _ if called && call::runs_commands(name) => runs(name, receiver, argument, lexer),
        _ => None,
    }
    .or_else(|| script::step(value, name, before, lexer))
}

/// What stands for the running program: Ruby's, Python's, Node's and Java's names of it.
const fn is_process(receiver: Option<Token<'_>>) -> bool {
    matches!(receiver, Some(Token::Name(b"process" | b"Process" | b"Kernel" | b"sys" | b"os" | b"System" | b"Runtime")))
}

/// A word before a call that no code has there: `failed to open(..)`.
fn is_sentence(before: Option<Token<'_>>) -> bool {
    let Some(Token::Name(word)) = before else { return false };
    !matches!(
        word,
        b"return"
            | b"new"
            | b"echo"
            | b"print"
            | b"puts"
            | b"await"
            | b"throw"
            | b"yield"
            | b"not"
            | b"and"
            | b"or"
            | b"else"
            | b"then"
            | b"do"
            | b"in"
    )
}

/// The value begins with the receiver and holds little more than the call.
fn stands_first(value: &[u8], receiver: Option<Token<'_>>) -> bool {
    matches!(receiver, Some(Token::Name(name)) if value.starts_with(name)) && value.len() < 32
}

fn skip<'a>(lexer: &Lexer<'a>, count: usize) -> Lexer<'a> {
    let mut copy = *lexer;
    for _ in 0..count {
        copy.next();
    }
    copy
}

const fn is_environment(token: Option<Token<'_>>) -> bool {
    matches!(token, Some(Token::Name(b"env" | b"platform" | b"version" | b"argv")))
}

/// `require('child_process').exec(..)`: a module of the system, and at once a call on it.
fn module(value: &[u8], argument: Option<Token<'_>>, lexer: &Lexer<'_>, start: usize) -> Option<Finding> {
    let Some(Token::Text(module)) = argument else { return None };
    let module = module.strip_prefix(b"node:").unwrap_or(module);
    let (used, method) = (matches!(lexer.ahead(3), Some(Token::Mark(b'.' | b'['))), lexer.ahead(4));
    let imported = value.get(..start)?.iter().rev().take(16).any(|&byte| byte == b'_');
    match module {
        b"child_process" if used => {
            let called = matches!(lexer.ahead(5), Some(Token::Mark(b'(' | b']')));
            called.then_some((Certain, RUNS))
        }
        b"child_process" if lexer.ahead(3).is_none() && start == 0 => Some((Likely, RUNS)),
        b"os" | b"subprocess" | b"commands" | b"pty" if used => {
            let runs = matches!(method, Some(Token::Name(name)) if call::runs_commands(name) || matches!(name, b"run" | b"call" | b"spawn" | b"environ" | b"listdir"));
            (runs && !imported).then_some((Certain, RUNS))
        }
        b"fs" if used => {
            let reads =
                matches!(method, Some(Token::Name(name)) if name.starts_with(b"read") || name.starts_with(b"write"));
            let rest = skip(lexer, 5);
            (reads && (call::names_system_file(&rest) || answers(value, start))).then_some((Certain, OPENS))
        }
        b"socket" if used => Some((Likely, REACHES)),
        _ => None,
    }
}

/// `res.end(require('fs').readdirSync('.'))`.
fn answers(value: &[u8], start: usize) -> bool {
    let before = value.get(start.saturating_sub(24)..start).unwrap_or_default();
    ["res.end(", "res.send(", "res.write(", "response.end("].iter().any(|call| before.ends_with(call.as_bytes()))
}

fn constructor(name: &[u8], receiver: Option<Token<'_>>, argument: Option<Token<'_>>) -> Option<Finding> {
    let Some(Token::Text(code)) = argument else { return None };
    let twice = name == b"constructor" && receiver == Some(Token::Name(b"constructor"));
    let returns = code.trim_ascii_start().starts_with(b"return ");
    let reaches = ["process", "global", "require", "child_process"]
        .iter()
        .any(|word| memchr::memmem::find(code, word.as_bytes()).is_some());
    (twice || returns && reaches).then_some((Certain, EVALUATES))
}

/// `new java.lang.ProcessBuilder(..)`, `new ProcessBuilder(..).start()`.
fn new_process(before: [Option<Token<'_>>; 3], lexer: &Lexer<'_>) -> Option<Finding> {
    let qualified = before[1] == Some(Token::Name(b"lang")) && lexer.ahead(0) == Some(Token::Mark(b'('));
    let constant = matches!(lexer.ahead(1), Some(Token::Text(_) | Token::Mark(b'{') | Token::Name(b"new")));
    (qualified || constant && before[2] == Some(Token::Name(b"new"))).then_some((Certain, RUNS))
}

/// `eval(base64_decode(..))`, `eval($_POST[..])`: code that the value hides or fetches.
fn evaluates(argument: Option<Token<'_>>, lexer: &Lexer<'_>) -> Option<Finding> {
    let hidden = match argument? {
        Token::Name(name) => {
            let decodes =
                DECODERS.iter().any(|decoder| decoder.as_bytes() == name) && lexer.ahead(2) == Some(Token::Mark(b'('));
            let spelled = matches!(name, b"String" | b"Buffer")
                && matches!(lexer.ahead(3), Some(Token::Name(b"fromCharCode" | b"from")));
            decodes || spelled
        }
        Token::Mark(b'$') => is_request_variable(lexer.ahead(2)),
        Token::Text(code) => reaches_out(code),
        _ => false,
    };
    hidden.then_some((Certain, EVALUATES))
}

/// Whether code in a string imports or calls what runs commands.
fn reaches_out(code: &[u8]) -> bool {
    let words =
        ["import os", "__import__", "system(", "exec(", "child_process", "phpinfo(", "require(", "import subprocess"];
    words.iter().any(|word| memchr::memmem::find(code, word.as_bytes()).is_some())
}

const DECODERS: [&str; 16] = [
    "base64_decode",
    "gzinflate",
    "gzuncompress",
    "str_rot13",
    "hex2bin",
    "pack",
    "chr",
    "atob",
    "compile",
    "unescape",
    "decodeURIComponent",
    "convert_uudecode",
    "strrev",
    "urldecode",
    "rawurldecode",
    "implode",
];

fn is_request_variable(token: Option<Token<'_>>) -> bool {
    matches!(
        token,
        Some(Token::Name(
            b"_GET" | b"_POST" | b"_REQUEST" | b"_COOKIE" | b"_SERVER" | b"_FILES" | b"HTTP_RAW_POST_DATA"
        ))
    )
}

/// A function that runs commands, with a command.
fn runs(name: &[u8], receiver: Option<Token<'_>>, argument: Option<Token<'_>>, lexer: &Lexer<'_>) -> Option<Finding> {
    let request = argument == Some(Token::Mark(b'$')) && is_request_variable(lexer.ahead(2));
    let listed = argument == Some(Token::Mark(b'[')) && call::is_command(lexer.ahead(2));
    let closed = matches!(lexer.ahead(2), Some(Token::Mark(b')' | b',' | b'.' | b'(' | b'+' | b'-' | b'/')));
    let fits = request || listed || closed && call::is_command(argument);
    let known = matches!(
        receiver,
        None | Some(Token::Name(
            b"os"
                | b"subprocess"
                | b"child_process"
                | b"commands"
                | b"Kernel"
                | b"Process"
                | b"runtime"
                | b"r"
                | b"cp"
                | b"util"
        )) | Some(Token::Mark(b')'))
    );
    match (fits && known, name) {
        (true, b"eval" | b"assert") => request.then_some((Certain, EVALUATES)),
        // `system(id)` is PHP; elsewhere a bare word is somebody's variable.
        (true, _) if matches!(argument, Some(Token::Name(_))) => {
            let php = [&b"system"[..], b"passthru", b"shell_exec"].iter().any(|known| known.eq_ignore_ascii_case(name));
            Some((if php { Certain } else { Weak }, RUNS))
        }
        (true, b"spawn") if receiver.is_none() => Some((Likely, RUNS)),
        (true, _) => Some((Certain, RUNS)),
        (false, b"shell_exec" | b"passthru" | b"proc_open" | b"pcntl_exec" | b"check_output") => Some((Likely, RUNS)),
        _ => None,
    }
}

/// PHP's names of functions count in any case: the name in lower case, if it was not.
fn lower_case<'b>(name: &[u8], buffer: &'b mut [u8; 24]) -> Option<&'b [u8]> {
    let lower = buffer.get_mut(..name.len()).filter(|_| name.iter().any(u8::is_ascii_uppercase))?;
    lower.iter_mut().zip(name).for_each(|(to, from)| *to = from.to_ascii_lowercase());
    Some(lower)
}

/// `while(1){}`, `for(;;){}` as the whole value, up to quotes and closing marks.
fn endless_loop(value: &[u8]) -> Option<Confidence> {
    let junk = |byte: &u8| byte.is_ascii_whitespace() || b"'\";)}/+".contains(byte);
    let start = value.iter().position(|byte| !junk(byte))?;
    let rest = value.get(start..)?;
    if !rest.starts_with(b"while") && !rest.starts_with(b"for") || value.len() > 128 {
        return None;
    }
    let mut compact = rest.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    let mut buffer = [0_u8; 64];
    let length = buffer.iter_mut().zip(&mut compact).map(|(slot, byte)| *slot = byte).count();
    let text = buffer.get(..length)?;
    let heads: [&[u8]; 4] = [b"while(1)", b"while(true)", b"while(!0)", b"for(;;)"];
    let body = heads.iter().find_map(|head| text.strip_prefix(*head))?;
    (body.starts_with(b"{}") || body.starts_with(b";") || body.is_empty()).then_some(Certain)
}

/// The value ends a string or statement of the code around it: a quote or mark comes first.
fn breaks_out(value: &[u8], start: usize) -> bool {
    let before = value.get(..start.min(24)).unwrap_or_default().trim_ascii_start();
    matches!(before.first(), Some(b'\'' | b'"' | b'`' | b';' | b')' | b'}' | b'-' | b'+'))
}

/// No sentence stands around it.
fn stands_alone(value: &[u8], start: usize) -> bool {
    let near = value.get(start.saturating_sub(100)..value.len().min(start + 100)).unwrap_or_default();
    let word = |word: &&[u8]| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic);
    near.split(u8::is_ascii_whitespace).filter(word).count() < 3
}
