use futures_util::stream;

use super::*;

fn multipart() -> Decoder {
    Decoder::Multipart(Box::new(Multipart::new(b"B", &DecodeLimits::default())))
}

fn small() -> Decoder {
    Decoder::Multipart(Box::new(Multipart::new(b"B", &DecodeLimits { leaves_max: 10, ..SMALL })))
}

/// The rows, without the leaves of plain dispositions, which would hide the rest.
fn check_parts(rows: &[Row<'_>]) {
    for (name, body, leaves) in rows {
        let told = read(multipart, body, &[2, 3]);
        let lines: Vec<_> =
            told.lines().into_iter().filter(|line| !line.contains(".header.content-disposition")).collect();
        assert_eq!(lines, *leaves, "{name}: `{}`", body.escape_ascii());
    }
}

#[test]
fn parts_are_fields_and_files() {
    let body =
        b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--B\r\nCONTENT-DISPOSITION:form-data; \
        name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\n\r\n--B--\r\n";
    let told = read(multipart, body, &[7]);
    assert_eq!(
        told.lines(),
        [
            "part.name a=a",
            "part.header.content-disposition a=form-data; name=\\\"a\\\"",
            "part a=1\\r\\n2",
            "part.name f=f",
            "part.filename f=x.txt",
            "part.header.content-disposition f=form-data; name=\\\"f\\\"; filename=\\\"x.txt\\\"",
            "part.header.content-type f=text/plain",
            "part f=",
        ]
    );
    assert_eq!(told.leaves.iter().filter(|leaf| leaf.place == Place::File).count(), 4);
    assert!(told.notices.is_empty() && told.causes.is_empty(), "{told:?}");
}

#[test]
fn a_part_that_is_json_is_read_as_that_too() {
    let part = |kind: &str, content: &str| format!("--B\r\nContent-Type: {kind}\r\n\r\n{content}\r\n--B--\r\n");
    let content = r#"{"a":["../x"]}"#;
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/ld+json"] {
        let told = read(multipart, part(kind, content).as_bytes(), &[1, 7]);
        let lines = told.lines();
        assert_eq!(lines[1..], ["body.name /a=a", "body /a/0=../x", r#"part ={\"a\":[\"../x\"]}"#], "{kind}");
    }
    let told = read(multipart, part("text/plain", content).as_bytes(), &[7]);
    assert_eq!(told.lines()[1..], [r#"part ={\"a\":[\"../x\"]}"#]);
    // What is none is the part's text, as before.
    let told = read(multipart, part("application/json", "no json").as_bytes(), &[7]);
    assert_eq!(told.lines()[1..], ["part =no json"]);
    assert!(told.notices.is_empty() && told.causes.is_empty(), "{told:?}");
}

#[test]
fn where_parts_begin_and_end() {
    check_parts(&[
        (
            "text before and after is read",
            b"pre\r\n--B\r\n\r\nx\r\n--B--\r\npost",
            &["body =pre\\r\\n", "part =x", "body =post"],
        ),
        ("the last boundary may be missing", b"--B\r\n\r\nx", &["part =x"]),
        ("a boundary may be the last thing", b"--B\r\n\r\nx\r\n--B", &["part =x"]),
        (
            "a part of a boundary is content",
            b"--B\r\n\r\nx\r\n-\r\n--\r\n--C\r\n--B--",
            &["part =x\\r\\n-\\r\\n--\\r\\n--C"],
        ),
        (
            "a longer line is no boundary",
            b"--B\r\n\r\nx\r\n--Bx\r\n--B-\r\n--B--",
            &["part =x", "part =x\\r\\n--Bx\\r\\n--B-"],
        ),
        ("white space may follow a boundary", b"--B \t\r\n\r\nx\r\n--B  \r\n\r\ny\r\n--B--", &["part =x", "part =y"]),
        ("bare line feeds from the first line on", b"--B\n\nx\n--B\n\ny\n--B--\n", &["part =x", "part =y"]),
        ("without a boundary all is text", b"a=1\r\n--C\r\n", &["body =a=1\\r\\n--C\\r\\n"]),
        ("a boundary in the midst of text", b"xx--B\r\n\r\ny\r\n--B--", &["body =xx", "part =y"]),
        ("a part after the last", b"--B\r\n\r\nx\r\n--B--\r\n--B\r\n\r\ny\r\n--B--", &["part =x", "part =y"]),
        (
            "headers without a blank line",
            b"--B\r\nA: b\r\n--B\r\n\r\nx\r\n--B--",
            &["part.header.a =b", "part =", "part =x"],
        ),
        ("headers that break off", b"--B\r\nA: b", &["part.header.a =b", "part ="]),
        ("a line without a colon", b"--B\r\nnonsense\r\n\r\nx\r\n--B--", &["part.header. =nonsense", "part =x"]),
        ("folded headers", b"--B\r\nA: b\r\n\tc\r\n\r\nx\r\n--B--", &["part.header.a =b c", "part =x"]),
    ]);
}

#[test]
fn a_boundary_that_only_some_see_is_read_both_ways() {
    let told = read_in(multipart(), b"--B\r\nA: b\r\n\r\nx\n--B\r\n\r\ny\r\n--B--", &[]);
    let (lines, _, notices) = told.sorted();
    assert_eq!(lines, ["part =x\\n--B\\r\\n\\r\\ny", "part =y", "part.header.a =b"]);
    assert_eq!(notices, ["bare_line_feed"]);
    // The line end after it is still that of a boundary which all see.
    let told = read_in(multipart(), b"--B\r\n\r\nx\n--B\r\n--B\r\n\r\ny\r\n--B--", &[]);
    assert!(told.lines().contains(&"part =x\\n--B".to_owned()), "{told:?}");
    // A part without content may lack its own line end.
    let told = read_in(multipart(), b"--B\r\nA: b\r\n\r\n--B\r\nA: c\r\n\r\ny\r\n--B--", &[]);
    assert!(told.lines().contains(&"part.header.a =c".to_owned()), "{told:?}");
}

#[test]
fn headers_that_only_some_see_end_are_read_both_ways() {
    for (what, headers) in [
        ("a blank line without a carriage return", "A: b\r\n\n"),
        ("line feeds alone", "A: b\n\n"),
        ("a carriage return on the blank line only", "A: b\n\r\n"),
        ("no headers", "\r\n"),
    ] {
        let body = format!("--B\r\n{headers}junk\r\n\r\nx\r\n--B--");
        let lines = read(multipart, body.as_bytes(), &[1, 3]).lines();
        assert_eq!(lines[lines.len() - 2..], ["part =junk\\r\\n\\r\\nx", "part =x"], "{what}");
    }
}

/// Names and file names of one disposition.
fn readings(disposition: &str) -> (Vec<String>, Vec<Notice>) {
    let body = format!("--B\r\nContent-Disposition: {disposition}\r\n\r\n\r\n--B--");
    let told = read(multipart, body.as_bytes(), &[5]);
    let lines = told.leaves.iter().filter(|leaf| leaf.aspect == ".name" || leaf.aspect == ".filename");
    let line = |leaf: &Owned| format!("{}={}", leaf.aspect, String::from_utf8_lossy(&leaf.value));
    (lines.map(line).collect(), told.notices)
}

#[test]
fn every_name_that_some_reader_takes_is_read() {
    let rows: &[(&str, &str, bool, &[&str])] = &[
        ("plain", r#"form-data; name="a""#, false, &[".name=a"]),
        ("unquoted", "form-data; name=a; filename=b.txt", false, &[".name=a", ".filename=b.txt"]),
        ("unquoted with a space", "form-data; name=a b", false, &[".name=a", ".name=a b"]),
        ("in capitals", r#"Form-Data; NAME="a""#, false, &[".name=a"]),
        ("escaped quotes", r#"form-data; name="a\"b""#, false, &[".name=a\"b"]),
        (
            "a path of Windows",
            r#"form-data; name="a"; filename="C:\new\x.txt""#,
            false,
            &[".name=a", r".filename=C:\new\x.txt", ".filename=C:newx.txt"],
        ),
        ("two names", r#"form-data; name="a"; name="b""#, true, &[".name=a", ".name=b"]),
        (
            "two file names",
            r#"form-data; name=a; filename="x"; filename="y""#,
            true,
            &[".name=a", ".filename=x", ".filename=y"],
        ),
        (
            "an extended file name",
            "form-data; name=a; filename=x; filename*=UTF-8''%2e%2E%2fy",
            true,
            &[".name=a", ".filename=x", ".filename=../y"],
        ),
        (
            "a file name in sections",
            "form-data; name=a; filename*0=\"x.\"; filename*1*=%70hp",
            true,
            &[".name=a", ".filename=x.php"],
        ),
        (
            "a semicolon inside quotes",
            r#"form-data; name="a;b"; filename="c;d""#,
            false,
            &[".name=a;b", ".filename=c;d"],
        ),
        ("a quote that is never closed", r#"form-data; name="a"#, false, &[".name=a"]),
        (
            "a name inside another value",
            r#"form-data; filename="x; name=y"; name="a""#,
            false,
            &[".name=y\"", ".name=a", ".filename=x; name=y"],
        ),
        ("no name", "form-data", false, &[]),
        ("an empty file name", r#"form-data; name="a"; filename="""#, false, &[".name=a", ".filename="]),
    ];
    for (name, disposition, is_ambiguous, expected) in rows {
        let (found, notices) = readings(disposition);
        assert_eq!(found, *expected, "{name}: {disposition}");
        assert_eq!(notices.contains(&Notice::AmbiguousPart), *is_ambiguous, "{name}: {disposition}");
    }
}

#[test]
fn content_that_declares_an_encoding_is_read_decoded_too() {
    check_parts(&[
        (
            "base64",
            b"--B\r\nContent-Transfer-Encoding: Base64\r\n\r\nPHNjcmlw\r\ndD4=\r\n--B--",
            &["part.header.content-transfer-encoding =Base64", "part =PHNjcmlw\\r\\ndD4=", "part =<script>"],
        ),
        (
            "quoted-printable",
            b"--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=3Cb=\r\n>=zz\r\n--B--",
            &["part.header.content-transfer-encoding =quoted-printable", "part ==3Cb=\\r\\n>=zz", "part =<b>=zz"],
        ),
        (
            "wide characters",
            b"--B\r\nContent-Type: text/plain; charset=\"UTF-16BE\"\r\n\r\n\0<\0b\r\n--B--",
            &["part.header.content-type =text/plain; charset=\\\"UTF-16BE\\\"", "part =\\x00<\\x00b", "part =<b"],
        ),
    ]);
    let told = read(multipart, b"--B\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+ADw-\r\n--B--", &[3]);
    assert_eq!((told.causes, told.notices), (vec![Cause::Undecodable], vec![Notice::UnusualCharset]));
}

#[test]
fn past_a_limit_everything_is_still_read() {
    let part = b"--B\r\nA: b\r\n\r\nxyz\r\n";
    let told = read(small, &part.repeat(10), &[3]);
    assert_eq!(told.causes, [Cause::Limit, Cause::SplitValue]);
    let all: Vec<u8> = told.leaves.iter().flat_map(|leaf| leaf.value.clone()).collect();
    assert_eq!(memchr::memmem::find_iter(&all, b"xyz").count(), 10);

    let body = [b"--B\r\nA: b\r\n".as_slice(), b"X: y", &[b'z'; 200], b"\r\n\r\ncontent\r\n--B--"].concat();
    let told = read(small, &body, &[3]);
    assert_eq!(told.causes, [Cause::Limit, Cause::SplitValue]);
    assert!(told.leaves.iter().any(|leaf| leaf.value.ends_with(b"content")));
    assert!(told.leaves.iter().any(|leaf| leaf.value.starts_with(b"X: yzz")));
}

#[test]
fn hostile_bodies_are_read_in_linear_time() {
    let bodies = [
        b"--B\r\n\r\nx\r\n".repeat(100_000),
        [b"--B\r\n".as_slice(), &b"a: b\r\n".repeat(100_000)].concat(),
        [b"--B\r\n\r\n".as_slice(), &b"\r\n-".repeat(300_000)].concat(),
        [b"--B\r\n\r\n".as_slice(), &b"\r\n--B-".repeat(100_000)].concat(),
        [b"--B\r\n\r\n".as_slice(), &b"\n--B\r\n".repeat(100_000)].concat(),
        [b"--B\r\n\r\n\r\n--B".as_slice(), &b" ".repeat(300_000)].concat(),
        b"-".repeat(1_000_000),
    ];
    for boundary in [b"B".to_vec(), b"-".repeat(70), b"-".repeat(70).into_iter().chain([b'B']).collect()] {
        for body in &bodies {
            for size in [1, body.len()] {
                let mut decoder = Decoder::Multipart(Box::new(Multipart::new(&boundary, &DecodeLimits::default())));
                let mut sink = Count::default();
                body.chunks(size).for_each(|chunk| decoder.push(chunk, &mut sink));
                decoder.end(&mut sink);
                assert!(sink.leaves > 0 && sink.largest <= 65_536 && sink.bytes <= 4 * body.len());
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Field {
    name: Option<String>,
    filename: Option<String>,
    content: Vec<u8>,
}

/// What axum's reader takes from the body, up to its first error.
fn fields_of(body: &[u8], boundary: &str) -> (Vec<Field>, bool) {
    let body = bytes::Bytes::copy_from_slice(body);
    let mut reader = multer::Multipart::new(stream::iter([Ok::<_, std::io::Error>(body)]), boundary);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut fields = Vec::new();
    loop {
        match runtime.block_on(reader.next_field()) {
            Ok(Some(field)) => {
                let (name, filename) = (field.name().map(str::to_owned), field.file_name().map(str::to_owned));
                match runtime.block_on(field.bytes()) {
                    Ok(content) => fields.push(Field { name, filename, content: content.to_vec() }),
                    Err(_) => return (fields, false),
                }
            }
            Ok(None) => return (fields, true),
            Err(_) => return (fields, false),
        }
    }
}

fn body_of(parts: &[(String, Option<String>, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    let quote = |text: &str| text.replace('"', "\\\"");
    for (name, filename, content) in parts {
        body.extend_from_slice(b"--B\r\nContent-Disposition: form-data; name=\"");
        body.extend_from_slice(quote(name).as_bytes());
        if let Some(filename) = filename {
            body.extend_from_slice(format!("\"; filename=\"{}", quote(filename)).as_bytes());
        }
        body.extend_from_slice(b"\"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--B--\r\n");
    body
}

proptest! {
    #[test]
    fn valid_bodies_are_read_as_multer_reads_them(
        parts in prop::collection::vec(
            ("[a-z\"é ;=]{0,8}", prop::option::of("[a-z\"./ ]{0,8}"),
             prop::collection::vec(prop::sample::select(b"ab-\r\n \x00\xff".to_vec()), 0..30)),
            1..5,
        ),
        sizes in sizes(),
    ) {
        let body = body_of(&parts);
        let (theirs, is_whole) = fields_of(&body, "B");
        prop_assert!(is_whole);
        let told = read(multipart, &body, &sizes);
        let contents: Vec<_> = told.leaves.iter().filter(|leaf| leaf.aspect.is_empty()).collect();
        prop_assert_eq!(contents.len(), theirs.len());
        for (ours, field) in contents.iter().zip(&theirs) {
            prop_assert_eq!(&ours.value, &field.content);
            prop_assert_eq!(&ours.name, field.name.as_deref().unwrap_or_default().as_bytes());
            prop_assert_eq!(ours.place == Place::File, field.filename.is_some());
        }
        for filename in theirs.iter().filter_map(|field| field.filename.as_deref()) {
            let has = |leaf: &Owned| leaf.aspect == ".filename" && leaf.value == filename.as_bytes();
            prop_assert!(told.leaves.iter().any(has), "{}", filename);
        }
    }

    #[test]
    fn whatever_multer_reads_is_read(tail in hostile(), more in hostile(), sizes in sizes()) {
        let body = [b"--B\r\nContent-Disposition: form-data; ".as_slice(), &tail, b"\r\n\r\n", &more, b"\r\n--B--"].concat();
        let (theirs, _) = fields_of(&body, "B");
        let told = read_in(multipart(), &body, &sizes);
        // Behind a boundary with more bytes on its line multer reads on as we do not; what it finds
        // there has no name as a rule.
        for field in theirs.into_iter().filter(|field| field.name.is_some()) {
            // It may take for headers what others take for the beginning of the content.
            let ours = told.leaves.iter().filter(|leaf| leaf.aspect.is_empty() && leaf.value.ends_with(&field.content));
            prop_assert!(ours.count() > 0, "{:?} of `{}`: {:?}", field, body.escape_ascii(), told);
            if let Some(name) = field.name {
                let has = |leaf: &Owned| leaf.aspect == ".name" && leaf.value == name.as_bytes();
                prop_assert!(told.leaves.iter().any(has), "{} of `{}`", name, body.escape_ascii());
            }
        }
    }
}
