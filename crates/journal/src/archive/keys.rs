//! The keys of an export's objects (docs/qldb.md 3.1). Every key is a function of the request, its
//! id and its time, so that a job that runs twice writes the same keys.

use chrono::{DateTime, Utc};

use crate::Encoding;
use crate::request::{Prefix, UniqueId};

/// The folder of an hour.
const HOUR: &str = "%Y/%m/%d/%H";

/// What the keys of one export are derived from.
#[derive(Debug, Clone)]
pub struct ExportKeys {
    /// Prepended unchanged, without adding a slash.
    pub prefix: Prefix,
    /// The export.
    pub export_id: UniqueId,
    /// The strand of its ledger.
    pub strand_id: UniqueId,
    /// When the export was requested; its hour in UTC names the folder of the data objects.
    pub requested: DateTime<Utc>,
    /// How the objects are encoded; determines the extension.
    pub encoding: Encoding,
}

impl ExportKeys {
    /// The key of the manifest that is written first.
    pub fn started_manifest(&self) -> String {
        format!("{}{}.started.manifest", self.prefix, self.export_id)
    }

    /// The key of the manifest that is written last.
    pub fn completed_manifest(&self) -> String {
        format!("{}{}.{}.completed.manifest", self.prefix, self.export_id, self.strand_id)
    }

    /// The key of the object with the blocks `first` to `last`, both inclusive.
    pub fn data_object(&self, first: u64, last: u64) -> String {
        let extension = match self.encoding {
            Encoding::IonText | Encoding::IonBinary => "ion",
            Encoding::Json => "json",
        };
        format!("{}{first}-{last}.{extension}", self.data_objects())
    }

    /// The prefix that exactly the manifests' keys have.
    pub fn manifests(&self) -> String {
        format!("{}{}.", self.prefix, self.export_id)
    }

    /// The prefix of the data objects' keys. The keys of another export of the same journal, requested in the same hour
    /// under the same prefix, have it too.
    pub fn data_objects(&self) -> String {
        format!("{}{}/{}.", self.prefix, self.requested.format(HOUR), self.strand_id)
    }

    /// The longest key that this export can have; if it fits into a store, all keys do.
    pub fn longest(&self) -> String {
        let object = self.data_object(u64::MAX, u64::MAX);
        let manifest = self.completed_manifest();
        if object.len() > manifest.len() { object } else { manifest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(prefix: &str, encoding: Encoding) -> ExportKeys {
        ExportKeys {
            prefix: Prefix::parse(prefix).unwrap(),
            export_id: UniqueId::parse("8UyXulxccYLAsbN1aon7e4").unwrap(),
            strand_id: UniqueId::parse("JdxjkR9bSYB5jMHWcI464T").unwrap(),
            requested: "2019-04-15T22:59:59.999Z".parse().unwrap(),
            encoding,
        }
    }

    #[test]
    fn keys_are_those_of_the_documentation() {
        let keys = keys("nightly/", Encoding::IonText);
        assert_eq!(keys.started_manifest(), "nightly/8UyXulxccYLAsbN1aon7e4.started.manifest");
        assert_eq!(
            keys.completed_manifest(),
            "nightly/8UyXulxccYLAsbN1aon7e4.JdxjkR9bSYB5jMHWcI464T.completed.manifest"
        );
        assert_eq!(keys.data_object(1, 4), "nightly/2019/04/15/22/JdxjkR9bSYB5jMHWcI464T.1-4.ion");
    }

    #[test]
    fn a_prefix_is_joined_as_it_is() {
        assert_eq!(keys("x", Encoding::Json).data_object(0, 0), "x2019/04/15/22/JdxjkR9bSYB5jMHWcI464T.0-0.json");
        assert_eq!(keys("", Encoding::IonBinary).started_manifest(), "8UyXulxccYLAsbN1aon7e4.started.manifest");
        assert!(keys("", Encoding::IonBinary).data_object(0, 0).ends_with(".0-0.ion"));
    }
}
