use super::cookie::cookies;
use super::path::path_segments;
use super::*;

fn cookie_lines(raw: &[u8]) -> Vec<String> {
    let mut told = Told::default();
    cookies(raw, &DecodeLimits::default(), &mut told);
    told.lines()
}

#[test]
fn cookies_are_pairs_and_quotes_come_off_as_a_further_reading() {
    let rows: &[Row<'_>] = &[
        ("pairs", b"a=1; b=2", &["cookie.name a=a", "cookie a=1", "cookie.name b=b", "cookie b=2"]),
        ("a value keeps its equals signs", b"a=b=c==", &["cookie.name a=a", "cookie a=b=c=="]),
        ("without a name", b"token;;", &["cookie =token"]),
        ("quoted", b"a=\"x y\"", &["cookie.name a=a", "cookie a=\\\"x y\\\"", "cookie a=x y"]),
        ("escapes stay for the views", b"a=%27", &["cookie.name a=a", "cookie a=%27"]),
        ("one quote is no pair of them", b"a=\"", &["cookie.name a=a", "cookie a=\\\""]),
    ];
    for (name, raw, leaves) in rows {
        assert_eq!(cookie_lines(raw), *leaves, "{name}");
    }
}

#[test]
fn past_the_limit_cookies_are_read_as_one_value() {
    let mut told = Told::default();
    cookies(b"a=1;b=2;c=3;d=4;e=5", &SMALL, &mut told);
    assert_eq!(told.causes, [Cause::Limit]);
    assert_eq!(told.lines().last().map(String::as_str), Some("cookie =d=4;e=5"));
}

/// A row: a sentence, the path, the template, and the leaves.
type PathRow<'a> = (&'a str, &'a [u8], Option<&'a str>, &'a [&'a str]);

#[test]
fn a_path_is_read_whole_then_by_segments_under_their_parameters() {
    let rows: &[PathRow<'_>] = &[
        (
            "without a template segments have no name",
            b"/users/1%27",
            None,
            &["path =/users/1%27", "path =users", "path =1\\'"],
        ),
        (
            "a parameter names its segment",
            b"/users/7",
            Some("/users/{id}"),
            &["path =/users/7", "path =users", "path id=7"],
        ),
        (
            "what is beside a parameter is left off",
            b"/f/a.json",
            Some("/f/{name}.json"),
            &["path =/f/a.json", "path =f", "path name=a"],
        ),
        (
            "a wildcard is emitted whole and in segments",
            b"/f/a/..%2Fb",
            Some("/f/{*rest}"),
            &["path =/f/a/..%2Fb", "path =f", "path rest=a/../b", "path rest=a", "path rest=../b"],
        ),
        ("a template that does not fit names nothing", b"/a/b", Some("/c/{id}"), &["path =/a/b", "path =a", "path =b"]),
        (
            "a template of another length does not fit",
            b"/a/b",
            Some("/a/b/{id}"),
            &["path =/a/b", "path =a", "path =b"],
        ),
        ("empty segments are none", b"//a//", None, &["path =//a//", "path =a"]),
        ("the root has no segments", b"/", Some("/"), &["path =/"]),
        ("an empty path is whole all the same", b"", None, &["path ="]),
        ("odd braces are harmless", b"/x", Some("/}{"), &["path =/x", "path =x"]),
    ];
    for (name, raw, template, leaves) in rows {
        let mut told = Told::default();
        path_segments(raw, *template, &mut told);
        assert_eq!(told.lines(), *leaves, "{name}");
    }
}
