use super::*;

fn read_body(content_types: &[&[u8]], limits: &DecodeLimits, body: &[u8], sizes: &[usize]) -> Told {
    let mut told = Told::default();
    let mut decoder = BodyDecoder::new(content_types, limits, &mut told);
    let mut rest = body;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().map_or(rest.len(), |&size| size.clamp(1, rest.len()));
        let (chunk, next) = rest.split_at(size);
        decoder.push(chunk, &mut told);
        rest = next;
    }
    decoder.end(&mut told);
    told
}

/// A row: a sentence, the content types, the body, and the leaves in no order.
type BodyRow<'a> = (&'a str, &'a [&'a str], &'a [u8], &'a [&'a str]);

fn check_bodies(rows: &[BodyRow<'_>]) {
    for (name, types, body, leaves) in rows {
        let types: Vec<&[u8]> = types.iter().map(|name| name.as_bytes()).collect();
        let mut expected: Vec<_> = leaves.iter().map(|&leaf| leaf.to_owned()).collect();
        expected.sort_unstable();
        for sizes in [&[][..], &[1], &[3]] {
            let told = read_body(&types, &DecodeLimits::default(), body, sizes);
            assert_eq!(told.sorted().0, expected, "{name}: `{}` in {sizes:?}", body.escape_ascii());
            assert!(told.causes.is_empty(), "{name}");
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn the_declared_type_is_read_and_what_the_bytes_look_like_too() {
    check_bodies(&[
        ("a form", &[FORM], b"a=1", &["form.name a=a", "form a=1"]),
        (
            "a form in capitals with a charset",
            &["Application/X-WWW-Form-URLEncoded; Charset=UTF-8"],
            b"a=1",
            &["form.name a=a", "form a=1"],
        ),
        (
            "JSON that calls itself a form",
            &[FORM],
            b" {\"a\":1}",
            &["form.name  {\\\"a\\\":1}= {\\\"a\\\":1}", "form  {\\\"a\\\":1}=", "body.name /a=a", "body /a=1"],
        ),
        ("JSON", &["application/json"], b"[\"a\"]", &["body /0=a"]),
        ("JSON of a vendor", &["application/vnd.api+json;v=1"], b"[\"a\"]", &["body /0=a"]),
        ("what is no JSON is text", &["application/json"], b"<a>", &["body =<a>"]),
        ("text", &["text/plain"], b"hello", &["body =hello"]),
        ("JSON as text", &["text/plain"], b"[\"a\"]", &["body /0=a", "body =[\\\"a\\\"]"]),
        ("a form as text", &["text/plain"], b"a=1", &["form.name a=a", "form a=1", "body =a=1"]),
        ("no type", &[], b"a=1", &["form.name a=a", "form a=1", "body =a=1"]),
        ("an empty type", &[""], b"x y", &["body =x y"]),
        ("XML is text for now", &["application/soap+xml"], b"<a/>", &["body =<a/>"]),
        ("a lying type with JSON", &["image/png"], b"[\"a\"]", &["body /0=a"]),
        ("a lying type with a form", &["application/octet-stream"], b"q=1", &["form.name q=q", "form q=1"]),
        ("a lying type with text", &["application/octet-stream"], b"select it", &["body =select it"]),
        ("a lying type with XML", &["application/octet-stream"], b"<a/>", &["body =<a/>"]),
        (
            "a lying type with parts",
            &["image/png"],
            b"--b\r\nContent-Type: x\r\n\r\ny\r\n--b--",
            &["part.header.content-type =x", "part =y"],
        ),
        ("two types are both read", &["application/json", FORM], b"a=1", &["form.name a=a", "form a=1"]),
        ("two types in one header", &["text/plain, application/json"], b"[1]", &["body /0=1", "body =[1]"]),
        ("multipart", &["multipart/form-data; boundary=b"], b"--b\r\n\r\nx\r\n--b--", &["part =x"]),
        (
            "a quoted boundary",
            &["multipart/form-data; charset=utf-8; BOUNDARY = \"b;c\""],
            b"--b;c\r\n\r\nx\r\n--b;c--",
            &["part =x"],
        ),
        (
            "a boundary from the first line",
            &["multipart/form-data"],
            b"--b\r\nContent-Type: x\r\n\r\ny\r\n--b--",
            &["part.header.content-type =x", "part =y"],
        ),
        (
            "front matter is no multipart",
            &["text/markdown"],
            b"---\ntitle: x\n---\n",
            &["body =---\\ntitle: x\\n---\\n"],
        ),
        (
            "parts that are called so, and are JSON",
            &["multipart/form-data; boundary=b"],
            b"[\"a\"]",
            &["body /0=a", "body =[\\\"a\\\"]"],
        ),
        ("JSON that is a form", &["application/json"], b"a=1", &["form.name a=a", "form a=1"]),
        ("pairs with an odd name", &[], b"a b=1", &["form.name a b=a b", "form a b=1", "body =a b=1"]),
        (
            "pairs without a first name",
            &["text/plain"],
            b"=&a=1",
            &["form.name =", "form =", "form.name a=a", "form a=1", "body ==&a=1"],
        ),
        (
            "a boundary behind a backslash",
            &["multipart/form-data; a=\"\\\"; boundary=b; c=\"d\""],
            b"--b\r\nA: b\r\n\r\nx\r\n--b--",
            &["part.header.a =b", "part =x"],
        ),
        ("nothing at all", &["image/png"], b"", &[]),
        (
            "UTF-16 that is declared",
            &["application/json; charset=utf-16be"],
            b"\0[\0\"\0a\0\"\0]",
            &["body /0=a", "body =\\x00[\\x00\\\"\\x00a\\x00\\\"\\x00]"],
        ),
        (
            "UTF-16 that shows itself",
            &["application/json"],
            b"\xff\xfe[\0\"\0a\0\"\0]\0",
            &["body /0=a", "body =\\xff\\xfe[\\x00\\\"\\x00a\\x00\\\"\\x00]\\x00"],
        ),
    ]);
}

#[test]
fn white_space_before_a_body_hides_nothing() {
    let body = [&[b' '; 5_000][..], b"[\"a\"]"].concat();
    for types in [&[b"text/plain".as_slice()][..], &[b"application/octet-stream"], &[FORM.as_bytes()], &[]] {
        for sizes in [&[][..], &[1], &[700]] {
            let told = read_body(types, &DecodeLimits::default(), &body, sizes);
            assert!(told.lines().contains(&"body /0=a".to_owned()), "{types:?} in {sizes:?}");
        }
    }
}

#[test]
fn a_quoted_boundary_with_a_backslash_is_read_as_all_readers_take_it() {
    let body = b"--b\\\r\nA: b\r\n\r\nx\r\n--b\\--";
    let told = read_body(&[b"multipart/form-data; boundary=\"b\\\""], &DecodeLimits::default(), body, &[]);
    assert!(told.lines().contains(&"part =x".to_owned()), "{told:?}");
    assert!(told.notices.contains(&Notice::TwoBoundaries), "{told:?}");
}

#[test]
fn a_long_boundary_is_one() {
    let boundary = "b".repeat(3_000);
    let header = format!("multipart/form-data; boundary={boundary}");
    let body = format!("--{boundary}\r\nA: b\r\n\r\nx\r\n--{boundary}--");
    let told = read_body(&[header.as_bytes()], &DecodeLimits::default(), body.as_bytes(), &[7]);
    assert_eq!(told.lines(), ["part.header.a =b", "part =x"]);
}

#[test]
fn a_value_in_windows_is_said_to_be_split() {
    let limits = DecodeLimits { leaf_bytes_max: 64, ..DecodeLimits::default() };
    for (length, causes) in [(64, &[][..]), (65, &[Cause::SplitValue])] {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(length));
        let told = read_body(&[b"application/json"], &limits, body.as_bytes(), &[9]);
        assert_eq!(told.causes, causes, "{length} bytes");
    }
}

#[test]
fn what_no_decoder_knows_is_said_to_be_unread() {
    for body in [b"\x89PNG\r\n\x1a\n\0\0".as_slice(), b"\x08\x96\x01", b"\xff\xd8\xff\xe0\0"] {
        let told = read_body(&[b"application/octet-stream"], &DecodeLimits::default(), body, &[2]);
        let values: Vec<&[u8]> = told.leaves.iter().map(|leaf| &*leaf.value).collect();
        assert_eq!((values, told.causes), (vec![body], vec![Cause::UnknownType]));
    }
}

#[test]
fn two_boundaries_are_noticed_and_both_read() {
    let body = b"--a\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n--a--";
    for types in [
        &[b"multipart/form-data; boundary=a; boundary=b".as_slice()][..],
        &[b"multipart/form-data; boundary=a", b"multipart/form-data; boundary=\"b\""],
    ] {
        let told = read_body(types, &DecodeLimits::default(), body, &[4]);
        assert!(told.notices.contains(&Notice::TwoBoundaries));
        assert!(told.leaves.iter().any(|leaf| leaf.value == b"y"), "{told:?}");
        assert!(told.leaves.iter().any(|leaf| leaf.value.starts_with(b"x\r\n--b")), "{told:?}");
    }
    let told = read_body(&[b"multipart/form-data; boundary=a; boundary=a"], &DecodeLimits::default(), body, &[4]);
    assert!(!told.notices.contains(&Notice::TwoBoundaries));
}

#[test]
fn many_boundaries_are_bounded() {
    let header: String = (0..100).map(|index| format!(";boundary=b{index}")).collect();
    let told = read_body(&[format!("multipart/form-data{header}").as_bytes()], &DecodeLimits::default(), b"x", &[]);
    assert_eq!(told.causes, [Cause::Limit]);
    assert!(told.leaves.len() <= 4);
}

#[test]
fn charsets_that_hide_ascii_are_said_to_be_unread() {
    for charset in ["utf-7", "IBM037", "iso-2022-kr"] {
        let header = format!("text/plain; charset=utf-8; charset={charset}");
        let told = read_body(&[header.as_bytes()], &DecodeLimits::default(), b"+ADw-", &[]);
        assert_eq!((told.causes, told.notices), (vec![Cause::Undecodable], vec![Notice::UnusualCharset]));
        assert_eq!(told.leaves.len(), 1, "and are read as they are");
    }
}

proptest! {
    #[test]
    fn what_is_decided_does_not_depend_on_chunks(
        kind in prop::sample::select(vec![
            "", "text/plain", "application/json", FORM, "image/png", "multipart/form-data", "multipart/form-data; boundary=B",
            "text/plain; charset=utf-16", "application/xml, application/json",
        ]),
        body in hostile(), lead in prop::sample::select(vec![0, 126, 128, 500, 511, 512]), sizes in sizes(),
    ) {
        let body = [vec![b' '; lead / 2], vec![b'a'; lead / 2], body].concat();
        let whole = read_body(&[kind.as_bytes()], &SMALL, &body, &[]).sorted();
        for sizes in [&[1], &sizes[..]] {
            prop_assert_eq!(&whole, &read_body(&[kind.as_bytes()], &SMALL, &body, sizes).sorted());
        }
    }
}
