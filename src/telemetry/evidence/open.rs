//! Reading evidence again: what `rasp evidence` does.

use age::DecryptError;
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use serde_json::{Map, Value};

use crate::build_error::BuildError;
use crate::telemetry::names;

/// The secret keys of an identity file, as `age-keygen` and `rasp evidence keygen` write it.
pub struct EvidenceKeys(Vec<Identity>);

impl EvidenceKeys {
    /// The keys in the text of an identity file.
    ///
    /// # Errors
    ///
    /// When there is none in it, or a line is none. Nothing of the text is in the error.
    pub fn from_text(text: &str) -> Result<Self, BuildError> {
        if text.starts_with("age-encryption.org/v1") || text.starts_with("-----BEGIN AGE") {
            return Err(BuildError::new("the key itself is encrypted").mend("decrypt it first: `age -d FILE`"));
        }
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = line.parse().map_err(|_| {
                BuildError::new("this is no secret key of age")
                    .at_line(index + 1)
                    .mend("a line is `AGE-SECRET-KEY-1..` or begins with `#`; the public key opens nothing")
            })?;
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(BuildError::new("there is no key in it").mend("`rasp evidence keygen FILE` makes one"));
        }
        Ok(Self(keys))
    }

    /// Makes a key: the text of its identity file, and the public key.
    #[must_use]
    pub fn generate() -> (String, String) {
        let key = Identity::generate();
        let public = key.to_public().to_string();
        (format!("# public key: {public}\n{}\n", key.to_string().expose_secret()), public)
    }
}

/// One line of evidence, still encrypted.
pub struct SealedEvidence {
    /// The incident id.
    pub incident: String,
    /// What stands in clear beside it.
    clear: Map<String, Value>,
    sealed: String,
}

impl SealedEvidence {
    /// Reads a line that [`EvidenceLines`](crate::EvidenceLines) wrote.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn from_line(line: &[u8]) -> Result<Self, BuildError> {
        let no_evidence = || BuildError::new("this is no line of evidence").mend("it was cut, or is of something else");
        let mut clear: Map<String, Value> = serde_json::from_slice(line).map_err(|_| no_evidence())?;
        let Some(Value::String(sealed)) = clear.remove("evidence") else { return Err(no_evidence()) };
        let incident = clear.get(names::ATTRIBUTE_REQUEST_ID).and_then(Value::as_str).ok_or_else(no_evidence)?;
        Ok(Self { incident: incident.to_owned(), clear, sealed })
    }

    /// Decrypts it: the document.
    ///
    /// # Errors
    ///
    /// When no key opens it, or when it was changed: what stands in clear too.
    pub fn open(&self, keys: &EvidenceKeys) -> Result<Value, BuildError> {
        let changed =
            || BuildError::new("the evidence was changed or cut").mend("take the file from where it was written");
        let plain = keys.decrypt(self.sealed.as_bytes()).map_err(|error| match error {
            DecryptError::NoMatchingKeys => BuildError::new("the key does not open it: it was encrypted to another")
                .mend("give the file of the key whose public half the service has"),
            _ => changed(),
        })?;
        let document: Value = serde_json::from_slice(&plain).map_err(|_| changed())?;
        // What stands in clear is nobody's word.
        let holds = self.clear.iter().all(|(key, value)| document.get(key) == Some(value));
        if holds { Ok(document) } else { Err(changed()) }
    }
}

impl EvidenceKeys {
    fn decrypt(&self, sealed: &[u8]) -> Result<Vec<u8>, DecryptError> {
        let keys = self.0.iter().map(|key| key as &dyn age::Identity);
        let decryptor = age::Decryptor::new_buffered(age::armor::ArmoredReader::new(sealed))?;
        let mut plain = Vec::new();
        std::io::Read::read_to_end(&mut decryptor.decrypt(keys)?, &mut plain)?;
        Ok(plain)
    }
}
