//! What an engine has of schemas: the operations, the rule of each keyword, and which rules need to look at a value
//! of which something is known.

use std::sync::Arc;

use super::everyday::EVERYDAY;
use crate::build_error::BuildError;
use crate::byte_set::ByteSet;
use crate::input::{Glob, Head};
use crate::rule::{MatcherSource, Rule, RuleInfo, RuleMask};
use crate::schema::{Content, Contract, Fact, Hints, Keyword, Schemas};

/// Everything about schemas that an engine has.
pub(in crate::engine) struct SchemaEngine {
    pub(super) schemas: Schemas,
    /// The rule of each keyword.
    pub(super) rules: Vec<(usize, Arc<RuleInfo>)>,
    pub(super) all: RuleMask,
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
    pub(in crate::engine) fn build(
        contract: Contract,
        rules: &[&Rule],
        work_max: u64,
    ) -> Result<Option<Self>, BuildError> {
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
    pub(super) fn rules_for(&self, fact: Fact, active: &RuleMask) -> RuleMask {
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
    pub(in crate::engine) fn hints(&self, head: &Head) -> Hints {
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
