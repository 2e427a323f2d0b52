//! Schemas on the way of a request: what they refuse, and what detectors need not look at.
//!
//! The head is checked before its leaves are looked at, so that a pinned value costs no detector. The
//! leaves of a body with a schema go to the tape, and those that their schema pins wait; when all of it
//! is there it is validated. Of a valid body nobody looks at them, of another all are looked at.

use std::sync::Arc;

use super::announced;
use super::build::Engine;
use super::head::HeadSink;
use super::sink::LeafSink;
use super::waiting::Waiting;
use crate::build_error::BuildError;
use crate::byte_set::ByteSet;
use crate::context::{RequestContext, Share};
use crate::decode::{self, DecodeLimits, Sink};
use crate::finding::{Finding, Validation};
use crate::input::{Aspect, Cause, Glob, Head, Header, Leaf, Location, Mark, Notice, Place};
use crate::rule::{Confidence, MatcherSource, Rule, RuleInfo, RuleMask};
use crate::schema::{
    BodyCheck, BodyReader, Checked, CompiledOperation, Content, Contract, Fact, Facts, Failure, Hints, Keyword,
    Prospect, Reading, Report, Schemas, Selection, UndeclaredAction,
};

/// What is everyday in each kind of content, and so no finding there.
const EVERYDAY: [(Content, &[&str]); 4] =
    [(Content::Html, HTML), (Content::Markdown, MARKDOWN), (Content::Code, CODE), (Content::Sql, SQL)];
/// Links, and what would break out of a page only if the value stood within a tag or a script of it.
/// What runs by itself (script, handlers, frames with odd addresses) is not everyday.
const HTML: &[&str] = &["xss.attribute_breakout", "xss.script_breakout", "xss.script_text", "path.climb", "ssrf.url"];
/// HTML may stand in it. Examples of code between its fences the detectors know by themselves.
const MARKDOWN: &[&str] = HTML;
const CODE: &[&str] = &[
    "code.*",
    "cmdi.*",
    "sqli.*",
    "ssti.*",
    "xss.*",
    "path.*",
    "nosqli.*",
    "xpath.*",
    "ldapi.*",
    "proto.*",
    "include.*",
    "ssrf.*",
    "xxe.*",
    "crlf.*",
];
const SQL: &[&str] = &["sqli.*"];

/// Everything about schemas that an engine has.
pub(super) struct SchemaEngine {
    schemas: Schemas,
    /// The rule of each keyword.
    rules: Vec<(usize, Arc<RuleInfo>)>,
    all: RuleMask,
    everyday: [RuleMask; EVERYDAY.len()],
    /// For each choice of [`PLAIN`] the rules that can find something in a text of no other byte.
    plain: Vec<RuleMask>,
}

/// The bytes that patterns which admit few can admit, in classes that are there or not.
const PLAIN: [ByteSet; 6] = [
    ByteSet::of(b"a"),
    ByteSet::of(b"0"),
    ByteSet::of(b"_"),
    ByteSet::of(b"-"),
    ByteSet::of(b"."),
    // Between the values of a list.
    ByteSet::of(b", \t"),
];

impl SchemaEngine {
    /// Compiles a contract; none where it declares nothing.
    pub(super) fn build(contract: Contract, rules: &[&Rule], work_max: u64) -> Result<Option<Self>, BuildError> {
        let Some(schemas) = Schemas::compile(contract, work_max)? else { return Ok(None) };
        let is_about = |rule: &Rule, word: &str| matches!(&rule.matcher, MatcherSource::Schema(own) if own == word);
        let rule_of = |(_, word): (Keyword, &'static str)| {
            let found = rules.iter().enumerate().find(|(_, rule)| is_about(rule, word));
            found.map(|(index, rule)| (index, Arc::clone(&rule.info)))
        };
        let missing = || BuildError::new("the built-in rules of schemas are not among the rules");
        let by_keyword: Option<Vec<_>> = Keyword::ALL.into_iter().map(rule_of).collect();
        let by_keyword = by_keyword.ok_or_else(missing)?;
        let mut all = RuleMask::NONE;
        by_keyword.iter().for_each(|(index, _)| all.insert(*index));
        let everyday = EVERYDAY.map(|(_, globs)| mask_of(globs, rules));
        let plain = (0..1 << PLAIN.len()).map(|choice| reachable(bytes_of(choice), rules)).collect();
        Ok(Some(Self { schemas, rules: by_keyword, all, everyday, plain }))
    }

