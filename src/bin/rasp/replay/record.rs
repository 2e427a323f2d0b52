//! Corpora: one labelled request a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use bytes::Bytes;
use http::Request;
use serde::Deserialize;

use super::base64;
use crate::failure::Failure;
use crate::request;

/// How long one line may be.
const LINE_BYTES_MAX: u64 = 256 << 20;

/// One labelled request. Unknown keys are fine, and so are unknown values.
#[derive(Deserialize)]
pub struct Record {
    pub id: String,
    pub label: String,
    pub class: Option<String>,
    pub placement: Option<String>,
    pub list: Option<String>,
    pub quality: Option<String>,
    method: String,
    target: String,
    headers: Option<Vec<(String, String)>>,
    body: Option<String>,
    body_b64: Option<String>,
    /// The bytes of the body.
    #[serde(skip)]
    bytes: Bytes,
}

impl Record {
    fn parse(line: &[u8]) -> Result<Self, String> {
        let mut record: Self = serde_json::from_slice(line).map_err(|error| {
            // The error counts lines too, and knows of one only.
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or(&text);
            let mend = "a record is one JSON object a line, with id, label, method and target at the least";
            format!("{text} (column {}); {mend}", error.column())
        })?;
        record.bytes = match (record.body.take(), record.body_b64.take()) {
            (Some(_), Some(_)) => return Err("a record has either `body` or `body_b64`, and not both".into()),
            (None, Some(text)) => base64::decode(&text).ok_or("`body_b64` is no base64")?.into(),
            (Some(text), None) => text.into_bytes().into(),
            (None, None) => Bytes::new(),
        };
        Ok(record)
    }

    /// The request, or the refusal of the `http` crate.
    pub fn request(&self) -> Result<Request<Bytes>, http::Error> {
        let headers = self.headers.iter().flatten().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        request::build(self.method.as_bytes(), self.target.as_bytes(), headers, self.bytes.clone())
    }

    /// The part of the id before the first slash.
    pub fn source(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    pub fn class(&self) -> &str {
        self.class.as_deref().unwrap_or("(none)")
    }

    pub fn placement(&self) -> &str {
        self.placement.as_deref().unwrap_or("(none)")
    }
}

/// The records of one corpus, read as they are asked for, each with the bytes of its line.
pub struct Records {
    name: String,
    file: BufReader<File>,
    line: usize,
    buffer: Vec<u8>,
}

impl Records {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| Failure::of_file(path, &error))?;
        Ok(Self { name: path.display().to_string(), file: BufReader::new(file), line: 0, buffer: Vec::new() })
    }

    fn wrong(&self, what: impl std::fmt::Display) -> Failure {
        Failure::Wrong(format!("{}:{}: {what}", self.name, self.line))
    }

    /// The next line that is not blank; none at the end.
    fn read(&mut self) -> Result<Option<(Record, u64)>, Failure> {
        let mut bytes = 0;
        loop {
            self.line += 1;
            self.buffer.clear();
            let line = (&mut self.file).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.buffer);
            let read = line.map_err(|error| self.wrong(error))? as u64;
            bytes += read;
            if read == 0 {
                return Ok(None);
            }
            if read == LINE_BYTES_MAX {
                return Err(self.wrong("the line is longer than 256 MiB"));
            }
            if !self.buffer.trim_ascii().is_empty() {
                let record = Record::parse(&self.buffer).map_err(|what| self.wrong(what))?;
                return Ok(Some((record, bytes)));
            }
        }
    }
}

impl Iterator for Records {
    type Item = Result<(Record, u64), Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
