use super::json::Fallback;
use super::*;

fn json() -> Decoder {
    Decoder::Json(Json::new(&DecodeLimits::default(), Fallback::Text))
}

fn small() -> Decoder {
    Decoder::Json(Json::new(&SMALL, Fallback::Text))
}

#[test]
fn documents_become_names_and_values_under_their_pointers() {
    check(
        json,
        &[
            ("a root string", br#""a\tb""#, &["body =a\\tb"]),
            ("a root number", b" -1.5e3 ", &["body =-1.5e3"]),
            ("true, false and null are no leaves", b"[true,false,null]", &[]),
            ("an object", br#"{"a":"x","b":2}"#, &["body.name /a=a", "body /a=x", "body.name /b=b", "body /b=2"]),
            ("arrays by index", br#"["a",["b",3],"c"]"#, &["body /0=a", "body /1/0=b", "body /1/1=3", "body /2=c"]),
            (
                "after a container the pointer is right",
                br#"{"a":{"b":{}},"c":[[]],"d":"e"}"#,
                &["body.name /a=a", "body.name /a/b=b", "body.name /c=c", "body.name /d=d", "body /d=e"],
            ),
            (
                "marks of pointers are escaped",
                br#"{"a/b~":{"":"x"}}"#,
                &["body.name /a~1b~0=a/b~", "body.name /a~1b~0/=", "body /a~1b~0/=x"],
            ),
            ("escaped keys", br#"{"\u0024ne":1}"#, &["body.name /$ne=$ne", "body /$ne=1"]),
            (
                "escapes",
                br#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#,
                &["body =\\\"\\\\/\\x08\\x0c\\n\\r\\t\\xc3\\xa9\\xf0\\x9f\\x98\\x80"],
            ),
            (
                "the eleventh element",
                b"[1,1,1,1,1,1,1,1,1,1,\"x\"]",
                &[
                    "body /0=1",
                    "body /1=1",
                    "body /2=1",
                    "body /3=1",
                    "body /4=1",
                    "body /5=1",
                    "body /6=1",
                    "body /7=1",
                    "body /8=1",
                    "body /9=1",
                    "body /10=x",
                ],
            ),
            (
                "several documents",
                b"{\"a\":1}\n{\"a\":2}[\"b\"]\n\"c\" 4",
                &["body.name /a=a", "body /a=1", "body.name /a=a", "body /a=2", "body /0=b", "body =c", "body =4"],
            ),
            ("nothing", b" \n", &[]),
        ],
    );
}

#[test]
fn lenient_forms_are_read() {
    check(
        json,
        &[
            ("a byte order mark", b"\xef\xbb\xbf[\"a\"]", &["body /0=a"]),
            ("trailing commas", br#"{"a":["b",],}"#, &["body.name /a=a", "body /a/0=b"]),
            ("single quotes", br#"{'a"':'b\'c'}"#, &["body.name /a\\\"=a\\\"", "body /a\\\"=b\\'c"]),
            ("keys without quotes", b"{a:{$b:'c'}}", &["body.name /a=a", "body.name /a/$b=$b", "body /a/$b=c"]),
            (
                "words of JSON5",
                b"[NaN,Infinity,-Infinity,undefined,+1,.5,0x1F]",
                &["body /2=-Infinity", "body /4=+1", "body /5=.5", "body /6=0x1F"],
            ),
            (
                "comments are read themselves",
                b"[/* one **/\"a\",// two\n\"b\"]//three",
                &["body = one *", "body /0=a", "body = two", "body /1=b", "body =three"],
            ),
            ("line ends inside a string", b"[\"a\nb\"]", &["body /0=a\\nb"]),
            (
                "lone surrogates are replaced",
                br#"["\ud800x","\udc00","\ud800\ud83d\ude00","\ud800"]"#,
                &[
                    "body /0=\\xef\\xbf\\xbdx",
                    "body /1=\\xef\\xbf\\xbd",
                    "body /2=\\xef\\xbf\\xbd\\xf0\\x9f\\x98\\x80",
                    "body /3=\\xef\\xbf\\xbd",
                ],
            ),
            (
                "unknown escapes are kept",
                br#"["\x41\q","\u12","\u00g"]"#,
                &["body /0=\\\\x41\\\\q", "body /1=\\\\u12", "body /2=\\\\u00g"],
            ),
        ],
    );
}

#[test]
fn where_the_grammar_breaks_what_was_read_counts_and_the_rest_is_text() {
    check(
        json,
        &[
            ("words are text from the first byte", b"hello world", &["body =hello world"]),
            ("a word that begins as a literal does", b"nothing new", &["body =nothing new"]),
            ("a template is text from the first brace", b" {{7*7}}", &["body = {{7*7}}"]),
            ("brackets that yielded nothing are text", b"[[${x}]]", &["body =[[${x}]]"]),
            ("a number before words is text again", b"1 or 1=1", &["body =1", "body =1 or 1=1"]),
            (
                "a root string before words is text again",
                br#""a" or "b"="b"#,
                &["body =a", "body =\\\"a\\\" or \\\"b\\\"=\\\"b"],
            ),
            ("from the last string on", br#"{"a":"b" c:"d"}"#, &["body.name /a=a", "body /a=b", "body = c:\\\"d\\\"}"]),
            ("a closer that does not fit", br#"{"a":"b"] x"#, &["body.name /a=a", "body /a=b", "body =] x"]),
            ("a path", b"/etc/passwd", &["body =/etc/passwd"]),
            ("a comma between documents", b"\"a\",\"b\"", &["body =a", "body =\\\"a\\\",\\\"b\\\""]),
            ("a string that breaks off", br#"{"a":"b"#, &["body.name /a=a", "body /a=b"]),
            ("an escape that breaks off", br#"{"a":"b\u00"#, &["body.name /a=a", "body /a=b\\\\u00"]),
            ("a body that is only an opener", b"[{", &["body =[{"]),
            ("a literal that breaks off", b"tru", &["body =tru"]),
            ("a key that breaks off", b"{abc", &["body.name /abc=abc"]),
        ],
    );
}

#[test]
fn odd_documents_are_noticed_and_good_ones_are_not() {
    let rows: &[(&[u8], &[Notice])] = &[
        (br#"{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]} {"a":1}"#, &[]),
        (br#"{"a":1,"\u0061":2}"#, &[Notice::DuplicateKey]),
        (br#"[{"a":{"b":1,"c":2,"b":3}}]"#, &[Notice::DuplicateKey]),
        (b"[1,]", &[Notice::Malformed]),
        (b"['a', NaN // c", &[Notice::Malformed]),
        (b"[\"a\"", &[Notice::Malformed]),
        (b"\"a", &[Notice::Malformed]),
        (b"x", &[Notice::Malformed]),
    ];
    for (body, notices) in rows {
        let told = read(json, body, &[2]);
        assert_eq!(told.notices, *notices, "{}", body.escape_ascii());
        assert!(told.causes.is_empty(), "what is read as text is not unread");
    }
}

#[test]
fn below_the_depth_limit_strings_and_keys_are_still_read() {
    let body = br#"[[[[{"a":"b","c":["d",{"e":'f'}]},1],"g"],"h"],{"i":"j"}]"#;
    let told = read(small, body, &[3]);
    assert_eq!(told.causes, [Cause::Limit]);
    let lines = told.lines();
    assert_eq!(lines[..3], ["body.name /0/0/0=a", "body /0/0/0=b", "body.name /0/0/0=c"]);
    let told =
        read(|| Decoder::Json(Json::new(&DecodeLimits { leaves_max: 100, ..SMALL }, Fallback::Text)), body, &[3]);
    let lines = told.lines();
    for line in
        ["body.name /0/0/0=e", "body /0/0/0=f", "body /0/0/1=g", "body /0/1=h", "body.name /1/i=i", "body /1/i=j"]
    {
        assert!(lines.iter().any(|found| found == line), "{line} in {lines:?}");
    }
}

#[test]
fn ten_million_levels_cost_neither_memory_nor_time() {
    for open in ["[", "{\"a\":"] {
        let mut body = open.repeat(10_000_000 / open.len()).into_bytes();
        body.extend_from_slice(b"\"attack\"");
        let mut sink = Count::default();
        let mut decoder = json();
        decoder.push(&body, &mut sink);
        decoder.end(&mut sink);
        assert!(sink.leaves > 0 && sink.largest <= 65_536);
        assert_eq!(
            sink.causes.iter().filter(|&&cause| cause != Cause::SplitValue).collect::<Vec<_>>(),
            [&Cause::Limit]
        );
    }
}

#[test]
fn past_the_limit_of_leaves_the_rest_is_text() {
    let told = read(small, br#"["1","2","3","4","5","6",7,"8\u0039"]"#, &[4]);
    assert_eq!(told.causes, [Cause::Limit]);
    assert_eq!(told.lines().last().map(String::as_str), Some("body =,7,\\\"8\\\\u0039\\\"]"));
    let told = read(small, br#"["1","2","3","4","5","6"]"#, &[4]);
    assert_eq!(told.causes, []);
}

#[test]
fn a_large_value_comes_in_windows_under_one_pointer() {
    let value = [b"<".as_slice(), &[b'x'; 300], b">"].concat();
    let body = [b"{\"a\":\"\\u003c", &value[1..], b"\"}"].concat();
    let told = read(small, &body, &[100]);
    let values: Vec<_> = told.leaves[1..].iter().map(|leaf| leaf.value.clone()).collect();
    assert_eq!(values, windows(&value, &SMALL));
    assert!(told.leaves[1..].iter().all(|leaf| leaf.name == b"/a"));
}

#[test]
fn long_pointers_are_cut_and_come_back() {
    let told = read(small, br#"{"a long key here":{"b":"c"},"d":"e"}"#, &[5]);
    let lines = told.lines();
    assert_eq!(lines[0], "body.name /a long =a long key here");
    assert_eq!(lines[1..], ["body.name /a long /b=b", "body /a long /b=c", "body.name /d=d", "body /d=e"]);
    assert_eq!(told.causes, [Cause::Limit]);
    let told = read(small, br#"{"a":{"b":{"c":1}}}"#, &[5]);
    assert_eq!(told.causes, []);
}

/// What `serde_json` reads, in the order of the document.
fn leaves_of(value: &serde_json::Value, pointer: &str, leaves: &mut Vec<(String, String)>) {
    match value {
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
        serde_json::Value::Number(number) => leaves.push((pointer.to_owned(), number.to_string())),
        serde_json::Value::String(text) => leaves.push((pointer.to_owned(), text.clone())),
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves_of(item, &format!("{pointer}/{index}"), leaves);
            }
        }
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                leaves.push((format!("name {pointer}"), key.clone()));
                leaves_of(member, &pointer, leaves);
            }
        }
    }
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof!["[a-z/~\"\\\\\n\u{1}é😀]{0,12}", "\\PC{0,20}"];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        text.clone().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// `value` with every character of its strings escaped.
fn escaped(value: &serde_json::Value) -> String {
    let quoted = |text: &str| {
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        format!("\"{units}\"")
    };
    match value {
        serde_json::Value::String(text) => quoted(text),
        serde_json::Value::Array(items) => format!("[{}]", items.iter().map(escaped).collect::<Vec<_>>().join(" ,\t")),
        serde_json::Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(key, member)| format!("{}: {}", quoted(key), escaped(member))).collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn valid_documents_are_read_as_serde_json_reads_them(value in value(), sizes in sizes()) {
        let mut theirs = Vec::new();
        leaves_of(&value, "", &mut theirs);
        for body in [value.to_string(), serde_json::to_string_pretty(&value).unwrap(), escaped(&value)] {
            let told = read(json, body.as_bytes(), &sizes);
            let ours: Vec<(String, String)> = told.leaves.iter().map(|leaf| {
                let name = String::from_utf8(leaf.name.clone()).unwrap();
                let kind = if leaf.aspect == ".name" { "name " } else { "" };
                (format!("{kind}{name}"), String::from_utf8(leaf.value.clone()).unwrap())
            }).collect();
            prop_assert_eq!(&ours, &theirs);
            prop_assert!(told.notices.is_empty() && told.causes.is_empty());
        }
    }

    #[test]
    fn what_serde_json_accepts_is_never_text(body in hostile()) {
        if serde_json::from_slice::<serde_json::Value>(&body).is_ok() {
            let told = read_in(json(), &body, &[]);
            prop_assert!(!told.notices.contains(&Notice::Malformed), "{}", body.escape_ascii());
        }
    }
}
