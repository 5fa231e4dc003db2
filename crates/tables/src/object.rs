//! Objects of an archive, as every description of tables records them. There may be millions, so
//! lists of them are generated while they are written.

use qldb_journal::Hash;
use qldb_journal::archive::source::Found;
use qldb_journal::archive::verify::Examined;
use serde::{Deserialize, Serialize, Serializer};

/// An object whose rows are in the tables.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) size: u64,
    #[serde(with = "hexadecimal")]
    pub(crate) sha256: Option<Hash>,
}

impl Object {
    fn of(Examined { object, checked, .. }: Examined<'_>) -> Self {
        let Found { key, size, .. } = &*object.file.found;
        Self { key: key.clone(), size: *size, sha256: checked.sha256 }
    }

    /// A hash over everything that is recorded of an object.
    pub(crate) fn fingerprint(key: &str, size: u64, sha256: Option<Hash>) -> Hash {
        let sha256 = sha256.as_ref().map_or(&[][..], |hash| hash.as_bytes().as_slice());
        Hash::of(&[&size.to_le_bytes()[..], &[u8::from(sha256.is_empty())], sha256, key.as_bytes()].concat())
    }
}

/// The list of the objects that a function gives.
pub(crate) struct Objects<F>(pub(crate) F);

impl<'a, F: Fn() -> I, I: Iterator<Item = Examined<'a>>> Serialize for Objects<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)().map(Object::of))
    }
}

/// A SHA-256 as `sha256sum` prints it, or `None`.
mod hexadecimal {
    use qldb_journal::Hash;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[allow(clippy::ref_option, reason = "as serde calls it")]
    pub(super) fn serialize<S: Serializer>(hash: &Option<Hash>, serializer: S) -> Result<S::Ok, S::Error> {
        hash.map(Hash::to_hex).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hash>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let hash = |text: String| Hash::from_hex(&text).ok_or_else(|| D::Error::custom("not a SHA-256"));
        text.map(hash).transpose()
    }
}
