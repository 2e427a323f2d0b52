//! Why a value does not fit: the keywords of JSON Schema, and what an operation asks for besides.

/// What failed; its finding has the rule `schema.<keyword>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the keyword of its name; `ALL` says the rest")]
pub enum Keyword {
    Type,
    Enum,
    Const,
    MultipleOf,
    Maximum,
    ExclusiveMaximum,
    Minimum,
    ExclusiveMinimum,
    MaxLength,
    MinLength,
    Pattern,
    Format,
    MaxItems,
    MinItems,
    UniqueItems,
    Contains,
    Items,
    MaxProperties,
    MinProperties,
    Required,
    PropertyNames,
    DependentRequired,
    AnyOf,
    OneOf,
    AllOf,
    Not,
    If,
    FalseSchema,
    ContentEncoding,
    ContentMediaType,
    ReadOnly,
    /// A value that cannot be read as its style, type or media type asks.
    Malformed,
    /// A parameter that may be there once and is there more than once, or a key of JSON that is.
    Duplicate,
    /// A required parameter that is absent.
    MissingParameter,
    MissingBody,
    /// A body with a schema that is larger than what can be held.
    BodyTooLarge,
    /// A body with a schema that comes in a coding in which it cannot be read.
    EncodedBody,
    /// A value with a schema that has more in it than may be looked at.
    Unvalidated,
    /// A body with a schema for which there is no memory now.
    NoMemory,
    MissingCredential,
    UndeclaredRoute,
    /// A path that is that of an operation for some servers and not for others.
    AmbiguousPath,
    UndeclaredMethod,
    UndeclaredContentType,
    UndeclaredParameter,
    UndeclaredField,
    UndeclaredHeader,
    UndeclaredHost,
    /// More failed than is told.
    MoreFailures,
}

impl Keyword {
    /// Every keyword with its word, in the order of their numbers.
    pub const ALL: [(Self, &'static str); 49] = [
        (Self::Type, "type"),
        (Self::Enum, "enum"),
        (Self::Const, "const"),
        (Self::MultipleOf, "multiple_of"),
        (Self::Maximum, "maximum"),
        (Self::ExclusiveMaximum, "exclusive_maximum"),
        (Self::Minimum, "minimum"),
        (Self::ExclusiveMinimum, "exclusive_minimum"),
        (Self::MaxLength, "max_length"),
        (Self::MinLength, "min_length"),
        (Self::Pattern, "pattern"),
        (Self::Format, "format"),
        (Self::MaxItems, "max_items"),
        (Self::MinItems, "min_items"),
        (Self::UniqueItems, "unique_items"),
        (Self::Contains, "contains"),
        (Self::Items, "items"),
        (Self::MaxProperties, "max_properties"),
        (Self::MinProperties, "min_properties"),
        (Self::Required, "required"),
        (Self::PropertyNames, "property_names"),
        (Self::DependentRequired, "dependent_required"),
        (Self::AnyOf, "any_of"),
        (Self::OneOf, "one_of"),
        (Self::AllOf, "all_of"),
        (Self::Not, "not"),
        (Self::If, "if"),
        (Self::FalseSchema, "false_schema"),
        (Self::ContentEncoding, "content_encoding"),
        (Self::ContentMediaType, "content_media_type"),
        (Self::ReadOnly, "read_only"),
        (Self::Malformed, "malformed"),
        (Self::Duplicate, "duplicate"),
        (Self::MissingParameter, "missing_parameter"),
        (Self::MissingBody, "missing_body"),
        (Self::BodyTooLarge, "body_too_large"),
        (Self::EncodedBody, "encoded_body"),
        (Self::Unvalidated, "unvalidated"),
        (Self::NoMemory, "no_memory"),
        (Self::MissingCredential, "missing_credential"),
        (Self::UndeclaredRoute, "undeclared_route"),
        (Self::AmbiguousPath, "ambiguous_path"),
        (Self::UndeclaredMethod, "undeclared_method"),
        (Self::UndeclaredContentType, "undeclared_content_type"),
        (Self::UndeclaredParameter, "undeclared_parameter"),
        (Self::UndeclaredField, "undeclared_field"),
        (Self::UndeclaredHeader, "undeclared_header"),
        (Self::UndeclaredHost, "undeclared_host"),
        (Self::MoreFailures, "more_failures"),
    ];

    /// The word that rule ids use: `schema.max_length`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_stands_at_its_number() {
        for (number, (keyword, word)) in Keyword::ALL.into_iter().enumerate() {
            assert_eq!(keyword as usize, number);
            assert_eq!(keyword.as_str(), word);
        }
    }
}
