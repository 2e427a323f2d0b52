//! The kinds of attack.

/// The kind of attack that a finding stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Category {
    /// A value that would change an SQL statement (CWE-89).
    SqlInjection,
    /// A value that would run as script in a page (CWE-79).
    Xss,
    /// A value that would change a shell command (CWE-78).
    CommandInjection,
    /// A path that leaves its directory (CWE-22).
    PathTraversal,
    /// A file or stream wrapper that an include would load (CWE-98).
    FileInclusion,
    /// An address that makes the server call where it should not (CWE-918).
    Ssrf,
    /// An expression that a template engine or a server-side include would run (CWE-1336, CWE-97).
    TemplateInjection,
    /// An operator or script that would change a NoSQL query (CWE-943).
    NosqlInjection,
    /// A value that would change an LDAP filter (CWE-90).
    LdapInjection,
    /// A value that would change an XPath expression (CWE-643).
    XpathInjection,
    /// An XML document that declares entities (CWE-611).
    Xxe,
    /// Line ends that would begin a new header or response (CWE-113).
    CrlfInjection,
    /// A look-up that a logging library would follow (CVE-2021-44228).
    JndiInjection,
    /// A value that an interpreter of PHP, JavaScript, Java and the like would run (CWE-94).
    CodeInjection,
    /// A serialised object (CWE-502).
    Deserialization,
    /// A key that would write to an object's prototype (CWE-1321).
    PrototypePollution,
    /// A request that no honest client sends.
    Protocol,
    /// A tool that looks for weak spots.
    Scanner,
    /// A value that its schema does not allow.
    Schema,
    /// A user's own rule against one known flaw.
    VirtualPatch,
}

impl Category {
    /// Every category, in the order of their numbers.
    pub const ALL: [Self; 20] = [
        Self::SqlInjection,
        Self::Xss,
        Self::CommandInjection,
        Self::PathTraversal,
        Self::FileInclusion,
        Self::Ssrf,
        Self::TemplateInjection,
        Self::NosqlInjection,
        Self::LdapInjection,
        Self::XpathInjection,
        Self::Xxe,
        Self::CrlfInjection,
        Self::JndiInjection,
        Self::CodeInjection,
        Self::Deserialization,
        Self::PrototypePollution,
        Self::Protocol,
        Self::Scanner,
        Self::Schema,
        Self::VirtualPatch,
    ];

    /// The word that rules, the configuration and the signals use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SqlInjection => "sql_injection",
            Self::Xss => "xss",
            Self::CommandInjection => "command_injection",
            Self::PathTraversal => "path_traversal",
            Self::FileInclusion => "file_inclusion",
            Self::Ssrf => "ssrf",
            Self::TemplateInjection => "template_injection",
            Self::NosqlInjection => "nosql_injection",
            Self::LdapInjection => "ldap_injection",
            Self::XpathInjection => "xpath_injection",
            Self::Xxe => "xxe",
            Self::CrlfInjection => "crlf_injection",
            Self::JndiInjection => "jndi_injection",
            Self::CodeInjection => "code_injection",
            Self::Deserialization => "deserialization",
            Self::PrototypePollution => "prototype_pollution",
            Self::Protocol => "protocol",
            Self::Scanner => "scanner",
            Self::Schema => "schema",
            Self::VirtualPatch => "virtual_patch",
        }
    }

    /// The category of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }
}

impl std::fmt::Display for Category {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