    /// The rules that look at a value of which so much is known, among those that run.
    fn rules_for(&self, fact: Fact, active: &RuleMask) -> RuleMask {
        match fact {
            Fact::Pinned(_) => RuleMask::NONE,
            Fact::Plain(bytes) => {
                let bit = |index: usize| usize::from(PLAIN[index].intersects(bytes)) << index;
                let choice: usize = (0..PLAIN.len()).map(bit).sum();
                self.plain.get(choice).map_or(*active, |reachable| active.shared(reachable))
            }
            Fact::Content(content) => active.without(self.everyday(content)),
        }
    }

    fn everyday(&self, content: Content) -> &RuleMask {
        &self.everyday[content as usize]
    }

    /// What a client that is refused is told besides.
    pub(super) fn hints(&self, head: &Head) -> Hints {
        self.schemas.hints(self.schemas.select(head))
    }
}

fn bytes_of(choice: usize) -> ByteSet {
    let chosen = PLAIN.iter().enumerate().filter(|(index, _)| choice >> index & 1 == 1);
    chosen.fold(ByteSet::EMPTY, |bytes, (_, class)| bytes.union(*class))
}

/// The rules whose necessary conditions a text of these bytes can fulfil. No transformation is triggered by
/// what such a text can be made of, so that it has no other view.
fn reachable(bytes: ByteSet, rules: &[&Rule]) -> RuleMask {
    let is_within = |text: &String| bytes.contains_all(ByteSet::of(text.as_bytes()));
    let mut mask = RuleMask::NONE;
    for (index, rule) in rules.iter().enumerate() {
        let needs = &rule.needs;
        let named = || needs.literals.iter().chain(&needs.words).any(is_within);
        if needs.bytes.intersects(bytes) && (!needs.names_text() || named()) {
            mask.insert(index);
        }
    }
    mask
}

fn mask_of(globs: &[&str], rules: &[&Rule]) -> RuleMask {
    let globs: Vec<Glob> = globs.iter().map(|glob| Glob::new(glob)).collect();
    let mut mask = RuleMask::NONE;
    let fitting = rules.iter().enumerate().filter(|(_, rule)| globs.iter().any(|glob| glob.matches(&rule.info.id)));
    fitting.for_each(|(index, _)| mask.insert(index));
    mask
}

/// One request in the eyes of its schemas.
pub(super) struct Positive {
    selection: Selection,
    facts: Facts,
    /// Parameters of the path: the operation's name, and the framework's.
    renamed: Vec<(Box<str>, Box<str>)>,
    body: Body,
    /// Whether the body was judged by the head.
    is_judged: bool,
    /// Memory for it was asked for in vain, which is not told yet.
    has_run_out: bool,
    body_bytes: usize,
    waiting: Waiting,
    share: Share,
    /// What was known of the values, and which rules looked at them, for `explain`.
    records: Option<Vec<(Location, Fact, RuleMask)>>,
}

enum Body {
    /// Nothing is to be checked, or no byte came yet.
    Free,
    /// Some of its leaves wait for its end.
    Reading(BodyReader),
    /// What is known of its leaves; those that wait are looked at now.
    Checked(Checked),
}

/// What one step may use besides its own state.
pub(super) struct Surroundings<'a> {
    pub(super) engine: &'a Engine,
    pub(super) context: &'a RequestContext,
    pub(super) found: &'a mut Vec<(usize, Finding)>,
}

impl Engine {
    /// What a check fills.
    fn report(&self) -> Report {
        Report::up_to(self.limits.schema_failures_max)
    }
}

impl Positive {
    /// The state of a request, where any schema counts for it.
    pub(super) fn new(engine: &Engine, context: &RequestContext, records: bool) -> Option<Box<Self>> {
        let schema = engine.schema.as_deref()?;
        if schema.all.shared(engine.policy.active(context.scope())).is_empty() {
            return None;
        }
        Some(Box::new(Self {
            selection: Selection::Unknown,
            facts: Facts::default(),
            renamed: Vec::new(),
            body: Body::Free,
            is_judged: false,
            has_run_out: false,
            body_bytes: 0,
            waiting: Waiting::default(),
            share: context.share(),
            records: records.then(Vec::new),
        }))
    }

