//! Standard output, buffered, with colour on a terminal and plain text otherwise.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Standard output.
pub struct Output {
    out: BufWriter<StdoutLock<'static>>,
    colours: bool,
}

/// How a piece of text stands out on a terminal.
#[derive(Clone, Copy)]
pub enum Style {
    /// A heading.
    Bold,
    /// Beside the point.
    Dim,
    /// An attack, or a failure.
    Red,
    /// Worth a look.
    Yellow,
    /// As it should be.
    Green,
}

impl Style {
    const fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Yellow => 33,
            Self::Green => 32,
        }
    }
}

/// Whether colours are wanted: on a terminal, unless `NO_COLOR` says otherwise.
fn wants_colours(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn paint(text: &str, style: Style, colours: bool) -> String {
    if colours { format!("\x1b[{}m{text}\x1b[0m", style.code()) } else { text.to_owned() }
}

impl Output {
    pub fn new() -> Self {
        let stdout = io::stdout();
        let colours = wants_colours(stdout.is_terminal());
        Self { out: BufWriter::new(stdout.lock()), colours }
    }

    /// Text that stands out where colours are wanted.
    pub fn paint(&self, text: impl AsRef<str>, style: Style) -> String {
        paint(text.as_ref(), style, self.colours)
    }

    /// A heading with an empty line before it.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.paint(text, Style::Bold);
        writeln!(self, "\n{text}")
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Tells something on standard error: `error: ..`, `warning: ..`.
pub fn complain(kind: &str, message: &str) {
    let stderr = io::stderr();
    let style = if kind == "error" { Style::Red } else { Style::Yellow };
    let kind = paint(kind, style, wants_colours(stderr.is_terminal()));
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(stderr.lock(), "{kind}: {message}");
}
