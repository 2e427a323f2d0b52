//! One raw HTTP/1.1 request, read leniently: line ends may be LF, and the rest is the body.

use bytes::Bytes;
use http::Request;

use super::request;

/// The name and the value of a header field.
type Field<'a> = (&'a [u8], &'a [u8]);

/// A request as it was written down.
pub struct RawRequest<'a> {
    method: &'a [u8],
    target: &'a [u8],
    headers: Vec<Field<'a>>,
    body: &'a [u8],
}

/// Why text is no request: the line, from 1, and what is wrong there.
pub type Broken = (usize, &'static str);

impl<'a> RawRequest<'a> {
    /// Reads a request line, header fields, and a body after an empty line.
    pub fn parse(text: &'a [u8]) -> Result<Self, Broken> {
        let mut rest = text;
        let mut words = take_line(&mut rest).split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err((1, "a request begins with its method and its target; write `GET /path HTTP/1.1`"));
        };
        if words.clone().count() > 1 || words.next().is_some_and(|version| !version.starts_with(b"HTTP/1.")) {
            return Err((1, "a request line is a method, a target without blanks, and `HTTP/1.1`"));
        }
        let headers = headers(&mut rest)?;
        if let Some(at) = headers.iter().position(|(name, _)| name.eq_ignore_ascii_case(b"transfer-encoding")) {
            return Err((at + 2, "the body is read as it stands; take the chunks apart, and this field out"));
        }
        Ok(Self { method, target, headers, body: rest })
    }

    /// The request in the words of the `http` crate, or its refusal.
    pub fn build(&self) -> Result<Request<Bytes>, http::Error> {
        request::build(self.method, self.target, self.headers.iter().copied(), Bytes::copy_from_slice(self.body))
    }
}

fn headers<'a>(rest: &mut &'a [u8]) -> Result<Vec<Field<'a>>, Broken> {
    let mut headers = Vec::new();
    for line in 2.. {
        let field = take_line(rest);
        if field.is_empty() {
            break;
        }
        let colon = field.iter().position(|&byte| byte == b':').filter(|&colon| colon > 0);
        let colon = colon.ok_or((line, "a header field is `name: value`; an empty line comes before the body"))?;
        headers.push((&field[..colon], field[colon + 1..].trim_ascii()));
    }
    Ok(headers)
}

/// Takes the first line off, without its end.
fn take_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|&byte| byte == b'\n');
    let line = &rest[..end.unwrap_or(rest.len())];
    *rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
    line.strip_suffix(b"\r").unwrap_or(line)
}
