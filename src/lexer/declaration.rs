//! XML's document type declarations (XML 1.0, 2.8 and 4.2), wherever in a text they stand.

use super::Cursor;

/// One declaration of a document type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declaration<'a> {
    /// `<!DOCTYPE name PUBLIC "public" "system"`, or either identifier alone.
    Doctype {
        /// The name of the root element.
        name: &'a [u8],
        /// The identifiers, where it names an external subset.
        external: Option<External<'a>>,
    },
    /// `<!ENTITY name "value">`, or one whose text lies elsewhere.
    Entity {
        /// Whether it is a parameter entity (`% name`).
        parameter: bool,
        /// Where its text comes from.
        text: EntityText<'a>,
    },
    /// Either, pushed apart by more blanks or a longer name than anyone writes.
    Stretched,
}

/// How many blanks, and how many bytes of a name, stand in a declaration at the most.
const RUN_BYTES_MAX: usize = 512;

/// The identifiers of an external text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct External<'a> {
    /// The public identifier.
    pub public: Option<&'a [u8]>,
    /// The system identifier: an address.
    pub system: Option<&'a [u8]>,
}

/// What an entity stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityText<'a> {
    /// A text in the declaration.
    Internal(&'a [u8]),
    /// A text elsewhere.
    External(External<'a>),
}

/// Every declaration in the value, with the offset of its `<`. Case is ignored, since lenient
/// parsers do.
pub fn declarations(value: &[u8]) -> impl Iterator<Item = (usize, Declaration<'_>)> {
    memchr::memmem::find_iter(value, b"<!").filter_map(move |at| Some((at, declaration(Cursor::new(value, at + 2))?)))
}

fn declaration(cursor: Cursor<'_>) -> Option<Declaration<'_>> {
    let mut reader = Reader { cursor, is_stretched: false };
    let read = reader.declaration();
    if reader.is_stretched { Some(Declaration::Stretched) } else { read }
}

/// Reads one declaration, and watches how far it is pushed apart.
struct Reader<'a> {
    cursor: Cursor<'a>,
    is_stretched: bool,
}

impl<'a> Reader<'a> {
    fn declaration(&mut self) -> Option<Declaration<'a>> {
        if self.cursor.eat(b"doctype") {
            self.space().then_some(())?;
            let name = self.name();
            self.space();
            return Some(Declaration::Doctype { name, external: self.external() });
        }
        (self.cursor.eat(b"entity") && self.space()).then_some(())?;
        let parameter = self.cursor.eat(b"%");
        self.space();
        let named = !self.name().is_empty();
        (named && self.space()).then_some(())?;
        let text = match self.external() {
            Some(external) => EntityText::External(external),
            None => EntityText::Internal(self.cursor.string()?),
        };
        Some(Declaration::Entity { parameter, text })
    }

    fn external(&mut self) -> Option<External<'a>> {
        let mut public = None;
        if self.cursor.eat(b"public") {
            self.space();
            public = Some(self.cursor.string()?);
        } else if !self.cursor.eat(b"system") {
            return None;
        }
        self.space();
        Some(External { public, system: self.cursor.string() })
    }

    fn name(&mut self) -> &'a [u8] {
        let name = self.cursor.take_while(is_name);
        self.is_stretched |= name.len() > RUN_BYTES_MAX;
        name
    }

    fn space(&mut self) -> bool {
        let before = self.cursor.at();
        let any = self.cursor.space();
        self.is_stretched |= self.cursor.at() - before > RUN_BYTES_MAX;
        any
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_:-.%;".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_with_their_identifiers() {
        let text = b"x<!DOCTYPE a [<!ENTITY % p SYSTEM 'u'><!entity e \"t\"> <!ELEMENT a ANY>]><!doctype html>";
        let read: Vec<Declaration<'_>> = declarations(text).map(|(_, declaration)| declaration).collect();
        assert_eq!(
            read,
            [
                Declaration::Doctype { name: b"a", external: None },
                Declaration::Entity {
                    parameter: true,
                    text: EntityText::External(External { public: None, system: Some(b"u") })
                },
                Declaration::Entity { parameter: false, text: EntityText::Internal(b"t") },
                Declaration::Doctype { name: b"html", external: None },
            ]
        );
    }

    #[test]
    fn what_breaks_off_is_no_declaration() {
        for text in ["<!ENTITY", "<!ENTITY x", "<!ENTITY x SYSTE", "<!DOCTYPE", "<!-- ENTITY x 'y' -->", "<!"] {
            assert_eq!(declarations(text.as_bytes()).count(), 0, "{text}");
        }
    }

    #[test]
    fn one_that_is_pushed_apart_is_found_by_that() {
        for (before, after) in [("<!ENTITY", "x SYSTEM 'u'>"), ("<!DOCTYPE a", "SYSTEM 'u'>"), ("<!ENTITY % x", "")] {
            for (blanks, expected) in [(600, true), (60, false)] {
                let text = format!("{before}{}{after}", "\n ".repeat(blanks));
                let stretched = declarations(text.as_bytes()).any(|(_, one)| one == Declaration::Stretched);
                assert_eq!(stretched, expected, "{before}, {blanks}");
            }
        }
        let long = format!("<!ENTITY {} SYSTEM 'u'>", "x".repeat(600));
        assert_eq!(declarations(long.as_bytes()).next(), Some((0, Declaration::Stretched)));
    }
}
