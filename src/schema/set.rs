//! All operations, and which of them a request belongs to.
//!
//! The framework's template decides where it gives one, by its shape, since the names of parameters
//! may differ (`{id}`, `{userId}`). Without one, and where the framework's is a wildcard, the raw path
//! does: an encoded slash stays within its segment. Where some server would take it for the path of
//! another operation it belongs to none, and is refused.

use std::collections::HashMap;

use super::template::{Template, TemplateTree};
use super::{CompiledOperation, Contract, Failure, Keyword, Operation, Report, Undeclared, UndeclaredAction};
use crate::build_error::BuildError;
use crate::input::{Head, Leaf, Location, Place, canonical, escaped};

/// Everything that is declared, ready to check requests.
pub struct Schemas {
    operations: Vec<CompiledOperation>,
    /// Beside the operations: their templates.
    templates: Vec<Template>,
    /// The operations of one shape, by method.
    paths: Vec<Vec<usize>>,
    by_shape: HashMap<String, usize>,
    tree: TemplateTree,
    undeclared: Undeclared,
    hosts: Vec<String>,
}

/// What a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The operation of this number.
    Operation(usize),
    /// A path without an operation for this method.
    Method(usize),
    /// No path.
    Route,
    /// A path that some servers take for that of an operation which says something, and others do not.
    Unknown,
    /// A question of a browser before it asks across origins (CORS); it answers to no operation.
    Preflight,
}

/// What a client that is refused is told besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The methods of the path.
    pub allow: Vec<String>,
    /// How to come with a credential.
    pub challenges: Vec<String>,
    /// The media types of the body.
    pub accept: Vec<String>,
}

impl Schemas {
    /// Compiles a contract; none where it declares nothing.
    ///
    /// # Errors
    ///
    /// When two templates collide, or a schema cannot be used; the error names file and pointer.
    pub fn compile(contract: Contract, work_max: u64) -> Result<Option<Self>, BuildError> {
        let Contract { operations, mut undeclared, hosts, describes_service, .. } = contract;
        if !describes_service {
            undeclared.routes = UndeclaredAction::Pass;
        }
        if operations.is_empty() && undeclared == Undeclared::default() {
            return Ok(None);
        }
        let mut set = Self {
            operations: CompiledOperation::compile_all(operations, work_max)?,
            templates: Vec::new(),
            paths: Vec::new(),
            by_shape: HashMap::new(),
            tree: TemplateTree::default(),
            undeclared,
            hosts: hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect(),
        };
        for number in 0..set.operations.len() {
            set.place(number)?;
        }
        Ok(Some(set))
    }

    fn place(&mut self, number: usize) -> Result<(), BuildError> {
        let operation = self.operations[number].operation();
        let template = Template::parse(&operation.template).map_err(|error| operation.origin.error(error.message()))?;
        let shape = template.shape();
        let path = *self.by_shape.entry(shape).or_insert(self.paths.len());
        if path == self.paths.len() {
            self.paths.push(Vec::new());
            self.tree.insert(&template, path);
        }
        let declared = self.paths[path].first().map(|&other| self.operations[other].operation());
        let is_same_document = |other: &&Operation| other.origin.file == operation.origin.file;
        // Such templates are identical, and invalid in one document (OpenAPI 3.1.1, "Path Templating Matching").
        if let Some(other) = declared.filter(is_same_document).filter(|other| other.template != operation.template) {
            let (own, other) = (&operation.template, &other.template);
            return Err(operation.origin.error(format!("{own} fits the same paths as {other}")));
        }
        let taken = self.paths[path].iter().map(|&other| self.operations[other].operation());
        if let Some(other) = taken.into_iter().find(|other| other.method == operation.method) {
            let (method, own, other) = (&operation.method, &operation.template, &other.template);
            return Err(operation.origin.error(format!("{method} {own} fits the same paths as {method} {other}")));
        }
        self.paths[path].push(number);
        self.templates.push(template);
        Ok(())
    }

    /// What a request belongs to.
    #[must_use]
    pub fn select(&self, head: &Head) -> Selection {
        let path = match head.route() {
            Some(route) if !route.contains("{*") => {
                self.of_route(route).or_else(|| self.tree.find(&canonical(head.path())))
            }
            Some(route) if self.of_route(route).is_some() => self.of_route(route),
            _ => match self.of_path(head.path()) {
                Ok(path) => path,
                Err(Ambiguous) => return Selection::Unknown,
            },
        };
        let Some(path) = path else { return Selection::Route };
        let method = head.method();
        match self.of_method(path, method).or_else(|| self.of_method(path, b"GET").filter(|_| method == b"HEAD")) {
            Some(operation) => Selection::Operation(operation),
            None if is_preflight(head) => Selection::Preflight,
            None => Selection::Method(path),
        }
    }

