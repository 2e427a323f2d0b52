use super::super::ALL;
use crate::rule::Confidence;

/// The surest finding of all the matchers of this folder.
fn best(value: &[u8]) -> Option<(Confidence, &'static str)> {
    ALL.iter()
        .filter(|matcher| matcher.name.starts_with("sql_"))
        .filter_map(|matcher| (matcher.find)(value).map(|found| (found.confidence, matcher.name)))
        .max_by_key(|found| found.0)
}

/// Values that change the structure of a statement, in one dialect or another.
#[rustfmt::skip]
const ATTACKS: &[&str] = &[
    "' or 7=7 -- ", "') or ('b'='b", "%' and '3'='3' #", "3 or 17-7=10", "-2) or (1=1", "' or not false -- ",
    "' or 5 between 1 and 9 -- ", "9' or id is not null;-- ", "' xor 1=0#", "' || 1 -- ", "'='", "'-'", "'^'", "'||'",
    "'-0#", "' like '%", "b' or name regexp '^a' -- ", "' or exists(select 1)-- ", "' and if(1=1,sleep(5),0)-- ",
    "1;select pg_sleep(5)--", "'; waitfor delay '0:0:5'--", "1 waitfor delay '0:0:5'", "1 and sleep(2)",
    "' and 1=convert(int,@@version)--", "' union select null,null-- ", "-1 union distinct select 1,2",
    "1'union(select(1),(2))#", "7e0union select 1", "1.union select 1", "1' union values (1,2)-- ",
    "2'/*!50000union*//*!50000select*/3-- ", "1' order by 5#", "' having 3=3--", "1 procedure analyse()",
    "9' into outfile '/tmp/x'-- ", "1;update users set a='x' where b=1", "'); delete from users-- ",
    "'; declare @x varchar(9); set @x=0x41; exec(@x)-- ", "';copy (select '') to program 'id'--", "root'--",
    "root') -- ", "root\"--", "root'/*", "xxxx prose it's nice' OR 1=1 -- trailing prose", "\\' or 1=1 -- ",
    "it''s nice' or 1=1 -- more words", "it\\'s nice' or 1=1 -- more words", "1'\u{b}or\u{b}1=1", "1'\u{a0}or\u{a0}1=1",
    "1' or 0x31=0x31-- ", "1' or - - - 1=1-- ", "1' or ((((1))))=((((1))))-- ", "1' or $$a$$=$$a$$-- ",
    "1' or q'[a]'=q'[a]'-- ", "1' or [a]=[a]-- ", "1' or 1::int=1-- ", "(select 4 from staff limit 1)",
    "1,(select sleep(5))", "1^(select 1)", "0'XOR(if(now()=sysdate(),sleep(5),0))XOR'Z", "1' or 1.e(1) or '1'='1",
    "x' and a='b", "5 or a=a", "8 and 'x' like 'x'", "\u{2019} or 1=1 -- ", "' or 1=1\u{2013}",
    "-1--\n union( select id from users limit 1,1)", "1; delete from sessions where 1=1", "x', role='admin", "x',1,2)-- ",
    "1;merge into a b using c on (1=1) when matched then delete", "';begin dbms_lock.sleep(5); end;--", "' or'9",
];

/// Honest values with the same words and marks.
#[rustfmt::skip]
const HONEST: &[&str] = &[
    "O'Reilly", "word'", "rock 'n' roll", "it's 5 o'clock and I can't log in -- help", "Tom & Jerry's (1=1?)",
    "1 or 2 bedrooms", "select the best union or drop by", "boys' and girls' shoes", "6' - 7' tall",
    "5'10\" or taller", "the '90s and '00s", "1950's or 1960's", "\"foo\" and \"bar\"", "black and \"shower curtain\"",
    "24\" x 36\" - framed", "x=1&y=2&z=3", "price<5 and size>3", "please order by 5pm",
    "first open it; then delete from cart", "the trade union select committee from members", "limit 1 -- no rainchecks",
    "Please select all from the list", "I ran select * from users", "Union Select 5 members",
    "My query uses \"order by\" and \"group by\" -- why?", "if (a == b) { return 'c'; }", "let s = 'a' + \"b\";",
    "<a href=\"x.html\" title='y'>z</a>", "Mozilla/5.0 (X11; Linux) AppleWebKit/5.3 (KHTML, like Gecko)",
    "# Title\n\n`code` and more `code` -- see `x`", "Use `sleep(5)` or `wait`", "l'or et l'argent", "A' or B'",
    "don\u{2019}t \u{2013} or do", "WHERE a = 'x' OR b = 'y'", "the '=' sign", "the 'like' button", "the '+' operator", "press '+' or '-'",
    "use '=' not '=='", "use '<>' or '!='", "a '%' (or '/')", "sleep(5) is a code smell",
    "drop the column with `ALTER TABLE a DROP COLUMN b`, please", "c:\\dir\\O'Hara", "-- ", "#5", "''", "\"", "'",
];

