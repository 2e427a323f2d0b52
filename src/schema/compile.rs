//! Operations with their validators, built once.

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::{Draft, PatternCache, PatternOptions, Registry, Validator};
use serde_json::{Map, Value, json};

use super::demand::Demand;
use super::shape::{ShapeBuilder, ShapeId, Shapes};
use super::tape::TapeJson;
use super::{BodySchema, Operation, Origin, SchemaNode, Undeclared};
use crate::build_error::BuildError;

/// Bytes that one pattern may compile to.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// The name under which a document is known to its own references.
const DOCUMENT: &str = "urn:rasp:document";

/// A schema, ready to validate, and its shape.
#[derive(Clone)]
pub(super) struct Check {
    /// That of the whole document, so that what its schemas share is compiled once.
    pub(super) validator: Arc<Validator<TapeJson>>,
    /// The name of this schema among the roots of its validator.
    pub(super) root: Arc<str>,
    pub(super) shape: ShapeId,
    /// Where the schema stands, before what the validator says of its keywords.
    pub(super) pointer: Arc<str>,
    /// How many patterns may look at one name of a property.
    pub(super) patterns: usize,
}

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As one JSON document.
    Json,
    /// As the fields of a form.
    Form,
    /// As the parts of a multipart body.
    Multipart,
    /// As one string.
    Text,
    /// Not at all: its schema cannot be enforced.
    Unenforced,
}

/// A body of one media type.
pub struct CompiledBody {
    pub(super) declared: BodySchema,
    pub(super) check: Option<Check>,
    reading: Reading,
    demand: Demand,
}

impl CompiledBody {
    /// What is asked of one that is read as its media type says.
    pub(super) const fn demand(&self) -> Demand {
        self.demand
    }

    /// Whether it says what is in it, in a way that is enforced.
    pub(super) fn is_enforced(&self) -> bool {
        self.check.is_some() && !self.declared.unenforced && self.reading != Reading::Unenforced
    }

    /// How it is read.
    #[must_use]
    pub const fn reading(&self) -> Reading {
        self.reading
    }
}

/// One operation, ready to check requests.
pub struct CompiledOperation {
    pub(super) operation: Operation,
    /// Beside the parameters of the operation.
    pub(super) parameters: Vec<Option<Check>>,
    pub(super) bodies: Vec<CompiledBody>,
    pub(super) shapes: Arc<Shapes>,
    /// The work that the validation of one request may cost.
    pub(super) work_max: u64,
}

impl CompiledOperation {
    /// Compiles operations together: what they share is shared.
    ///
    /// # Errors
    ///
    /// When a schema is none, or refers to what is not there; the error names file and pointer.
    pub fn compile_all(operations: Vec<Operation>, work_max: u64) -> Result<Vec<Self>, BuildError> {
        let mut compiler = Compiler::default();
        for node in operations.iter().flat_map(Operation::nodes) {
            compiler.declare(node);
        }
        let mut parts = Vec::with_capacity(operations.len());
        for operation in operations {
            let parameters = operation.parameters.iter().map(|parameter| compiler.check(parameter.schema.as_ref()));
            let parameters = parameters.collect::<Result<Vec<_>, _>>()?;
            let bodies = operation
                .bodies
                .iter()
                .map(|body| compiler.body(body, &operation.undeclared))
                .collect::<Result<Vec<_>, _>>()?;
            parts.push((operation, parameters, bodies));
        }
        let shapes = Arc::new(compiler.shapes.finish());
        let compiled = parts.into_iter().map(|(operation, parameters, bodies)| Self {
            operation,
            parameters,
            bodies,
            shapes: Arc::clone(&shapes),
            work_max,
        });
        Ok(compiled.collect())
    }

    /// What it was compiled from.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }
}

impl Operation {
    /// The schemas of its parameters and of its bodies.
    fn nodes(&self) -> impl Iterator<Item = &SchemaNode> {
        let parameters = self.parameters.iter().filter_map(|parameter| parameter.schema.as_ref());
        let bodies = self.bodies.iter().filter(|body| !body.unenforced);
        parameters.chain(bodies.filter_map(|body| body.schema.as_ref()))
    }
}

/// The schemas of one document that requests meet: the roots of its validator.
struct Roots {
    /// Kept, so that no other document comes to lie at its address.
    document: Arc<Value>,
    draft: Draft,
    /// By their pointers: the names, and where people find them.
    names: HashMap<String, (Arc<str>, Origin)>,
    validator: Option<Arc<Validator<TapeJson>>>,
}

/// A root by its pointer.
type Named<'r> = (&'r String, &'r (Arc<str>, Origin));

#[derive(Default)]
struct Compiler {
    /// By the address of the document.
    documents: HashMap<usize, Roots>,
    checks: HashMap<(usize, String), Check>,
    shapes: ShapeBuilder,
    patterns: Option<PatternCache>,
    /// By the same address: the most patterns for the names of one object.
    name_patterns: HashMap<usize, usize>,
}

impl Compiler {
    fn body(&mut self, body: &BodySchema, undeclared: &Undeclared) -> Result<CompiledBody, BuildError> {
        let check = self.check(body.schema.as_ref().filter(|_| !body.unenforced))?;
        let reading = if body.unenforced { Reading::Unenforced } else { reading(&body.media_type) };
        Ok(CompiledBody { declared: body.clone(), reading, check, demand: Demand::of(body, undeclared) })
    }