    /// The template that the path fits as sent, or in its canonical form, unless it is another's in that form or
    /// once it is decoded and its dots and empty segments are gone.
    fn of_path(&self, raw: &[u8]) -> Result<Option<usize>, Ambiguous> {
        let (sent, read) = (self.tree.find(raw), self.tree.find(&canonical(raw)));
        let found = sent.or(read);
        let plain = plain(raw).and_then(|plain| self.tree.find(&plain));
        let others = [read, plain].into_iter().flatten().filter(|&other| found != Some(other));
        let mut operations = others.filter_map(|other| self.paths.get(other)).flatten();
        let is_enforced = operations.any(|&number| self.operations[number].is_enforced());
        if is_enforced { Err(Ambiguous) } else { Ok(found) }
    }

    /// A document has no wildcards: where the framework has one, a plain parameter stands for it.
    fn of_route(&self, route: &str) -> Option<usize> {
        let shape = Template::parse(route).ok()?.shape();
        let plain = || self.by_shape.get(&shape.replace("{*}", "{}"));
        self.by_shape.get(&shape).or_else(plain).copied()
    }

    fn of_method(&self, path: usize, method: &[u8]) -> Option<usize> {
        let mut operations = self.paths.get(path)?.iter().copied();
        operations.find(|&number| self.operations[number].operation().method.as_bytes() == method)
    }

    /// The operation of a selection.
    #[must_use]
    pub fn operation(&self, selection: Selection) -> Option<&CompiledOperation> {
        match selection {
            Selection::Operation(number) => self.operations.get(number),
            _ => None,
        }
    }

    /// For each parameter of an operation's template the name that the framework's has in its place,
    /// where the two differ.
    #[must_use]
    pub fn renamed(&self, selection: Selection, route: &str) -> Vec<(Box<str>, Box<str>)> {
        let (Selection::Operation(number), Ok(theirs)) = (selection, Template::parse(route)) else {
            return Vec::new();
        };
        // Where it is another template the names are those of other values.
        let is_same = |own: &&Template| own.shape() == theirs.shape().replace("{*}", "{}");
        let own = self.templates.get(number).filter(|own| is_same(own) || own.shape() == theirs.shape());
        let Some(own) = own else { return Vec::new() };
        let pairs = own.parameters().zip(theirs.parameters()).filter(|(own, theirs)| own != theirs);
        pairs.map(|(own, theirs)| (own.into(), theirs.into())).collect()
    }

    /// Checks everything of a request but its body.
    pub fn check_head(&self, selection: Selection, head: &Head, report: &mut Report) {
        self.check_host(selection, head, report);
        let path = Location::whole(Place::Path);
        match selection {
            Selection::Operation(number) => self.check_operation(number, head, report),
            Selection::Route => {
                report.failures.push(failure(Keyword::UndeclaredRoute, path, "the path is not declared"));
            }
            Selection::Unknown => {
                report.unenforced = true;
                report.failures.push(failure(Keyword::AmbiguousPath, path, "servers differ on what the path is"));
            }
            Selection::Method(_) => {
                let location = Location::whole(Place::Method);
                report.failures.push(failure(Keyword::UndeclaredMethod, location, "the method is not declared"));
            }
            Selection::Preflight => {}
        }
    }

    fn check_operation(&self, number: usize, head: &Head, report: &mut Report) {
        let (Some(operation), Some(own)) = (self.operations.get(number), self.templates.get(number)) else { return };
        let theirs = head.route().and_then(|route| Template::parse(route).ok());
        let values = own.capture(head.path()).or_else(|| theirs.and_then(|theirs| theirs.capture(head.path())));
        let values = values.unwrap_or_default();
        let path: Vec<(&str, &[u8])> = own.parameters().zip(values.iter().map(|value| &**value)).collect();
        operation.check_head(head, &path, report);
    }

    fn check_host(&self, selection: Selection, head: &Head, report: &mut Report) {
        if self.undeclared(selection).hosts == UndeclaredAction::Pass || self.hosts.is_empty() {
            return;
        }
        // A server may go by the target or by the header (RFC 9112, 3.2.2): whatever is there must be declared.
        let mut hosts = head.authority().into_iter().chain(head.header("host")).peekable();
        if hosts.peek().is_none() || !hosts.all(|host| self.declares_host(host)) {
            let location = Location::of(&Leaf::value(Place::Header, b"host", b""));
            report.failures.push(failure(Keyword::UndeclaredHost, location, "the host is not declared"));
        }
    }