    /// Finds the operation, and checks all of the request but its body.
    pub(super) fn check_head(&mut self, around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref() else { return };
        let head = around.context.head();
        self.selection = schema.schemas.select(head);
        if let Some(route) = head.route() {
            self.renamed = schema.schemas.renamed(self.selection, route);
        }
        let mut report = around.engine.report();
        schema.schemas.check_head(self.selection, head, &mut report);
        self.is_judged = announced::has_body(head);
        if self.is_judged {
            let hold_bytes_max = around.engine.limits.body_hold_bytes_max;
            announced::judge(&schema.schemas, self.selection, head, hold_bytes_max, &mut report);
        }
        self.facts = std::mem::take(&mut report.facts);
        self.take(schema, report, around);
    }

    /// Whether the body must be there whole before any of it is handed on.
    pub(super) fn wants_whole(&self, engine: &Engine, head: &Head) -> bool {
        let operation = engine.schema.as_deref().and_then(|schema| schema.schemas.operation(self.selection));
        let content_type = head.header("content-type").next();
        operation.is_some_and(|operation| operation.body(content_type).declared().is_some())
    }

    /// The sink through which leaves come to the schema first.
    pub(super) fn sink<'a, 'b>(
        &'a mut self,
        engine: &'a Engine,
        inner: &'a mut LeafSink<'b>,
    ) -> Option<impl HeadSink + use<'a, 'b>> {
        let schema = engine.schema.as_deref()?;
        Some(SchemaSink { inner, positive: self, schema })
    }

