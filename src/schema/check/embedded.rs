//! JSON that stands within something else: in a parameter, in a part.
//!
//! It is small, and no decoder reads it as JSON, so this is its one reading. It goes onto the tape
//! as it comes, so that a key that stands twice is seen.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::schema::tape::{Kind, TapeBuilder};

/// Puts a document on a tape; false where it is none.
pub(super) fn write(text: &[u8], tape: &mut TapeBuilder) -> bool {
    let mut document = serde_json::Deserializer::from_slice(text);
    Writer(tape).deserialize(&mut document).and_then(|()| document.end()).is_ok()
}

struct Writer<'a>(&'a mut TapeBuilder);

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.begin(Kind::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.begin(if value { Kind::True } else { Kind::False });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.scalar(Kind::Number, &value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.scalar(Kind::Number, &value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0.scalar(Kind::Number, &serde_json::Value::from(value).to_string());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.0.scalar(Kind::String, value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.0.begin(Kind::Array);
        while elements.next_element_seed(Writer(self.0))?.is_some() {}
        self.0.end();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.0.begin(Kind::Object);
        while let Some(key) = members.next_key::<String>()? {
            self.0.key(&key);
            members.next_value_seed(Writer(self.0))?;
        }
        self.0.end();
        Ok(())
    }
}
