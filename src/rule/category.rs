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

    /// The weakness that an attack of this category needs, as a number of MITRE's CWE list; none
    /// where it is about a client and not about a flaw.
    #[must_use]
    pub const fn cwe(self) -> Option<u16> {
        Some(match self {
            Self::SqlInjection => 89,
            Self::Xss => 79,
            Self::CommandInjection => 78,
            Self::PathTraversal => 22,
            Self::FileInclusion => 98,
            Self::Ssrf => 918,
            Self::TemplateInjection => 1336,
            Self::NosqlInjection => 943,
            Self::LdapInjection => 90,
            Self::XpathInjection => 643,
            Self::Xxe => 611,
            Self::CrlfInjection => 113,
            Self::JndiInjection => 917,
            Self::CodeInjection => 94,
            Self::Deserialization => 502,
            Self::PrototypePollution => 1321,
            Self::Schema => 20,
            Self::Protocol | Self::Scanner | Self::VirtualPatch => return None,
        })
    }

    /// The technique of MITRE ATT&CK (Enterprise) that it belongs to; none where a finding alone
    /// does not tell.
    #[must_use]
    pub const fn attack_technique(self) -> Option<&'static str> {
        Some(match self {
            Self::CommandInjection => "T1059",
            Self::Xss => "T1059.007",
            Self::Scanner => "T1595.002",
            Self::Protocol | Self::Schema => return None,
            _ => "T1190",
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weaknesses_are_those_of_the_docs() {
        let source = include_str!("category.rs");
        for category in Category::ALL {
            let Some(cwe) =
                category.cwe().filter(|_| category != Category::Schema && category != Category::JndiInjection)
            else {
                continue;
            };
            assert!(source.contains(&format!("CWE-{cwe}")), "{category}");
            assert!(category.attack_technique().is_some(), "{category}");
        }
    }
}