    /// The template of the operation, for the names of what stands in the path.
    pub(super) fn template<'e>(&self, engine: &'e Engine) -> Option<&'e str> {
        let schema = engine.schema.as_deref()?;
        Some(&schema.schemas.operation(self.selection)?.operation().template)
    }

    /// Bytes of the body come next. Past what can be held its leaves wait no longer.
    pub(super) fn expect(&mut self, bytes: &[u8], around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref().filter(|_| !bytes.is_empty()) else { return };
        let mut report = around.engine.report();
        if self.body_bytes == 0 {
            self.begin_body(schema, around, &mut report);
        }
        self.body_bytes = self.body_bytes.saturating_add(bytes.len());
        if matches!(self.body, Body::Reading(_)) {
            let operation = schema.schemas.operation(self.selection);
            if self.body_bytes > around.engine.limits.body_hold_bytes_max {
                self.give_up();
                around.context.add_cause(Cause::Limit);
                report.failures.extend(operation.map(|operation| operation.body_too_large()));
            } else if let Body::Reading(reader) = &mut self.body {
                reader.chunk(bytes);
                self.waiting.chunk(bytes);
            }
        }
        self.take(schema, report, around);
    }

    fn begin_body(&mut self, schema: &SchemaEngine, around: &Surroundings<'_>, report: &mut Report) {
        let (head, hold_bytes_max) = (around.context.head(), around.engine.limits.body_hold_bytes_max);
        let told = report.failures.len();
        let declared = announced::judge(&schema.schemas, self.selection, head, hold_bytes_max, report);
        if self.is_judged {
            report.failures.truncate(told);
        }
        if let (Some(declared), Some(operation)) = (declared, schema.schemas.operation(self.selection)) {
            self.body = Body::Reading(operation.reader(declared));
        }
    }

    /// Settles what is held with the memory of all requests; without that the body is not validated.
    pub(super) fn settle(&mut self, around: &mut Surroundings<'_>) {
        if let Body::Reading(reader) = &self.body
            && !self.share.cover(reader.bytes() + self.waiting.bytes())
        {
            around.context.add_cause(Cause::Budget);
            self.run_out();
        }
        self.tell_run_out(around);
    }

    /// The body cannot be held, and would be handed on before it was validated.
    pub(super) fn unheld(&mut self, around: &mut Surroundings<'_>) {
        self.run_out();
        self.tell_run_out(around);
    }

    /// There is no memory for the rest of the body.
    pub(super) fn run_out(&mut self) {
        self.has_run_out |= matches!(self.body, Body::Reading(_));
        self.give_up();
    }

    fn tell_run_out(&mut self, around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref() else { return };
        if std::mem::take(&mut self.has_run_out) {
            let mut report = around.engine.report();
            report.failures.extend(schema.schemas.operation(self.selection).map(no_memory));
            self.take(schema, report, around);
        }
    }

    /// The body is not validated: what waits of it is looked at without knowing anything.
    fn give_up(&mut self) {
        if matches!(self.body, Body::Reading(_)) {
            self.body = Body::Checked(Checked::default());
            self.forget(false);
        }
    }

    /// The bytes are not held for leaves that nobody need look at.
    fn forget(&mut self, is_valid: bool) {
        if !self.waiting.is_needed(!is_valid || self.records.is_some()) {
            self.waiting = Waiting::default();
        }
        self.share.cover(self.waiting.bytes());
    }

    /// All of the body came.
    pub(super) fn check_body(&mut self, around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref() else { return };
        let Some(operation) = schema.schemas.operation(self.selection) else { return };
        let mut report = around.engine.report();
        let content_type = around.context.head().header("content-type").next();
        if self.body_bytes == 0 {
            match operation.body(content_type) {
                body if !may_be_empty(&body, content_type) => report.failures.extend(operation.missing_body()),
                BodyCheck::Schema(body) if operation.operation().body_required => {
                    operation.check_body(body, operation.reader(body), &mut report);
                }
                _ => {}
            }
        }
        // Should the check panic, what waits is looked at all the same.
        if let Body::Reading(reader) = std::mem::replace(&mut self.body, Body::Checked(Checked::default()))
            && let Some(declared) = operation.body(content_type).declared()
        {
            let checked = operation.check_body(declared, reader, &mut report);
            self.forget(checked.is_valid());
            self.body = Body::Checked(checked);
        }
        self.take(schema, report, around);
    }

    /// Takes in what a check leaves behind.
    fn take(&self, schema: &SchemaEngine, mut report: Report, around: &mut Surroundings<'_>) {
        around.context.add_schema_steps(report.steps);
        if report.out_of_budget {
            let place = if self.body_bytes > 0 { Place::Body } else { Place::Query };
            report.failures.push(Failure {
                keyword: Keyword::Unvalidated,
                location: Location::whole(place),
                schema_pointer: Box::default(),
                message: "to validate it takes more work than a request may cost".into(),
            });
        }
        Self::tell_rest(&mut report);
        for (cause, holds) in [(Cause::UnenforcedSchema, report.unenforced), (Cause::Budget, report.out_of_budget)] {
            if holds {
                around.context.add_cause(cause);
            }
        }
        for failure in report.failures {
            let action = match failure.keyword {
                Keyword::MoreFailures => report.untold,
                _ => schema.schemas.action(self.selection, &failure),
            };
            let (index, rule) = &schema.rules[failure.keyword as usize];
            if action == UndeclaredAction::Pass || !around.engine.policy.active(around.context.scope()).contains(*index)
            {
                continue;
            }
            around.found.push((*index, self.finding(rule, failure, action == UndeclaredAction::Alert)));
        }
    }

    /// What failed and is not told stands behind one failure of its own, so that nothing hides behind
    /// failures that an exclusion or a mode takes out.
    fn tell_rest(report: &mut Report) {
        if report.untold > UndeclaredAction::Pass {
            let place = report.failures.last().map_or(Place::Body, |failure| failure.location.place());
            report.failures.push(Failure {
                keyword: Keyword::MoreFailures,
                location: Location::whole(place),
                schema_pointer: Box::default(),
                message: "more is wrong than is told here".into(),
            });
        }
    }

    fn finding(&self, rule: &Arc<RuleInfo>, failure: Failure, alerts_only: bool) -> Finding {
        Finding {
            rule: Arc::clone(rule),
            location: self.framework_location(failure.location),
            chain: String::new(),
            confidence: if alerts_only { Confidence::Likely } else { Confidence::Certain },
            span: 0..0,
            structure: failure.keyword.as_str(),
            validation: Some(Arc::new(Validation {
                keyword: failure.keyword.as_str(),
                schema_pointer: failure.schema_pointer,
                message: failure.message,
                alerts_only,
            })),
        }
    }

    /// A parameter of the path bears the name that the framework gives it, as in its leaf.
    fn framework_location(&self, location: Location) -> Location {
        let renamed = self.renamed.iter().find(|(own, _)| own.as_bytes() == location.name());
        match renamed.filter(|_| location.place() == Place::Path) {
            Some((_, theirs)) => Location::of(&Leaf::value(Place::Path, theirs.as_bytes(), b"")),
            None => location,
        }
    }

    /// What is known of a value of the head.
    fn fact(&self, leaf: &Leaf<'_>) -> Option<Fact> {
        if leaf.aspect != Aspect::Value {
            return None;
        }
        let renamed = self.renamed.iter().find(|(_, theirs)| theirs.as_bytes() == leaf.name);
        let own = renamed.filter(|_| leaf.place == Place::Path).map(|(own, _)| own.as_bytes());
        self.facts.of(leaf.place, own.unwrap_or(leaf.name))
    }

    /// Looks at a leaf of which so much is known.
    fn look(&mut self, leaf: &Leaf<'_>, fact: Option<Fact>, schema: &SchemaEngine, sink: &mut LeafSink<'_>) {
        let Some(fact) = fact else { return sink.look(leaf, sink.active) };
        let rules = schema.rules_for(fact, sink.active);
        if let Some(records) = &mut self.records {
            records.push((Location::of(leaf), fact, rules));
        }
        if !rules.is_empty() {
            sink.look(leaf, &rules);
        }
    }

    /// Looks at what can be looked at of a leaf of the body before the end of it.
    fn look_early(&mut self, leaf: &Leaf<'_>, schema: &SchemaEngine, sink: &mut LeafSink<'_>) {
        let Body::Reading(reader) = &mut self.body else { return sink.look(leaf, sink.active) };
        let prospect = reader.leaf(leaf);
        self.waiting.leaf(prospect);
        match prospect {
            Prospect::Nothing => sink.look(leaf, sink.active),
            Prospect::Fact(fact) => {
                let rules = schema.rules_for(fact, sink.active);
                if !rules.is_empty() {
                    sink.look(leaf, &rules);
                }
            }
            Prospect::Later(_) => {}
        }
    }

    /// Looks at the rest.
    fn look_again(&mut self, leaf: &Leaf<'_>, prospect: Prospect, schema: &SchemaEngine, sink: &mut LeafSink<'_>) {
        let Body::Checked(checked) = &self.body else { return };
        let fact = checked.fact(prospect, leaf.aspect);
        match (prospect, fact) {
            (Prospect::Nothing, _) => {}
            (Prospect::Fact(_), Some(fact)) => {
                if let Some(records) = &mut self.records {
                    records.push((Location::of(leaf), fact, schema.rules_for(fact, sink.active)));
                }
            }
            // It was looked at as if that held.
            (Prospect::Fact(fact), None) => {
                sink.look(leaf, &sink.active.without(&schema.rules_for(fact, sink.active)));
            }
            (Prospect::Later(_), _) => self.look(leaf, fact, schema, sink),
        }
    }

    /// Whether leaves wait that can be looked at now.
    pub(super) const fn waits(&self) -> bool {
        matches!(self.body, Body::Checked(_)) && !self.waiting.is_empty()
    }

    /// Looks at what waits, about so many bytes of it.
    pub(super) fn drain(&mut self, bytes: usize, sink: &mut LeafSink<'_>, engine: &Engine) {
        let Some(schema) = engine.schema.as_deref() else { return };
        let (head, limits) = (sink.context.head(), engine.limits.decode());
        // Should a detector panic, nothing waits any more.
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut read = 0;
        while read < bytes && !waiting.is_empty() {
            read += waiting.read_again(head, &limits, &mut |leaf, prospect| {
                self.look_again(leaf, prospect, schema, sink);
            });
        }
        if waiting.is_empty() {
            self.share.cover(0);
        }
        self.waiting = waiting;
    }

    /// The operation, for `explain`.
    pub(super) fn operation(&self, engine: &Engine) -> String {
        let schema = engine.schema.as_deref();
        let operation = schema.and_then(|schema| schema.schemas.operation(self.selection));
        match self.selection {
            Selection::Operation(_) => operation
                .map(|operation| format!("{} {}", operation.operation().method, operation.operation().template))
                .unwrap_or_default(),
            Selection::Method(_) => "none for this method".to_owned(),
            Selection::Route => "none for this path".to_owned(),
            Selection::Unknown => "not known: servers differ on this path".to_owned(),
            Selection::Preflight => "none: a question of a browser before it asks (CORS)".to_owned(),
        }
    }

    /// What was known of a value, why, and which rules looked at it, for `explain`; none for what no schema
    /// could speak of.
    pub(super) fn field(&self, location: &Location, around: (&Engine, &RequestContext)) -> Option<(String, RuleMask)> {
        let (engine, context) = around;
        let schema = engine.schema.as_deref()?;
        let operation = schema.schemas.operation(self.selection)?;
        let content_type = context.head().header("content-type").next();
        let by = || {
            let own = self.own_name(location);
            operation.schema_of(location.place(), own.unwrap_or_else(|| location.name()), content_type)
        };
        let known = self.records.iter().flatten().find(|(known, ..)| known == location);
        let Some((_, fact, rules)) = known else {
            let is_value = *location == Location::of(&Leaf::value(location.place(), location.name(), b""));
            let why = match by() {
                Some(by) => format!("not pinned by {by}: every detector looks"),
                None => "named by no schema: every detector looks".to_owned(),
            };
            // Of the path as a whole, of the method and of most headers nobody says anything.
            let is_whole = matches!(location.place(), Place::Path | Place::Method) && location.name().is_empty();
            let is_header = matches!(location.place(), Place::Header | Place::Trailer);
            let is_silent = !is_value || is_whole || is_header && by().is_none();
            return (!is_silent).then(|| (why, *engine.policy.active(context.scope())));
        };
        let by = by().map_or_else(String::new, |by| format!(", by {by}"));
        let why = match (fact, rules.iter().count()) {
            (Fact::Pinned(word), _) => format!("no detector looks: {word}{by}"),
            (Fact::Plain(_), 0) => format!("no detector looks: pattern{by}"),
            (Fact::Plain(_), rules) => format!("pattern{by}: {rules} rules need no byte that it does not admit"),
            (Fact::Content(content), _) => {
                let everyday = EVERYDAY[*content as usize].1.join(", ");
                format!("declared as {content:?}{by}: {everyday} are everyday")
            }
        };
        Some((why, *rules))
    }

    /// The name that the operation gives to a parameter of the path.
    fn own_name(&self, location: &Location) -> Option<&[u8]> {
        let renamed = self.renamed.iter().find(|(_, theirs)| theirs.as_bytes() == location.name());
        renamed.filter(|_| location.place() == Place::Path).map(|(own, _)| own.as_bytes())
    }
}