    fn check(&mut self, node: Option<&SchemaNode>) -> Result<Option<Check>, BuildError> {
        let Some(node) = node else { return Ok(None) };
        let key = (Arc::as_ptr(&node.document) as usize, node.pointer.clone());
        if let Some(known) = self.checks.get(&key) {
            return Ok(Some(known.clone()));
        }
        let (validator, root) = self.validator(node)?;
        let check = Check {
            validator,
            root,
            shape: self.shapes.shape(node),
            pointer: node.origin.pointer.as_str().into(),
            patterns: self.patterns_of(node),
        };
        self.checks.insert(key, check.clone());
        Ok(Some(check))
    }

    fn patterns_of(&mut self, node: &SchemaNode) -> usize {
        let address = Arc::as_ptr(&node.document) as usize;
        *self.name_patterns.entry(address).or_insert_with(|| name_patterns(&node.document))
    }

    /// A schema will be asked for: its document gets it as a root.
    fn declare(&mut self, node: &SchemaNode) {
        let draft = if node.draft7 { Draft::Draft7 } else { Draft::Draft202012 };
        let document = Arc::clone(&node.document);
        let roots = || Roots { document, draft, names: HashMap::new(), validator: None };
        let roots = self.documents.entry(Arc::as_ptr(&node.document) as usize).or_insert_with(roots);
        let next = roots.names.len();
        roots.names.entry(node.pointer.clone()).or_insert_with(|| (next.to_string().into(), node.origin.clone()));
    }

    /// The validator of a schema that was declared, and its name there.
    fn validator(&mut self, node: &SchemaNode) -> Result<(Arc<Validator<TapeJson>>, Arc<str>), BuildError> {
        let patterns = self.patterns.get_or_insert_with(PatternCache::new);
        let roots = self.documents.get_mut(&(Arc::as_ptr(&node.document) as usize));
        let known =
            roots.and_then(|roots| roots.names.get(&node.pointer).map(|(root, _)| Arc::clone(root)).zip(Some(roots)));
        let Some((root, roots)) = known else { return Err(error_at(&node.origin, &"it was not declared")) };
        let validator = match &roots.validator {
            Some(known) => Arc::clone(known),
            None => Arc::clone(roots.validator.insert(Arc::new(roots.compile_all(patterns)?))),
        };
        Ok((validator, root))
    }
}

impl Roots {
    /// Compiles all of them together. An error is about the one that half after half of them fails with.
    fn compile_all(&self, patterns: &PatternCache) -> Result<Validator<TapeJson>, BuildError> {
        let mut among: Vec<_> = self.names.iter().collect();
        let mut failed = match self.compile(patterns, &among) {
            Ok(validator) => return Ok(validator),
            Err(failed) => failed,
        };
        while among.len() > 1 {
            let rest = among.split_off(among.len() / 2);
            match self.compile(patterns, &among) {
                Ok(_) => among = rest,
                Err(error) => failed = error,
            }
        }
        let origin = among.first().map(|(_, (_, origin))| origin.clone()).unwrap_or_default();
        Err(error_at(&origin, &failed))
    }

    fn compile(&self, patterns: &PatternCache, among: &[Named<'_>]) -> Result<Validator<TapeJson>, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let resource = self.draft.create_resource(Value::clone(&self.document));
        let registry = Registry::new().draft(self.draft).add(DOCUMENT, resource).and_then(|builder| builder.prepare());
        let registry = registry.map_err(|error| told(&error))?;
        let options = jsonschema::options_for::<TapeJson>()
            .with_draft(self.draft)
            .with_registry(&registry)
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES_MAX))
            .with_pattern_cache(patterns.clone())
            .should_validate_formats(true)
            .with_format("int32", |text| text.parse::<i32>().is_ok())
            .with_format("byte", is_base64)
            .offline();
        #[cfg(test)]
        let options = options.with_format("test_panics", |text| text != "stumble" || panic!("a format of a test"));
        let reference = |pointer: &str| json!({ "$ref": format!("{DOCUMENT}#{}", percent_encode(pointer)) });
        let named = among.iter().map(|(pointer, (name, _))| (name.to_string(), reference(pointer)));
        let roots: Map<String, Value> = named.collect();
        // Closed, so that a root is found by its name and not by asking for each.
        let schema = json!({ "properties": roots, "additionalProperties": false });
        options.build(&schema).map_err(|error| told(&error))
    }
}

/// Base64 of RFC 4648, section 4, which OpenAPI names `byte`.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// The most patterns that one schema of the document has for the names of properties.
fn name_patterns(document: &Value) -> usize {
    match document {
        Value::Array(elements) => elements.iter().map(name_patterns).max().unwrap_or(0),
        Value::Object(members) => {
            let own = members.get("patternProperties").and_then(Value::as_object).map_or(0, serde_json::Map::len);
            members.values().map(name_patterns).max().unwrap_or(0).max(own)
        }
        _ => 0,
    }
}

/// How a body of this media type is read.
pub(super) fn reading(media_type: &str) -> Reading {
    let subtype = media_type.split_once('/').map_or("", |(_, subtype)| subtype);
    match media_type {
        _ if subtype == "json" || subtype.ends_with("+json") => Reading::Json,
        "application/x-www-form-urlencoded" => Reading::Form,
        _ if media_type.starts_with("multipart/") => Reading::Multipart,
        _ if subtype == "xml" || subtype.ends_with("+xml") => Reading::Unenforced,
        _ => Reading::Text,
    }
}

fn error_at(origin: &Origin, error: &dyn std::fmt::Display) -> BuildError {
    let built =
        BuildError::new(format!("the schema at {} cannot be used: {error}", origin.pointer)).in_file(&origin.file);
    match origin.line {
        Some(line) => built.at_line(line),
        None => built,
    }
}

/// A pointer as the fragment of a URI.
fn percent_encode(pointer: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'.').remove(b'_');
    utf8_percent_encode(pointer, FRAGMENT).to_string()
}
