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
}

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

fn declaration(mut cursor: Cursor<'_>) -> Option<Declaration<'_>> {
    if cursor.eat(b"doctype") {
        cursor.space().then_some(())?;
        let name = cursor.take_while(is_name);
        cursor.space();
        return Some(Declaration::Doctype { name, external: external(&mut cursor) });
    }
    (cursor.eat(b"entity") && cursor.space()).then_some(())?;
    let parameter = cursor.eat(b"%");
    cursor.space();
    let named = !cursor.take_while(is_name).is_empty();
    (named && cursor.space()).then_some(())?;
    let text = match external(&mut cursor) {
        Some(external) => EntityText::External(external),
        None => EntityText::Internal(cursor.string()?),
    };
    Some(Declaration::Entity { parameter, text })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_:-.%;".contains(&byte)
}

fn external<'a>(cursor: &mut Cursor<'a>) -> Option<External<'a>> {
    let mut public = None;
    if cursor.eat(b"public") {
        cursor.space();
        public = Some(cursor.string()?);
    } else if !cursor.eat(b"system") {
        return None;
    }
    cursor.space();
    Some(External { public, system: cursor.string() })
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
}