    fn declares_host(&self, host: &[u8]) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.iter().any(|known| known.as_bytes() == host || known.as_bytes() == without_port(&host))
    }

    /// What is done about what is not declared there.
    fn undeclared(&self, selection: Selection) -> &Undeclared {
        let path = match selection {
            Selection::Operation(number) => return &self.operations[number].operation().undeclared,
            Selection::Method(path) => self.paths.get(path),
            _ => None,
        };
        let first = path.and_then(|operations| operations.first());
        first.map_or(&self.undeclared, |&number| &self.operations[number].operation().undeclared)
    }

    /// What is done about a failure; all that is declared is meant to be kept.
    #[must_use]
    pub fn action(&self, selection: Selection, failure: &Failure) -> UndeclaredAction {
        let undeclared = self.undeclared(selection);
        match failure.keyword {
            Keyword::UndeclaredRoute => undeclared.routes,
            Keyword::UndeclaredMethod => undeclared.methods,
            Keyword::UndeclaredContentType => undeclared.content_types.unwrap_or_else(|| {
                let is_enforced = self.operation(selection).is_some_and(CompiledOperation::has_body_schema);
                if is_enforced { UndeclaredAction::Block } else { UndeclaredAction::Pass }
            }),
            Keyword::UndeclaredParameter => undeclared.parameters,
            // Where the schema itself closes the object, its pointer says so.
            Keyword::UndeclaredField if failure.schema_pointer.is_empty() => undeclared.fields,
            // To a request it is no field of its own (OpenAPI 3.1.1, "Schema Object": it SHOULD NOT be sent).
            Keyword::ReadOnly => undeclared.fields,
            Keyword::UndeclaredHost => undeclared.hosts,
            Keyword::UndeclaredHeader => {
                undeclared.headers.as_ref().map_or(UndeclaredAction::Pass, |headers| headers.action)
            }
            _ => UndeclaredAction::Block,
        }
    }

    /// What a client that is refused is told besides.
    #[must_use]
    pub fn hints(&self, selection: Selection) -> Hints {
        let mut hints = Hints::default();
        if let Selection::Method(path) = selection {
            let numbers = self.paths.get(path).into_iter().flatten();
            hints.allow = numbers.map(|&number| self.operations[number].operation().method.clone()).collect();
            if hints.allow.iter().any(|method| method == "GET") && !hints.allow.iter().any(|method| method == "HEAD") {
                hints.allow.push("HEAD".to_owned());
            }
        }
        let Some(operation) = self.operation(selection).map(CompiledOperation::operation) else { return hints };
        hints.accept = operation.bodies.iter().map(|body| body.media_type.clone()).collect();
        let credentials = operation.security.iter().flat_map(|alternative| &alternative.credentials);
        for credential in credentials {
            let challenge = credential.scheme.as_deref().map_or_else(|| "ApiKey".to_owned(), challenge);
            if !hints.challenges.contains(&challenge) {
                hints.challenges.push(challenge);
            }
        }
        hints
    }
}

/// The host before its port, which is digits and nothing else (RFC 3986, 3.2.3).
fn without_port(host: &[u8]) -> &[u8] {
    let colon = host.iter().rposition(|&byte| byte == b':');
    let port = colon.filter(|&colon| host.iter().skip(colon + 1).all(u8::is_ascii_digit));
    port.map_or(host, |colon| host.split_at(colon).0)
}

impl Hints {
    /// The values of one response header, by its name in lower case.
    #[must_use]
    pub fn of(&self, header: &str) -> Vec<String> {
        match header {
            "allow" => vec![self.allow.join(", ")],
            "www-authenticate" => self.challenges.clone(),
            "accept" if !self.accept.is_empty() => vec![self.accept.join(", ")],
            _ => Vec::new(),
        }
    }
}

/// The path could be that of another operation.
struct Ambiguous;

/// A path decoded and then escaped as templates are, without empty segments and dots; none where it is so already.
fn plain(raw: &[u8]) -> Option<Vec<u8>> {
    let is_odd = |segment: &[u8]| matches!(segment, b"" | b"." | b"..");
    let has_odd = raw.strip_prefix(b"/").is_none_or(|rest| rest.split(|&byte| byte == b'/').any(is_odd));
    if !has_odd && memchr::memchr2(b'%', b'\\', raw).is_none() {
        return None;
    }
    let decoded: Vec<u8> = percent_encoding::percent_decode(raw).collect();
    let mut segments = Vec::new();
    for segment in decoded.split(|byte| matches!(byte, b'/' | b'\\')) {
        match segment {
            b"" | b"." => {}
            b".." => _ = segments.pop(),
            other => segments.push(escaped(other)),
        }
    }
    let mut path = vec![b'/'];
    path.extend(segments.join(&b'/'));
    Some(path)
}

/// A scheme as its registration writes it (RFC 7617 asks for a realm).
fn challenge(scheme: &str) -> String {
    match scheme {
        "basic" => "Basic realm=\"service\"".to_owned(),
        "digest" => "Digest realm=\"service\"".to_owned(),
        _ => {
            let (first, rest) = scheme.split_at(scheme.chars().next().map_or(0, char::len_utf8));
            first.to_ascii_uppercase() + rest
        }
    }
}

fn failure(keyword: Keyword, location: Location, message: &'static str) -> Failure {
    Failure { keyword, location, schema_pointer: Box::default(), message: message.into() }
}

fn is_preflight(head: &Head) -> bool {
    head.method() == b"OPTIONS"
        && head.header("origin").next().is_some()
        && head.header("access-control-request-method").next().is_some()
}