fn no_memory(operation: &CompiledOperation) -> Failure {
    operation.failure(Keyword::NoMemory, "there is no memory left to hold the body until it is validated")
}

/// Takes the place of the sink that inspects, where schemas count.
struct SchemaSink<'a, 'b> {
    inner: &'a mut LeafSink<'b>,
    positive: &'a mut Positive,
    schema: &'a SchemaEngine,
}

impl HeadSink for SchemaSink<'_, '_> {
    /// A header of which something is known is not looked at, and so not remembered as clean.
    fn header(&mut self, header: &Header<'_>, limits: &DecodeLimits) {
        if self.positive.facts.speak_of(header.name) {
            decode::header(header, limits, self);
        } else {
            self.inner.header(header, limits);
        }
    }
}

impl Sink for SchemaSink<'_, '_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.inner.keep(&leaf);
        if matches!(leaf.place, Place::Path | Place::Query | Place::Header | Place::Cookie) {
            let fact = self.positive.fact(&leaf);
            self.positive.look(&leaf, fact, self.schema, self.inner);
        } else {
            self.positive.look_early(&leaf, self.schema, self.inner);
        }
    }

    fn incomplete(&mut self, cause: Cause) {
        self.inner.incomplete(cause);
        if let Body::Reading(reader) = &mut self.positive.body {
            reader.incomplete(cause);
        }
    }

    // A schema goes by the document itself, which is whole.
    fn location_cut(&mut self) {
        self.inner.location_cut();
    }

    fn notice(&mut self, notice: Notice) {
        self.inner.notice(notice);
        if let Body::Reading(reader) = &mut self.positive.body {
            reader.notice(notice);
        }
    }

    fn structure(&mut self, mark: Mark) {
        if let Body::Reading(reader) = &mut self.positive.body {
            reader.structure(mark);
        }
    }
}

/// Whether nothing at all is a body of this type: a form without fields, an empty text or file. What must stand in it
/// its schema says.
fn may_be_empty(body: &BodyCheck<'_>, content_type: Option<&[u8]>) -> bool {
    let is_json = |content_type: &[u8]| content_type.windows(4).any(|word| word.eq_ignore_ascii_case(b"json"));
    match body {
        BodyCheck::Schema(body) => content_type.is_some() && matches!(body.reading(), Reading::Form | Reading::Text),
        BodyCheck::Free => content_type.is_some_and(|content_type| !is_json(content_type)),
        _ => false,
    }
}