#[test]
fn attacks_are_certain() {
    for value in ATTACKS {
        assert_eq!(best(value.as_bytes()).map(|found| found.0), Some(Confidence::Certain), "{value:?}");
    }
}

/// Values that may be meant so or so: somebody may look, nobody is refused.
#[rustfmt::skip]
const UNDECIDED: &[&str] = &[
    "5 < 6 && 7 > 3", "1 < 2 and 3 > 2", "2+2=4 or 2*2=4", "1+1=2 and 2+2=4", "2 or 3 > 1 beers",
    "They said 'no' and 5 = 5",
];

#[test]
fn undecided_values_are_not_certain() {
    for value in UNDECIDED {
        let found = best(value.as_bytes());
        assert!(found.is_none_or(|found| found.0 < Confidence::Certain), "{value:?}: {found:?}");
    }
}

#[test]
fn honest_values_pass() {
    for value in HONEST {
        let found = best(value.as_bytes());
        assert!(found.is_none_or(|found| found.0 == Confidence::Weak), "{value:?}: {found:?}");
    }
}

#[test]
fn nothing_behind_the_comment_lowers_a_finding() {
    for value in ["' or 1=1 -- ", "1' union select 1,2 #", "1; drop table a -- ", "9' or a=b /*", "root' or 1 -- "] {
        for suffix in ["", "it's fine", "(a) \"b\" `c`; d", "'''''", "\u{2019}"] {
            let value = format!("{value}{suffix}");
            assert_eq!(best(value.as_bytes()).map(|found| found.0), Some(Confidence::Certain), "{value:?}");
        }
    }
}

#[test]
fn nothing_before_the_quote_lowers_a_finding() {
    for prefix in ["some words in front", "it''s (a) \"b", "/* a", "1=1; select", "a -- b\n", "'a' 'b' 'c"] {
        for attack in ["' or 1=1 -- ", "' union select 1,2 #", "' and '1'='1"] {
            let value = format!("{prefix}{attack}");
            assert_eq!(best(value.as_bytes()).map(|found| found.0), Some(Confidence::Certain), "{value:?}");
        }
    }
}

#[test]
fn a_doubled_quote_before_an_attack_does_not_hide_it() {
    for value in ["it''s ' or ''='", "it''s x' or ''=''-- ", "a''b''c' or 'd'='d"] {
        assert_eq!(best(value.as_bytes()).map(|found| found.0), Some(Confidence::Certain), "{value:?}");
    }
}

#[test]
fn hostile_units_are_read_to_their_end() {
    #[rustfmt::skip]
    let units = [
        "'", "''", "'or", "'+'+", "'/*", "\"'`", "'--", "' #\n", "(((", "'or 1", "union ", "union select ",
        ";drop ", "$$'", "q'[", "'/*\"", "/**/'", "1 or ", "'\\", "`'[", "'or(", "union/*", "; ;", "' '\"",
        "or 'a' ", "-", "$a$", "'#\n\"--\n", "union(", ";insert ignore ", "\"or'", "'$$\"", "'or'\\", "'\\'or",
        "''or\"\"", "'or''", "'or\\' ",
    ];
    for unit in units {
        // No time is asserted; a quadratic reading of one unit would keep this test for minutes.
        best(unit.repeat((1 << 16) / unit.len()).as_bytes());
    }
}
